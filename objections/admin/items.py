"""What cases were about, a line each: the rows behind the statistics of the channel. Source: R29."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from intake.sources import batches_of
from roster.admin_scope import ScopedAdmin
from roster.enums import Permission

from ..filters import CaseItemFilters
from ..models import CaseItem
from ..words import name_of_charge


@admin.register(CaseItem)
class CaseItemAdmin(ScopedAdmin):
    view_permission = Permission.VIEW_CASES
    filterset_class = CaseItemFilters
    has_history = False
    list_display = ("number", "about", "what", "source", "outcome_shown", "charged", "file")
    list_select_related = ("case__enterprise", "record__kind", "record__authority")
    search_fields = ("case__number", "case__enterprise__name", "case__enterprise__code")
    sortable_by = ()

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("reviewing_items")

    def get_model_perms(self, request: HttpRequest) -> dict[str, bool]:
        """No entry of its own in the menu: the statistics lead here."""
        return {}

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        item = self.found(request, object_id)
        return HttpResponseRedirect(reverse("admin:objections_case_change", args=[item.case_id]))

    @admin.display(description=gettext_lazy("编号"))
    def number(self, item: CaseItem) -> Any:
        return format_html('<span class="nowrap">{}</span>', item.case.number)

    @admin.display(description=gettext_lazy("企业"))
    def about(self, item: CaseItem) -> Any:
        enterprise = item.case.enterprise
        return format_html('{}<br><span class="code">{}</span>', enterprise.name, enterprise.pk)

    @admin.display(description=gettext_lazy("所涉信息"))
    def what(self, item: CaseItem) -> Any:
        if item.record is None:
            return item.get_target_display()
        return format_html("{}<br>{}", item.record.kind, item.record.number or "—")

    @admin.display(description=gettext_lazy("信息来源部门"))
    def source(self, item: CaseItem) -> Any:
        return item.record.authority if item.record else "—"

    @admin.display(description=gettext_lazy("处理"))
    def outcome_shown(self, item: CaseItem) -> Any:
        """In the first place; and by its review, where there was one."""
        said = item.get_outcome_display() or "—"
        reviews = [one.get_outcome_display() for one in item.reviewing_items.all() if one.outcome]
        return said + "".join(_("；复核：{outcome}").format(outcome=one) for one in reviews)

    @admin.display(description=gettext_lazy("差错所在"))
    def charged(self, item: CaseItem) -> str:
        return "、".join(str(name_of_charge(what)) for what in item.charges)

    @admin.display(description=gettext_lazy("文件号"))
    def file(self, item: CaseItem) -> Any:
        return next(iter(batches_of([item.record.source])), "—") if item.record else "—"
