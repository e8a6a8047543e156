"""What must hold after any fault: nothing lost, doubled, different, or left lying about."""

from __future__ import annotations

import os
from collections import Counter
from io import StringIO
from pathlib import Path
from typing import Any

from django.core.management import CommandError, call_command
from django.db.models import Q

from audit.models import EventTarget
from credit_portal.sweep import sweep
from grading.models import Rating, Run
from grading.replay import verify_run
from intake import limits, store
from intake.models import Batch, BatchLine, BatchSlice
from roster.models import Enterprise, Registration, RosterEntry


def wrong_with_run(run: Run, *, digest: str) -> list[str]:
    """In what a run differs from a clean one with that digest; empty when in nothing."""
    run = Run.objects.select_related("scheme").get(pk=run.pk)
    found = []
    if (run.state, run.digest) != ("computed", digest):
        found.append(f"{run.state} with digest {run.digest}, not {digest}")
    rated = Counter(Rating.objects.filter(part__run=run).values_list("enterprise", flat=True))
    sizes = sum(run.parts.values_list("size", flat=True))
    if len(rated) != sizes or set(rated.values()) - {1}:
        found.append(f"{rated.total()} ratings of {len(rated)} enterprises, {sizes} on the roster")
    if not (replay := verify_run(run)).ok:
        found.append(str(replay.first_bad))
    if (told := events("grading.run_computed", run)) != 1:
        found.append(f"{told} events that it was computed")
    return found


def events(act: str, target: Any) -> int:
    """How often an act on something was carried out."""
    named = EventTarget.objects.filter(
        target_type=target._meta.label_lower, target_id=str(target.pk), event__act=act
    )
    return named.filter(event__outcome="done").count()


def wrong_with_books() -> list[str]:
    """What `manage.py verify` says: chain, kept rows, current runs, ratings in force."""
    try:
        call_command("verify", stdout=StringIO())
    except CommandError as wrong:
        return [str(wrong)]
    return []


def orphans() -> list[str]:
    """Stored copies that belong to no file, after the sweep of a later day."""
    folder = store.folder()
    for path in folder.iterdir():
        _age(path)
    sweep()
    known = set(Batch.objects.values_list("copy_name", flat=True))
    return sorted(path.name for path in folder.iterdir() if path.name not in known)


def _age(path: Path) -> None:
    before = path.stat().st_mtime - limits.ORPHAN_HOURS * 3600 - 1
    os.utime(path, (before, before))


PASSING = {"id", "batch_id", "recorded_at", "retracted_at", "source", "first_known_at"}
"""Keys, instants and names of files: other in every file, whatever happened."""


def taken_in(batch: Batch, codes: list[str]) -> dict[str, list[Any]]:
    """What a file about these enterprises left in the tables, told without what passes."""
    about = Q(enterprise__in=codes)
    rows = {
        "fates": BatchSlice.objects.filter(batch=batch),
        "lines": BatchLine.objects.filter(batch=batch),
        "enterprises": Enterprise.objects.filter(pk__in=codes),
        "registrations": Registration.objects.filter(about),
        "roster": RosterEntry.objects.filter(about),
    }
    told = {name: sorted(_told(row, codes) for row in found) for name, found in rows.items()}
    counts = [batch.added, batch.changed, batch.unchanged, batch.refused]
    merged = [batch.state, events("intake.file_merged", batch)]
    return {**told, "counts": counts, "merged": merged}


def _told(row: Any, codes: list[str]) -> str:
    names = [field.attname for field in row._meta.concrete_fields]
    text = " ".join(f"{name}={getattr(row, name)}" for name in names if name not in PASSING)
    for place, code in enumerate(codes):
        text = text.replace(code, f"#{place}")
    return text
