"""Actions on selected rows of a list."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Model

from audit.refusal import NotPermitted

from ..scope import may


def scoped_action(*, description: Any, permission: str) -> Callable[[Any], Any]:
    """Mark a method of a `ScopedAdmin` as an action for people who hold a permission.

    It gets the selected rows the user may see; the service it calls asks again for each.
    """

    def mark(action: Any) -> Any:
        action.short_description = description
        action.permission = permission
        return action

    return mark


def allowed(actions: Iterable[tuple[Any, str, Any]], user: Any) -> list[tuple[Any, str, Any]]:
    """The actions a user may take. One without a permission is nobody's."""
    return [
        found
        for found in actions
        if getattr(found[0], "permission", None) and may(user, found[0].permission)
    ]


def require_keys(model: type[Model], values: Iterable[str]) -> None:
    """Raise NotPermitted for a selected key that cannot be one, like a row that is not there."""
    field: Any = model._meta.pk
    try:
        for value in values:
            field.to_python(value)
    except (ValidationError, ValueError):
        raise NotPermitted("roster.not_permitted") from None
