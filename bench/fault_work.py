"""What people do while faults happen, and what must have come of it. Imported by faults.py."""

from __future__ import annotations

import http.client
import itertools
import random
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from portal import start

start()

from django.db import DatabaseError, InterfaceError, connection
from django.urls import reverse

from credit_portal.demo.people import APPROVER, CLERK
from grading.models import RosterRun, Run
from intake.enums import BatchState
from intake.models import Batch
from roster.models import Enterprise, Registration, RosterEntry, User
from tests.factories.files import ROSTER, page, roster_line
from tests.factories.grading import code
from tests.factories.intake import csv_file
from tests.faults.browser import Person
from tests.faults.wholeness import events, orphans, wrong_with_books, wrong_with_run

T = TypeVar("T")
COUNTY = "130102"
LOOK_SECONDS = 0.2


class Unanswered(Exception):
    """Nothing came of it, however often it was tried."""


class Work:
    """Two people at work, each in a thread, until they are told to end."""

    def __init__(self, port: int, folder: Path, *, lines: int, give_up_after: float) -> None:
        self.port, self.lines, self.give_up_after = port, lines, give_up_after
        self.clerk, self.filer, self.approver = (
            self._person(name) for name in (CLERK, CLERK, APPROVER)
        )
        self.runs: list[int] = []
        self.files: list[tuple[int, list[str]]] = []
        self.faults: list[str] = []
        self.told_to_end = threading.Event()
        self.threads = [
            threading.Thread(target=self._again_and_again, args=(one,), daemon=True)
            for one in (self.grade, self.take_in)
        ]
        self._turn = itertools.count(1)

    @property
    def stand(self) -> str:
        return f"{len(self.runs)} runs published, {len(self.files)} files taken in"

    def begin(self) -> None:
        for thread in self.threads:
            thread.start()

    def end(self) -> list[str]:
        """Let what is under way come to its end; in what anything differs."""
        self.told_to_end.set()
        for thread in self.threads:
            thread.join()
        found = list(self.faults)
        for run in self.runs:
            found += [f"run {run}: {one}" for one in steadily(lambda run=run: self.wrong_run(run))]
        for batch, codes in self.files:
            found += steadily(lambda batch=batch, codes=codes: wrong_file(batch, codes))
        found += steadily(wrong_with_books)
        unfinished = Batch.objects.filter(state__in=(BatchState.CONFIRMED, BatchState.MERGING))
        found += [f"file {batch.pk} is {batch.state}" for batch in unfinished]
        open_runs = Run.objects.exclude(state="computed")
        found += [f"run {run.pk} is {run.state}" for run in open_runs]
        return found + [f"copy {name} belongs to no file" for name in orphans()]

    def wrong_run(self, run_id: int) -> list[str]:
        run = Run.objects.get(pk=run_id)
        return wrong_with_run(run, digest=run.digest)

    def _again_and_again(self, do: Callable[[], None]) -> None:
        try:
            while not self.told_to_end.is_set():
                do()
        except Exception as fault:
            self.faults.append(f"{do.__name__} ended: {fault!r}")
        finally:
            connection.close()

    def _person(self, name: str) -> Person:
        return Person(User.objects.get(username=name))

    # --- the clerk and the approver -------------------------------------------------------------

    def grade(self) -> None:
        """A yearly run of the county from its form to its publication, by two people."""
        add = reverse("admin:grading_run_add")
        before = steadily(lambda: Run.objects.count())
        self.press(
            self.clerk, add, {"which": "all"}, done=lambda: Run.objects.count() == before + 1
        )
        run = steadily(lambda: Run.objects.latest("pk"))
        self.until(f"run {run.pk} is computed", lambda: has_state(run, "computed"))
        part = steadily(lambda: run.parts.get(region=COUNTY))
        for person, name, state in (
            (self.clerk, "review", "reviewed"),
            (self.approver, "publish", "published"),
        ):
            address = reverse("admin:grading_rosterrun_change", args=[part.pk])
            action = reverse(f"admin:grading_rosterrun_{name}", args=[part.pk])
            self.press(
                person, address, {}, action=action,
                done=lambda state=state: has_state(part, state),
            )  # fmt: skip
        self.runs.append(run.pk)

    def take_in(self) -> None:
        """A roster file of new enterprises, sent in, looked at and confirmed."""
        turn = next(self._turn)
        codes = [code(1_000_000 + turn * self.lines + number) for number in range(self.lines)]
        lines = [roster_line(1, 统一社会信用代码=one) for one in codes]
        content = csv_file([ROSTER, *lines]).read()
        name = f"名录{turn}-{random.random()}.csv"
        sent = Batch.objects.filter(name=name)
        rows = NamedBytes(content, name)
        self.press(
            self.filer, page("add"), {"layout": "roster", "file": rows},
            done=lambda: sent.count() == 1,
        )  # fmt: skip
        batch = steadily(lambda: sent.get())
        self.until(f"file {batch.pk} is checked", lambda: has_state(batch, BatchState.CHECKED))
        confirm = page("confirm", batch)
        self.press(
            self.filer, page("change", batch), {}, action=confirm,
            done=lambda: Batch.objects.filter(pk=batch.pk, confirmed_at__isnull=False).exists(),
        )  # fmt: skip
        self.until(f"file {batch.pk} is merged", lambda: has_state(batch, BatchState.MERGED))
        self.files.append((batch.pk, codes))

    def press(
        self, person: Person, address: str, filled: dict[str, Any], *, done: Callable[[], bool],
        action: str = "",
    ) -> None:  # fmt: skip
        """Send one form again and again until it is answered; the first answer may have been lost.

        A person looks first whether it is done already.
        """
        body: tuple[str, bytes, str] | None = None

        def once() -> bool:
            nonlocal body
            if done():
                return True
            if body is None:
                form = person.form(self.port, address, action=action, **filled)
                body = (form.address, *form.body)
            status = person.send(self.port, *body)
            return status is not None and done()

        self.until(f"{action or address} is answered", once)

    def until(self, what: str, happens: Callable[[], bool]) -> None:
        limit = time.monotonic() + self.give_up_after
        while not steadily(happens, otherwise=False):
            if time.monotonic() > limit:
                raise Unanswered(f"{what}: not within {self.give_up_after} s")
            time.sleep(LOOK_SECONDS)


class NamedBytes:
    """A file that can be sent."""

    def __init__(self, content: bytes, name: str) -> None:
        self.content, self.name = content, name

    def read(self) -> bytes:
        return self.content


AWAY = (DatabaseError, InterfaceError, OSError, http.client.HTTPException, AssertionError)
"""What a fault looks like from outside: no database, no web process, a page that says so."""


def steadily(ask: Callable[[], T], *, otherwise: T | None = None) -> T:
    """The answer as soon as there is one; with `otherwise`, that when there is none now."""
    for _attempt in range(200):
        try:
            return ask()
        except AWAY:
            connection.close()
            if otherwise is not None:
                return otherwise
            time.sleep(LOOK_SECONDS)
    return ask()


def has_state(row: Run | RosterRun | Batch, state: str) -> bool:
    return type(row).objects.filter(pk=row.pk, state=state).exists()


def wrong_file(batch_id: int, codes: list[str]) -> list[str]:
    """In what a file of new enterprises is not taken in just once."""
    batch = Batch.objects.get(pk=batch_id)
    counted = {
        "lines": batch.added,
        "merges": events("intake.file_merged", batch) * len(codes),
        "enterprises": Enterprise.objects.filter(pk__in=codes).count(),
        "registrations": Registration.objects.filter(enterprise__in=codes).count(),
        "roster entries": RosterEntry.objects.filter(enterprise__in=codes).count(),
    }
    return [
        f"file {batch_id}: {count} {name}, not {len(codes)}"
        for name, count in counted.items()
        if count != len(codes)
    ]
