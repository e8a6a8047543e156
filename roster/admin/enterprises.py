"""Enterprises: what registration says, which roster, and why."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.refusal import NotPermitted

from ..admin_scope import ScopedAdmin, ScopedTabularInline, refusal_shown
from ..enums import Permission
from ..filters import EnterpriseFilter
from ..forms import EnterpriseForm, PlaceForm, ReasonForm
from ..messages import RULES
from ..models import Enterprise, Region, Registration, RosterEntry
from ..queries import is_code_start
from ..resources import EnterpriseResource
from ..scope import require, visible
from ..services import (
    left_own_roster,
    override_place,
    register_enterprise,
    release_place,
)

SOURCE = "页面登记"


class RegistrationInline(ScopedTabularInline):
    model = Registration
    view_permission = Permission.VIEW_ROSTER
    with_parent = True
    verbose_name_plural = gettext_lazy("登记信息历次版本")
    fields = (
        "name", "address", "region", "industry", "affiliation", "monopoly", "status", "since",
        "until", "source", "recorded_by", "recorded_at",
    )  # fmt: skip
    ordering = ("-recorded_at", "-pk")
    classes = ("collapse",)

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("region", "industry")


class EntryInline(ScopedTabularInline):
    model = RosterEntry
    view_permission = Permission.VIEW_ROSTER
    with_parent = True
    verbose_name_plural = gettext_lazy("名录变动")
    fields = (
        "region", "level", "rule_text", "reason", "joined_on", "left_on", "leave_reason",
        "recorded_by", "recorded_at",
    )  # fmt: skip
    readonly_fields = ("rule_text",)
    ordering = ("-recorded_at", "-pk")
    classes = ("collapse",)

    def get_queryset(self, request: HttpRequest) -> Any:
        live = super().get_queryset(request).filter(retracted_at__isnull=True)
        return live.select_related("region")

    @admin.display(description=gettext_lazy("列入依据"))
    def rule_text(self, entry: RosterEntry) -> Any:
        return RULES.get(entry.rule, entry.rule)


@admin.register(Enterprise)
class EnterpriseAdmin(ScopedAdmin):
    form = EnterpriseForm
    view_permission = Permission.VIEW_ROSTER
    add_permission = Permission.EDIT_ROSTER
    change_permission = Permission.EDIT_ROSTER
    version_field = "version"
    list_display = ("code", "name", "region", "keeper", "industry", "status")
    list_select_related = ("region", "keeper", "industry")
    sortable_by = ("code",)
    search_fields = ("code", "name_key")
    search_help_text = gettext_lazy(
        "统一社会信用代码（或开头几位）、注册号，或企业现名、曾用名中的字词"
    )
    filterset_class = EnterpriseFilter
    export_resource = EnterpriseResource
    file_layouts = ("roster",)
    autocomplete_fields = ("region", "industry")
    inlines = (EntryInline, RegistrationInline)
    readonly_fields = ("keeper", "placing")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    "code", "name", "former_names", "registration_number", "legal_representative",
                    "address", "region", "industry", "status", "status_on", "established_on",
                )
            },
        ),
        (gettext_lazy("列入名录"), {"fields": ("affiliation", "monopoly", "keeper", "placing")}),
    )  # fmt: skip

    def search_scatters(self, query: str) -> bool:
        return bool(query) and not is_code_start(query)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.readonly_fields if obj is None else ("code", *self.readonly_fields)

    def get_inlines(self, request: HttpRequest, obj: Any) -> Any:
        return () if obj is None else self.inlines

    @admin.display(description=gettext_lazy("列入依据"))
    def placing(self, enterprise: Enterprise) -> Any:
        if not enterprise.pk:
            return _("保存后按隶属关系和注册地确定（二（二））")
        entry = RosterEntry.objects.current().filter(enterprise=enterprise).first()
        if entry is None:
            return _("不在名录：%s") % enterprise.get_status_display()
        text = RULES.get(entry.rule, entry.rule)
        return f"{text}\n{_('理由')}：{entry.reason}" if entry.reason else text

    def get_tools(self, request: HttpRequest) -> Any:
        return (*self.extra_tools, self._place_tool)

    def _place_tool(self, request: HttpRequest, enterprise: Enterprise) -> Any:
        if enterprise.keeper_id and self.has_change_permission(request, enterprise):
            return _("指定名录"), f"{self.change_url(enterprise).removesuffix('change/')}place/"
        return None

    def write(self, request: HttpRequest, *, form: Any, formsets: Any, change: bool) -> Any:
        answer = register_enterprise(
            by=request.user,
            code=form.instance.pk,
            given=form.given(),
            source=SOURCE,
            on=localdate(),
            version=self.seen_version(request) if change else 0,
        )
        if answer.moves and change:
            self._say_where(request, form.instance.pk)
        return Enterprise(pk=answer.code)

    def changeform_view(
        self, request: HttpRequest, object_id: Any = None, form_url: str = "",
        extra_context: Any = None,
    ) -> Any:  # fmt: skip
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except (NotPermitted, PermissionDenied):
            self._refuse_left(request, object_id)
            raise

    def _refuse_left(self, request: HttpRequest, object_id: str | None) -> None:
        """Raise Refused for a form whose enterprise has left the own roster since it was read."""
        if request.method == "POST" and object_id is not None:
            left = left_own_roster(request.user, unquote(object_id))  # type: ignore[arg-type]
            if left is not None:
                raise left

    def _say_where(self, request: HttpRequest, code: str) -> None:
        enterprise = Enterprise.objects.select_related("keeper").get(pk=code)
        if enterprise.keeper is None:
            self.message_user(
                request, _("该企业已移出名录：%s。") % enterprise.get_status_display()
            )
        else:
            self.message_user(request, _("该企业现列入“%s”的名录。") % enterprise.keeper)

    # --- placing by hand -----------------------------------------------------------------------

    def get_own_urls(self) -> list[Any]:
        return [
            self.own_path("<path:object_id>/place/", self.place_view, "place"),
            self.own_path("<path:object_id>/release/", self.release_view, "release"),
        ]

    def held(self, request: HttpRequest, object_id: str) -> Enterprise:
        """The enterprise of a page's address, for the unit that keeps it.

        Raises NotPermitted, or Refused when it has left that unit's roster since.
        """
        try:
            enterprise = self.found(request, object_id)
            require(request.user, Permission.EDIT_ROSTER, enterprise)  # type: ignore[arg-type]
        except NotPermitted:
            self._refuse_left(request, object_id)
            raise
        return enterprise

    def place_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Put the enterprise on a roster by hand, with a reason."""
        enterprise = self.held(request, object_id)
        regions = visible(Region.objects.effective_on(localdate()), request.user)
        form = PlaceForm(request.POST or None, regions=regions)
        entry = RosterEntry.objects.current().filter(enterprise=enterprise).first()
        return self._by_hand(
            request, enterprise, form, override_place, _("指定名录"),
            release=f"{self.change_url(enterprise).removesuffix('change/')}release/"
            if entry is not None and entry.override else "",
        )  # fmt: skip

    def release_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Let the rule place the enterprise again."""
        enterprise = self.held(request, object_id)
        form = ReasonForm(request.POST or None)
        return self._by_hand(request, enterprise, form, release_place, _("恢复按规则列入"))

    def _by_hand(
        self, request: HttpRequest, enterprise: Enterprise, form: PlaceForm | ReasonForm,
        act: Callable[..., Any], title: str, release: str = "",
    ) -> HttpResponse:  # fmt: skip
        """Ask for the reason, and call the act with what the form says."""
        status = 200
        if request.method == "POST" and form.is_valid():
            with refusal_shown(request, target=enterprise, form=form):
                act(
                    by=request.user,
                    code=enterprise.pk,
                    on=localdate(),
                    version=self.seen_version(request),
                    **form.given(),
                )
                return self._placed(request, Enterprise.objects.get(pk=enterprise.pk))
            status = 409
        return self.page(
            request,
            "roster/place.html",
            obj=enterprise,
            status=status,
            title=title,
            form=form,
            button=title,
            placing=self.placing(enterprise),
            release=release,
            back=self.change_url(enterprise),
            seen=self.seen(request, enterprise),
        )

    def _placed(self, request: HttpRequest, enterprise: Enterprise) -> HttpResponse:
        self._say_where(request, enterprise.pk)
        still = self.get_object(request, enterprise.pk) is not None
        return HttpResponseRedirect(
            self.change_url(enterprise) if still else self.page_url("changelist")
        )
