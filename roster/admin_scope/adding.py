"""Rows that are added once, also when the form is sent twice."""

from __future__ import annotations

from typing import Any, ClassVar

from django.http import HttpRequest

from ..stale import just_done
from .base import ScopedAdmin


class AddingAdmin(ScopedAdmin):
    """A form sent again has the answer of the first time."""

    adding: ClassVar[str]
    """The act that adds one."""

    def same_as(self, given: dict[str, Any]) -> Any:
        """The row that says what a form says, if any."""
        raise NotImplementedError

    def sent_twice(self, request: HttpRequest, object_id: str | None) -> Any:
        form = self.get_form(request)(request.POST)
        if object_id is not None or not form.is_valid():
            return None
        row, username = self.same_as(form.cleaned_data), request.user.get_username()
        return row if row and just_done(row, username=username, act=self.adding) else None
