"""评价标准: what counts as what, the limits, the grades, and how open points are read."""

from __future__ import annotations

from django.contrib import admin

from roster.admin_scope import ScopedAdmin
from roster.enums import Permission

from ..models import Scheme


@admin.register(Scheme)
class SchemeAdmin(ScopedAdmin):
    view_permission = Permission.VIEW_REFERENCE
    list_display = ("__str__", "state", "window_months", "general_limit", "published_at")
