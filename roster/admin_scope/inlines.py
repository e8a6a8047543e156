"""Rows of another table on a change page."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest

from audit.refusal import NotPermitted

from ..enums import Permission
from ..scope import may, visible
from .fields import ScopedFieldsMixin


class ScopedInlineFormSet(BaseInlineFormSet):
    """A tampered row key or count answers like a row that is not there."""

    def _construct_form(self, i: int, **kwargs: Any) -> Any:
        try:
            return super()._construct_form(i, **kwargs)
        except (IndexError, KeyError, ValueError):
            raise NotPermitted("roster.not_permitted") from None


class ScopedInlineMixin(ScopedFieldsMixin):
    """Read-only unless a class declares who may add, change or delete.

    `with_parent`: whoever sees the parent sees all of these rows.
    """

    view_permission: Permission
    add_permission: Permission | None = None
    change_permission: Permission | None = None
    delete_permission: Permission | None = None
    with_parent = False
    extra = 0
    formset = ScopedInlineFormSet
    show_change_link = False

    def get_queryset(self, request: HttpRequest) -> Any:
        rows = super().get_queryset(request)  # type: ignore[misc]
        return rows if self.with_parent else visible(rows, request.user)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may(request.user, self.view_permission)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(self.add_permission) and may(request.user, self.add_permission)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(self.change_permission) and may(request.user, self.change_permission)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(self.delete_permission) and may(request.user, self.delete_permission)


class ScopedTabularInline(ScopedInlineMixin, admin.TabularInline):
    pass


class ScopedStackedInline(ScopedInlineMixin, admin.StackedInline):
    pass
