"""Filters of the inbox."""

from __future__ import annotations

from typing import Any

import django_filters as filters
from django.utils.translation import gettext_lazy as _

from roster.admin_scope.filters import DaysFilter, ScopedFilterSet

from .models import Notice
from .queries import NoticeQuerySet

UNREAD, ALL = "unread", "all"


class NoticeFilters(ScopedFilterSet):
    state = filters.ChoiceFilter(
        label=_("状态"),
        choices=[(UNREAD, _("未读")), (ALL, _("全部"))],
        empty_label=None,
        method="of_state",
    )
    told_at = DaysFilter(label=_("发出时间"))

    class Meta:
        model = Notice
        fields = ()

    def filter_queryset(self, queryset: Any) -> Any:
        found = super().filter_queryset(queryset)
        return found if self.form.cleaned_data.get("state") else found.unread_by(self.request.user)

    def of_state(self, rows: NoticeQuerySet, name: str, value: str) -> NoticeQuerySet:
        return rows if value == ALL else rows.unread_by(self.request.user)
