"""Stays on rosters: joins, leaves and moves. Written by the acts on enterprises only."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import quote
from django.db.models import Exists, OuterRef
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from ..admin_scope import ScopedAdmin
from ..enums import Permission
from ..filters import RosterEntryFilter
from ..messages import RULES
from ..models import Enterprise, RosterEntry
from ..resources import RosterEntryResource


@admin.register(RosterEntry)
class RosterEntryAdmin(ScopedAdmin):
    view_permission = Permission.VIEW_ROSTER
    has_history = False
    list_display = (
        "enterprise_shown", "region", "level", "rule_text", "joined_on", "left_on",
        "leave_reason", "recorded_at",
    )  # fmt: skip
    list_select_related = ("region", "enterprise")
    list_display_links = ("enterprise_shown",)
    sortable_by = ()
    ordering = ("-pk",)
    search_fields = ("enterprise__code",)
    search_help_text = _("统一社会信用代码（或开头几位），或企业现名、曾用名中的字词")
    filterset_class = RosterEntryFilter
    export_resource = RosterEntryResource
    fields = (
        "enterprise", "region", "level", "rule_text", "reason", "override", "joined_on",
        "left_on", "leave_reason", "recorded_by", "recorded_at", "retracted_at",
    )  # fmt: skip
    readonly_fields = ("rule_text",)

    def get_queryset(self, request: HttpRequest) -> Any:
        mine = Enterprise.objects.visible_to(request.user).filter(pk=OuterRef("enterprise_id"))
        return super().get_queryset(request).annotate(enterprise_seen=Exists(mine))

    def get_search_results(self, request: Any, queryset: Any, search_term: str) -> Any:
        if not search_term.strip():
            return queryset, False
        return queryset.find(search_term, by=request.user), False

    def history_url(self, request: HttpRequest, obj: Any) -> str:
        """Acts name the enterprise, not its stays; its history is for who may see it today."""
        if not obj.enterprise_seen:
            return ""
        return reverse("admin:roster_enterprise_history", args=[quote(obj.enterprise_id)])

    @admin.display(description=_("企业"))
    def enterprise_shown(self, entry: Any) -> Any:
        """The name only of an enterprise that is still the reader's to see."""
        if not entry.enterprise_seen:
            return entry.enterprise_id
        return f"{entry.enterprise.name}（{entry.enterprise_id}）"

    @admin.display(description=_("列入依据"))
    def rule_text(self, entry: RosterEntry) -> Any:
        return RULES.get(entry.rule, entry.rule)
