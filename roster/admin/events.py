"""The audit log, for audit administrators. Nobody changes it."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import admin
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from audit.labels import label, sentence
from audit.models import Event

from ..admin_scope import ScopedAdmin
from ..enums import Permission
from ..filters import EventFilter
from ..resources import EventResource


@admin.register(Event)
class EventAdmin(ScopedAdmin):
    view_permission = Permission.VIEW_AUDIT
    has_history = False
    list_display = (
        "number", "at", "actor", "agency", "act_name", "outcome", "target_label",
    )  # fmt: skip
    sortable_by = ()
    ordering = ("-number",)
    search_fields = ("actor",)
    search_help_text = _("操作人账号，或对象编号（如统一社会信用代码），须完整")
    filterset_class = EventFilter
    export_resource = EventResource
    fields = (
        "number", "at", "sentence", "actor", "agency", "region", "act_name", "outcome",
        "target_type", "target_id", "target_label", "details_text", "previous_hash", "hash",
    )  # fmt: skip
    readonly_fields = ("sentence", "act_name", "details_text")

    def get_search_results(self, request: Any, queryset: Any, search_term: str) -> Any:
        """Whole words only: each can use an index of a table that only grows."""
        term = search_term.strip()
        if not term:
            return queryset, False
        return queryset.filter(actor=term) | queryset.touching(term), False

    @admin.display(description=_("事项"))
    def act_name(self, event: Event) -> str:
        return label(event.act)

    @admin.display(description=_("概述"))
    def sentence(self, event: Event) -> str:
        return sentence(event)

    @admin.display(description=_("详情"))
    def details_text(self, event: Event) -> Any:
        text = json.dumps(event.details, ensure_ascii=False, indent=2)
        return format_html(
            '<details><summary>{}</summary><pre class="details">{}</pre></details>',
            _("原始记录"),
            text,
        )
