"""Regions, reporting lines, industries, agencies."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from ..admin_scope import ScopedAdmin, ScopedImportMixin, ScopedTabularInline
from ..enums import Permission
from ..filters import AgencyFilter, IndustryFilter, RegionFilter, ReportingFilter
from ..forms import AgencyForm, AgencyNameForm, ReportingForm
from ..models import Agency, AgencyName, Industry, Region, Reporting
from ..resources import AgencyResource, IndustryResource, RegionResource, ReportingResource
from ..standing_map import take_map
from ..tables import hold_agencies, save_agency, save_industry, save_region, set_superior


class ReferenceAdmin(ScopedImportMixin, ScopedAdmin):
    """A reference table: everybody with a post reads it, system administrators keep it."""

    view_permission = Permission.VIEW_REFERENCE
    add_permission = Permission.MANAGE_REFERENCE
    change_permission = Permission.MANAGE_REFERENCE
    import_permission = Permission.MANAGE_REFERENCE

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """The code of a row is its identity and never changes."""
        return ("code",) if obj is not None and hasattr(obj, "code") else ()


@admin.register(Region)
class RegionAdmin(ReferenceAdmin):
    list_display = ("code", "full_name", "level", "kind", "since", "until")
    search_fields = ("code", "full_name")
    search_help_text = _("区划代码或名称")
    filterset_class = RegionFilter
    export_resource = import_resource = RegionResource
    fields = ("code", "name", "full_name", "level", "kind", "since", "until")

    def lock_before(self) -> None:
        take_map()

    def write(self, request: HttpRequest, *, form: Any, formsets: Any, change: bool) -> Any:
        return save_region(by=request.user, region=form.instance, on=localdate())


@admin.register(Reporting)
class ReportingAdmin(ReferenceAdmin):
    form = ReportingForm
    change_permission = None
    list_display = ("region", "superior", "since", "until")
    list_select_related = ("region", "superior")
    search_fields = ("region__code", "region__full_name")
    search_help_text = _("区划代码或名称")
    filterset_class = ReportingFilter
    export_resource = import_resource = ReportingResource
    fields = ("region", "superior", "since")
    autocomplete_fields = ("region", "superior")
    ordering = ("region", "-since")

    def write(self, request: HttpRequest, *, form: Any, formsets: Any, change: bool) -> Any:
        given = form.cleaned_data
        return set_superior(
            by=request.user,
            region=given["region"],
            superior=given["superior"],
            since=given["since"],
        )


@admin.register(Industry)
class IndustryAdmin(ReferenceAdmin):
    list_display = ("code", "name", "section")
    search_fields = ("code", "name")
    search_help_text = _("代码或名称")
    filterset_class = IndustryFilter
    export_resource = import_resource = IndustryResource
    fields = ("code", "name", "section")

    def write(self, request: HttpRequest, *, form: Any, formsets: Any, change: bool) -> Any:
        return save_industry(by=request.user, industry=form.instance)


class AgencyNameInline(ScopedTabularInline):
    model = AgencyName
    form = AgencyNameForm
    view_permission = Permission.VIEW_REFERENCE
    add_permission = Permission.MANAGE_REFERENCE
    change_permission = Permission.MANAGE_REFERENCE
    delete_permission = Permission.MANAGE_REFERENCE
    fields = ("name",)


@admin.register(Agency)
class AgencyAdmin(ReferenceAdmin):
    form = AgencyForm
    list_display = ("name", "code", "region", "kind", "field", "until")
    list_select_related = ("region",)
    search_fields = ("code", "name", "other_names__name")
    search_help_text = _("机构名称、曾用名或代码")
    filterset_class = AgencyFilter
    export_resource = import_resource = AgencyResource
    fields = ("code", "name", "region", "kind", "field", "since", "until")
    autocomplete_fields = ("region",)
    inlines = (AgencyNameInline,)

    def lock_before(self) -> None:
        hold_agencies()

    def also_seen(self, obj: Any) -> tuple[str, ...]:
        return tuple(obj.other_names.order_by("pk").values_list("name", flat=True))

    def write(self, request: HttpRequest, *, form: Any, formsets: Any, change: bool) -> Any:
        names = [
            row.cleaned_data["name"]
            for formset in formsets
            for row in formset.forms
            if row.cleaned_data.get("name") and not row.cleaned_data.get("DELETE")
        ]
        return save_agency(by=request.user, agency=form.instance, on=localdate(), names=names)
