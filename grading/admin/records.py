"""失信信息: what authorities decided, and its correction."""

from __future__ import annotations

from django.contrib import admin

from records.models import Record
from roster.admin_scope import ScopedAdmin
from roster.enums import Permission


@admin.register(Record)
class RecordAdmin(ScopedAdmin):
    view_permission = Permission.VIEW_RECORDS
    list_display = ("enterprise", "kind", "number", "authority", "decided_on", "ended_on")
    list_select_related = ("enterprise", "kind", "authority")
