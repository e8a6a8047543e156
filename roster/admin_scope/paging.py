"""Pages of a list whose length nobody waits for."""

from __future__ import annotations

from functools import cached_property

from django.core.paginator import Paginator
from django.db.models import QuerySet


class CappedPaginator(Paginator):
    """Counts at most `cap` rows, so a list of three million costs what a list of ten thousand does.

    `is_capped` says that there are more; they are reached by searching and filtering.
    """

    cap = 10_000

    @cached_property
    def _found(self) -> int:
        if isinstance(self.object_list, QuerySet):
            return self.object_list.order_by().values("pk")[: self.cap + 1].count()
        return len(self.object_list)

    @cached_property
    def count(self) -> int:
        return min(self._found, self.cap)

    @property
    def is_capped(self) -> bool:
        return self._found > self.cap
