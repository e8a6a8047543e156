"""Names of the people whose accounts stand in a row."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from roster.models import User


def names_of(usernames: Iterable[str]) -> dict[str, str]:
    """How each account is called on a page, in one query; an unknown one by itself."""
    wanted = {name for name in usernames if name}
    found = {user.username: str(user) for user in User.objects.filter(username__in=wanted)}
    return defaultdict(str, {name: found.get(name, name) for name in wanted})


__all__ = ["names_of"]
