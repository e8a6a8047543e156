"""QuerySets of the intake room."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from functools import reduce
from operator import or_
from typing import Self

from django.db import models
from django.db.models import Exists, OuterRef, Q

from . import layouts
from .enums import FINISHED, WAITING_FOR_WORK


class BatchQuerySet(models.QuerySet):
    def of(self, username: str) -> BatchQuerySet:
        """Batches a person brought."""
        return self.filter(uploader=username)

    def waiting_for_work(self, at: dt.datetime) -> BatchQuerySet:
        """Batches that a worker must take up: none has, or the one that had is gone."""
        return self.filter(
            Q(lease_until__isnull=True) | Q(lease_until__lt=at), state__in=WAITING_FOR_WORK
        )

    def known_here(self) -> BatchQuerySet:
        """Batches of a kind and edition that this program knows; the others are a newer one's."""
        return self.filter(_known())

    def left_to_newer(self) -> BatchQuerySet:
        """Unfinished batches that this program leaves alone."""
        return self.exclude(_known()).exclude(state__in=FINISHED)

    def instants_taken_back(self, among: Iterable[dt.datetime]) -> frozenset[dt.datetime]:
        """Of some instants those at which a file was taken back. What ended then was undone: nobody
        decided that it was wrong, and it stands in the way of nothing that is given later."""
        found = self.filter(taken_back_at__in=set(among))
        return frozenset(found.values_list("taken_back_at", flat=True))

    def undone_among(self, merged: Iterable[dt.datetime]) -> dict[dt.datetime, dt.datetime]:
        """Of some instants those at which a file was merged that was taken back later, and when;
        the newest first."""
        found = self.filter(merged_at__in=set(merged), taken_back_at__isnull=False)
        return dict(found.order_by("-merged_at").values_list("merged_at", "taken_back_at"))

    def not_announced_since(self, at: dt.datetime) -> BatchQuerySet:
        """Batches nobody was told about lately."""
        return self.filter(Q(announced_at__isnull=True) | Q(announced_at__lt=at))


def _known() -> Q:
    known = (Q(layout=one.key, edition__lte=one.edition) for one in layouts.all())
    return reduce(or_, known, Q(pk__in=()))


class StoredFileQuerySet(models.QuerySet):
    def unnamed(self) -> Self:
        """Files that no row of any room above names, by whatever foreign key."""
        found = self
        for one in self.model._meta.get_fields(include_hidden=True):
            if one.auto_created and not one.concrete:
                rows = one.related_model._base_manager.filter(**{one.field.name: OuterRef("pk")})
                found = found.filter(~Exists(rows))
        return found
