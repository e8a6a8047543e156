"""评价结果: the ratings in force, and older ones by run."""

from __future__ import annotations

from django.contrib import admin

from roster.admin_scope import ScopedAdmin
from roster.enums import Permission

from ..models import Rating
from .explanation import ExplainsRatings


@admin.register(Rating)
class RatingAdmin(ExplainsRatings, ScopedAdmin):
    view_permission = Permission.VIEW_RATINGS
    list_display = ("enterprise", "grade", "verdict", "part")
    list_select_related = ("enterprise", "verdict", "part__run", "part__region")
