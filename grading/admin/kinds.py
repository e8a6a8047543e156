"""信用评价信息构成表: the kinds of information, and as what each counts. Source: R20–R24."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from records.models import Kind
from records.resources import KindResource
from records.tables import save_kind
from roster.admin_scope import ScopedAdmin, ScopedImportMixin
from roster.enums import Permission

from ..enums import Weight
from ..models import Scheme, SchemeKind
from ..wording import counted_in_words

TABLE_ROWS = 500
"""The table is one page: it is read as a whole."""


@admin.register(Kind)
class KindAdmin(ScopedImportMixin, ScopedAdmin):
    view_permission = Permission.VIEW_REFERENCE
    add_permission = Permission.EDIT_KINDS
    change_permission = Permission.EDIT_KINDS
    import_permission = Permission.EDIT_KINDS
    import_resource = export_resource = KindResource
    list_display = ("name", "code", "clause")
    search_fields = ("name", "code")
    search_help_text = gettext_lazy("信息类别或代码")
    list_per_page = TABLE_ROWS
    ordering = ("order", "code")
    sortable_by = ()
    change_list_template = "grading/kinds.html"
    fields = (
        "code", "name", "category", "shape", "counting_date", "clause", "note", "list_names",
        "order", "since", "until",
    )  # fmt: skip

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """The code of a kind is its identity: schemes and records name it."""
        return ("code",) if obj is not None else ()

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        response = super().changelist_view(request, extra_context)
        changelist = getattr(response, "context_data", {}).get("cl")
        if changelist is not None:
            scheme = Scheme.objects.newest_published()
            response.context_data |= {  # type: ignore[attr-defined]
                "scheme": scheme,
                "groups": _groups(changelist.result_list, scheme),
            }
        return response

    def write(self, request: HttpRequest, *, form: Any, formsets: Any, change: bool) -> Any:
        return save_kind(by=request.user, kind=form.instance)  # type: ignore[arg-type]


def _groups(kinds: Any, scheme: Scheme | None) -> list[dict[str, Any]]:
    """The table as the policy prints it: by nature of the information."""
    counting = {item.kind_id: item for item in scheme.kinds.all()} if scheme else {}
    return [
        {
            "title": rows[0].get_category_display(),
            "rows": [{"kind": kind, **_counts(counting.get(kind.pk))} for kind in rows],
        }
        for rows in (list(found) for _key, found in groupby(kinds, lambda kind: kind.category))
    ]


def _counts(counting: SchemeKind | None) -> dict[str, Any]:
    """As what a kind counts in the scheme, and when."""
    if counting is None:
        return {"weight": _("不计"), "when": _("本标准未列")}
    if counting.weight == Weight.NONE:
        return {"weight": counting.get_weight_display(), "when": ""}
    return {
        "weight": counting.get_weight_display(),
        "when": counted_in_words(
            counting.weight, in_window=counting.in_window, while_open=counting.while_open
        ),
    }
