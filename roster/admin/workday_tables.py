"""The holiday calendar and the dated limits: data of a room that knows no users."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.refusal import NotPermitted
from workdays.models import CalendarDay, CalendarYear, Limit
from workdays.services import load_calendar, set_limit

from ..admin_scope import ScopedAdmin
from ..enums import Permission
from ..filters import CalendarDayFilter, LimitFilter
from ..forms import CalendarForm
from ..resources import CalendarDayResource, LimitResource
from ..scope import may
from .places import ReferenceAdmin


@admin.register(CalendarYear)
class CalendarYearAdmin(ScopedAdmin):
    view_permission = Permission.VIEW_REFERENCE
    list_display = ("year", "source", "loaded_at", "loaded_by")


@admin.register(CalendarDay)
class CalendarDayAdmin(ScopedAdmin):
    """Days come in by whole years: half a calendar gives wrong deadlines without a word."""

    view_permission = Permission.VIEW_REFERENCE
    list_display = ("date", "kind", "festival")
    search_fields = ("festival",)
    search_help_text = gettext_lazy("节日名称")
    filterset_class = CalendarDayFilter
    export_resource = CalendarDayResource

    def get_own_urls(self) -> list[Any]:
        return [self.own_path("load/", self.load_view, "load")]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        mine = may(request.user, Permission.MANAGE_REFERENCE)
        tools = [(_("载入年度安排"), self.page_url("load"))] if mine else []
        return super().changelist_view(request, {"list_tools": tools, **(extra_context or {})})

    def load_view(self, request: HttpRequest) -> HttpResponse:
        if not may(request.user, Permission.MANAGE_REFERENCE):
            raise NotPermitted("roster.not_permitted")
        form = CalendarForm(request.POST or None, request.FILES or None)
        if request.method == "POST" and form.is_valid():
            years = load_calendar(
                by=request.user,
                content=form.cleaned_data["file"].read(),
                source=form.cleaned_data["source"],
            )
            said = "、".join(map(str, years))
            self.message_user(
                request, _("已载入：%s。") % said if years else _("与已载入的安排一致，没有变化。")
            )
            return HttpResponseRedirect(self.page_url("changelist"))
        return self.page(
            request,
            "roster/form.html",
            title=_("载入年度放假调休安排"),
            form=form,
            button=_("载入"),
            back=self.page_url("changelist"),
        )


@admin.register(Limit)
class LimitAdmin(ReferenceAdmin):
    """A limit is never changed: a new one comes into force on a day."""

    change_permission = None
    list_display = ("code", "name", "days", "unit", "source", "since", "until")
    search_fields = ("code", "name")
    search_help_text = gettext_lazy("时限代码或名称")
    filterset_class = LimitFilter
    export_resource = import_resource = LimitResource
    fields = ("code", "name", "days", "unit", "source", "since")

    def get_form(self, request: Any, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        form.validate_constraints = _without_constraints
        return form

    def write(self, request: HttpRequest, *, form: Any, formsets: Any, change: bool) -> Any:
        return set_limit(by=request.user, **form.cleaned_data)


def _without_constraints(form: Any) -> None:
    """The service ends the limit in force first, so two open ones are no fault here."""
