"""评价标准 and 评价周期: what counts as what, how open points are read, and when runs are due."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from audit import once
from audit.refusal import NotPermitted
from records.models import Kind
from roster.admin_scope import ScopedAdmin, refusal_shown
from roster.enums import Permission
from roster.scope import may

from ..engine import rules_for
from ..enums import Weight
from ..filters import ScheduleFilter, SchemeFilter
from ..forms import DraftForm, ScheduleForm
from ..models import RunSchedule, Scheme
from ..schemes import (
    Draft,
    copy_scheme,
    differences,
    end_schedule,
    fingerprint,
    save_draft,
    set_schedule,
)
from ..wording import READINGS_OF_RULES, SCHEME_READINGS, counted_in_words, rule_in_words


@admin.register(Scheme)
class SchemeAdmin(ScopedAdmin):
    view_permission = Permission.VIEW_REFERENCE
    list_display = ("__str__", "state", "window_months", "general_limit", "published_at")
    filterset_class = SchemeFilter

    def get_own_urls(self) -> list[URLPattern]:
        return [
            self.own_path("<int:scheme_id>/copy/", self.copy_view, "copy"),
            self.own_path("<int:scheme_id>/edit/", self.edit_view, "edit"),
        ]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        scheme = self.found(request, object_id)
        said = Draft.of(scheme)
        kinds = Kind.objects.in_bulk(list(said.kinds))
        return self.page(
            request,
            "grading/scheme.html",
            obj=scheme,
            title=str(scheme),
            scheme=scheme,
            grades=scheme.grades.order_by("order"),
            rules=_rules(scheme),
            kinds=[
                {
                    "kind": kind,
                    "weight": Weight(said.kinds[code].weight).label,
                    "counts": said.kinds[code].weight != Weight.NONE,
                    "scope": counted_in_words(
                        said.kinds[code].weight,
                        in_window=said.kinds[code].in_window,
                        while_open=said.kinds[code].while_open,
                    ),
                }
                for code, kind in sorted(kinds.items(), key=lambda item: item[1].order)
            ],
            readings=SCHEME_READINGS,
            changes=_changes(scheme, said, kinds),
            may_edit=may(request.user, Permission.EDIT_SCHEME),
        )

    def copy_view(self, request: HttpRequest, scheme_id: int) -> HttpResponse:
        self.found(request, str(scheme_id))
        if request.method != "POST":
            return HttpResponseRedirect(_page("change", scheme_id))
        draft = copy_scheme(by=request.user, scheme_id=scheme_id)
        messages.success(request, _("已复制为草案，可以修改。"))
        return HttpResponseRedirect(_page("edit", draft.pk))

    def edit_view(self, request: HttpRequest, scheme_id: int) -> HttpResponse:
        scheme = self.found(request, str(scheme_id))
        if not may(request.user, Permission.EDIT_SCHEME):
            raise NotPermitted("roster.not_permitted")
        if not scheme.is_draft:
            return HttpResponseRedirect(_page("change", scheme_id))
        form = DraftForm(request.POST or None, scheme=scheme)
        status = 200
        if request.method == "POST" and form.is_valid():
            with refusal_shown(request, target=scheme, form=form):
                save_draft(
                    by=request.user,
                    scheme_id=scheme_id,
                    seen=request.POST.get(once.SEEN, ""),
                    said=form.draft,
                )
                messages.success(request, _("草案已保存。"))
                return HttpResponseRedirect(_page("change", scheme_id))
            status = 409
        return self.page(
            request,
            "grading/scheme_edit.html",
            obj=scheme,
            status=status,
            title=_("编制草案"),
            scheme=scheme,
            form=form,
            seen=self.seen(request, scheme),
        )

    def seen_state(self, obj: Any) -> str:
        return fingerprint(Draft.of(obj))


def _page(name: str, scheme_id: int) -> str:
    return reverse(f"admin:grading_scheme_{name}", args=(scheme_id,))


def _rules(scheme: Scheme) -> list[dict[str, Any]]:
    """The rules in the order in which they are asked."""
    return [
        {
            "grade": rule.grade,
            "words": rule_in_words(rule.code, scheme=scheme),
            "clause": rule.clause,
            "readings": READINGS_OF_RULES.get(rule.code, ()),
        }
        for rule in rules_for(scheme)
    ]


def _changes(scheme: Scheme, said: Draft, kinds: dict[str, Kind]) -> list[dict[str, str]]:
    """How a version differs from the one it was copied from, in words."""
    if scheme.based_on is None:
        return []
    return [
        {
            "what": str(kinds.get(what) or _label(what)),
            "before": _in_words(before) if what in kinds else before,
            "after": _in_words(after) if what in kinds else after,
        }
        for what, before, after in differences(Draft.of(scheme.based_on), said)
        if what != "note"
    ]


def _label(what: str) -> str:
    names = {field.name: field.verbose_name for field in Scheme._meta.concrete_fields}
    return str(names[what]) if what in names else _("%(grade)s类") % {"grade": what}


def _in_words(effect: str) -> str:
    weight, *flags = effect.split("|")
    if not flags:
        return str(Weight(weight).label)
    in_window, while_open = (flag == "1" for flag in flags)
    scope = counted_in_words(weight, in_window=in_window, while_open=while_open)
    return f"{Weight(weight).label}，{scope}"


@admin.register(RunSchedule)
class RunScheduleAdmin(ScopedAdmin):
    """A cycle is never changed: it ends on a day, and another one begins."""

    view_permission = Permission.VIEW_REFERENCE
    add_permission = Permission.EDIT_SCHEME
    change_permission = Permission.EDIT_SCHEME
    form = ScheduleForm
    list_display = ("__str__", "wait_days", "since", "until", "newest_date")
    filterset_class = ScheduleFilter

    @admin.display(description=_("最近的评价基准日"))
    def newest_date(self, schedule: RunSchedule) -> Any:
        return schedule.cycle.newest_before(timezone.localdate())

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("kind", "month", "day", "wait_days", "since") if obj is not None else ()

    def write(self, request: HttpRequest, *, form: Any, formsets: Any, change: bool) -> Any:
        given = form.cleaned_data
        if not change:
            return set_schedule(by=request.user, **given)
        if given["until"] is None or "until" not in form.changed_data:
            return None
        return end_schedule(by=request.user, schedule_id=form.instance.pk, until=given["until"])
