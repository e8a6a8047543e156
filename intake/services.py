"""The way of a file: received, checked line by line, confirmed once, taken in by one act.

The database says what is to be done; a worker takes a batch up by raising its token, and whoever
holds an older token can no longer write. So a worker may be killed at any step: the batch is
taken up again, and nothing of it is doubled, because a merge is one transaction.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import IO, Any

from django.conf import settings
from django.db import IntegrityError, OperationalError, transaction
from django.db.models import F
from django.utils import timezone, translation

from audit.acts import act, note, stamp
from audit.refusal import NotPermitted, Refused

from . import layouts, limits, store, tasks
from .announce import announce, send
from .enums import CHECKABLE, FINISHED, MERGEABLE, BatchState, Fate
from .fates import Tally, forget
from .headings import Headings
from .layouts import Actor, Layout, Line, Outcome, Uploader
from .lines import LineReader
from .models import Batch
from .reading import Source, open_source
from .sources import source_of
from .work import LeaseLost, Progress, Work, claim, is_passing, is_sqlite, lease_end

__all__ = [
    "cancel_batch",
    "check_batch",
    "confirm_batch",
    "merge_batch",
    "progress",
    "receive",
    "sweep_batches",
    "take_in",
]


# --- receiving ---------------------------------------------------------------------------------


def receive(
    *,
    by: Actor,
    layout_key: str | Sequence[str],
    name: str,
    stream: IO[bytes],
    options: Mapping[str, str] | None = None,
) -> Batch:
    """Store what may be stored of a file and have it checked.

    `layout_key` may list several: the headings decide. What comes back waits for `check_batch`.
    Raises Refused for a file that is refused as a whole (nothing is kept then), NotPermitted.
    """
    batch = _receive(by=by, layout_key=layout_key, name=name, stream=stream, options=options)
    announce(tasks.check_batch, batch.pk)
    return batch


def _receive(
    *,
    by: Actor,
    layout_key: str | Sequence[str],
    name: str,
    stream: IO[bytes],
    options: Mapping[str, str] | None,
    held: bool = False,
) -> Batch:
    keys = [layout_key] if isinstance(layout_key, str) else list(layout_key)
    candidates = [layouts.get(key).for_options(options or {}) for key in keys]
    for layout in candidates:
        layout.require(by)
    on = timezone.localdate()
    with store.spooled(stream) as upload, open_source(upload.stream, candidates, on=on) as source:
        layout = source.layout or candidates[0]
        most, refusal = _most_lines(layout)
        try:
            copy = store.write_copy(source, most_lines=most, on=on)
        except Refused as exc:
            raise refusal(exc) from None
    try:
        return _record_received(
            by=by, layout=layout, name=name, options=options or {}, upload=upload, copy=copy,
            source=source, held=held,
        )  # fmt: skip
    except BaseException:
        store.remove_copy(copy.name)
        raise


def _most_lines(layout: Layout) -> tuple[int, Callable[[Refused], Refused]]:
    """How many lines are taken, and what is said when there are more."""
    if not is_sqlite() or layout.max_lines <= layout.sqlite_max_lines:
        return layout.max_lines, lambda exc: exc
    most = layout.sqlite_max_lines

    def say_postgresql(exc: Refused) -> Refused:
        if exc.code != "intake.too_many_lines":
            return exc
        return Refused("intake.use_postgresql", lines=f"{most}+", limit=most)

    return most, say_postgresql


@act("intake.file_received")
def _record_received(
    *,
    by: Actor,
    layout: Layout,
    name: str,
    options: Mapping[str, str],
    upload: store.Upload,
    copy: store.Copy,
    source: Source,
    held: bool,
) -> Batch:
    headings = source.headings
    batch = Batch.objects.create(
        layout=layout.key,
        edition=layout.edition,
        options=dict(options),
        name=_plain_name(name),
        uploader=by.username,
        agency=getattr(by, "audit_agency", "")[:200],
        units=getattr(by, "audit_units", "")[:400],
        region=getattr(by, "audit_region", "")[:200],
        received_at=stamp(),
        size_bytes=upload.size,
        sha256=upload.sha256,
        copy_name=copy.name,
        copy_sha256=copy.sha256,
        headings={
            "line": headings.line,
            "titles": list(headings.titles),
            "found": headings.found,
            "dropped": list(headings.dropped),
        },
        notes=[
            *_heading_notes(headings),
            *_withheld(copy),
            *source.notes,
            *_same_file(upload.sha256, by),
        ],
        lines=copy.lines,
        lease_until=lease_end() if held else None,
    )
    note(target=batch, layout=layout.key, sha256=upload.sha256, lines=copy.lines)
    return batch


def _plain_name(name: str) -> str:
    """The last part of a file name, printable, for showing only."""
    last = PurePath(name.replace("\\", "/")).name
    return "".join(letter for letter in last if letter.isprintable())[:200] or "—"


def _heading_notes(headings: Headings) -> Iterator[dict[str, object]]:
    if headings.dropped:
        yield {"code": "intake.note_dropped", "columns": "、".join(headings.dropped)}
    if headings.unused:
        yield {"code": "intake.note_unused", "columns": "、".join(headings.unused)}
    if headings.untitled:
        yield {"code": "intake.note_untitled", "count": len(headings.untitled)}


def _withheld(copy: store.Copy) -> Iterator[dict[str, object]]:
    if copy.withheld:
        yield {
            "code": "intake.note_withheld",
            "columns": "、".join(copy.withheld),
            "count": sum(copy.withheld.values()),
        }


def _same_file(sha256: str, by: Actor) -> Iterator[dict[str, object]]:
    earlier = Batch.objects.of(by.username).filter(sha256=sha256, state=BatchState.MERGED).first()
    if earlier:
        yield {"code": "intake.note_same_file", "batch": earlier.pk}


# --- checking ----------------------------------------------------------------------------------


def check_batch(batch_id: int, *, pause: float | None = None, held: bool = False) -> Batch:
    """Check every line of a batch and keep the fates; the batch then waits for its confirmation.

    Safe to call at any time by anyone: only one caller has the batch at a time, and a batch that
    needs no checking is returned as it is. `held`: the caller has just received it.
    """
    work = claim(batch_id, frm=CHECKABLE, to=BatchState.CHECKING, held=held)
    if work is None:
        return Batch.objects.get(pk=batch_id)
    try:
        with work.tried(), translation.override(settings.LANGUAGE_CODE):  # whoever reads it
            _check(work, pause=_pause(pause))
    except LeaseLost:
        pass  # somebody else has it now, or it was cancelled
    except Refused as exc:
        _refuse(work, exc)
    return Batch.objects.get(pk=batch_id)


def _check(work: Work, *, pause: float) -> None:
    batch = work.batch
    with work.fenced():
        forget(batch)
        batch.lines_done = 0
    tally = Tally()
    for part in _outcomes(work, _by(batch)):
        with work.fenced(lines_done=tally.lines + len(part.numbers)):
            tally.take(part.numbers, part.outcomes).keep(batch)
        if pause:
            work.breathe(pause)
    work.end(
        state=BatchState.CHECKED,
        checked_at=timezone.now(),
        confirm_key=uuid.uuid4().hex,
        **tally.as_fields(),
    )


@dataclass(frozen=True)
class _Part:
    """A slice of the file: every line's number and outcome, and the lines that could be read."""

    numbers: list[int]
    outcomes: list[Outcome]
    lines: list[Line]
    answers: list[Outcome]
    context: Any
    layout: Layout


def _outcomes(work: Work, by: Actor) -> Iterator[_Part]:
    """The file slice by slice with the layout's answers; the copy's digest is checked last."""
    batch = work.batch
    layout = layouts.get(batch.layout).for_options(batch.options)
    layout.require(by, batch)
    context = layout.open(
        by=by,
        on=timezone.localdate(),
        options=batch.options,
        source=source_of(layout.title, batch.pk),
    )
    reader = LineReader(layout, batch.headings["titles"], batch.headings["found"])
    turn = 0
    while layout.wants_scan(context, turn):
        with store.open_copy(batch.copy_name, batch.copy_sha256) as copy:
            for rows in copy.slices():
                layout.scan(context, reader.parse(rows).lines, turn)
                work.keep_alive()
        turn += 1
    with store.open_copy(batch.copy_name, batch.copy_sha256) as copy:
        for rows in copy.slices():
            parsed = reader.parse(rows)
            answers = reader.named(list(layout.check(context, parsed.lines)))
            if parsed.bad:
                by_number = {line.number: answer for line, answer in zip(parsed.lines, answers, strict=True)}  # fmt: skip
                by_number.update(parsed.bad)
                outcomes = [by_number[number] for number in parsed.numbers]
            else:
                outcomes = answers
            yield _Part(parsed.numbers, outcomes, parsed.lines, answers, context, layout)
    work.context, work.layout = context, layout


def _by(batch: Batch) -> Uploader:
    return Uploader(batch.uploader, batch.agency, batch.region)


def _pause(pause: float | None) -> float:
    if pause is None:
        return limits.SQLITE_PAUSE_SECONDS if is_sqlite() else 0
    return pause


# --- confirming, cancelling --------------------------------------------------------------------


@act("intake.file_confirmed")
def confirm_batch(*, by: Actor, batch_id: int, key: str) -> Batch:
    """Let a checked batch be taken in, once.

    `key` is the one the preview showed. Raises Refused for a preview that is no longer the
    latest or was confirmed, NotPermitted for another person's batch.
    """
    batch = _own(batch_id, by)
    if batch.confirmed_at is not None:
        at = timezone.localtime(batch.confirmed_at).strftime("%Y-%m-%d %H:%M")
        raise Refused("intake.confirmed_already", who=batch.confirmed_by, at=at)
    if batch.state in CHECKABLE:
        raise Refused("intake.not_checked")
    flipped = Batch.objects.filter(pk=batch.pk, state=BatchState.CHECKED, confirm_key=key).update(
        state=BatchState.CONFIRMED,
        confirmed_at=stamp(),
        confirmed_by=by.username,
        lease_until=None,
        announced_at=None,
        attempts=0,
        lines_done=0,
    )
    if not key or flipped != 1:
        raise Refused("intake.stale_confirm")
    note(target=batch, fates=batch.fates_digest)
    announce(tasks.merge_batch, batch.pk)
    batch.refresh_from_db()
    return batch


@act("intake.file_cancelled")
def cancel_batch(*, by: Actor, batch_id: int) -> Batch:
    """Give a batch up before it was confirmed; its copy and its lines are removed.

    Raises Refused once it was confirmed or cancelled, NotPermitted.
    """
    batch = _own(batch_id, by)
    flipped = Batch.objects.filter(
        pk=batch.pk,
        state__in=(*CHECKABLE, BatchState.CHECKED),
    ).update(state=BatchState.CANCELLED, token=F("token") + 1, lease_until=None, copy_name="")
    if flipped != 1:
        raise Refused("intake.cannot_cancel")
    forget(batch)
    note(target=batch)
    transaction.on_commit(lambda: store.remove_copy(batch.copy_name), robust=True)
    return Batch.objects.get(pk=batch.pk)


def _own(batch_id: int, by: Actor) -> Batch:
    """The locked batch, if it is there and `by` may handle it."""
    batch = Batch.objects.select_for_update().filter(pk=batch_id).first()
    if batch is None:
        raise NotPermitted("intake.not_permitted")
    layouts.get(batch.layout).require(by, batch)
    return batch


# --- taking in ---------------------------------------------------------------------------------


class _FatesDiffer(Exception):
    """What is in the database has moved since the preview; the person must look again."""


class _Clash(Exception):
    """The database did not take some lines: others there stand in their way."""

    def __init__(self, first: int, last: int) -> None:
        self.first, self.last = first, last


def merge_batch(batch_id: int, *, held: bool = False) -> Batch:
    """Take a confirmed batch in: every line checked again and written, in one transaction.

    When the outcome is no longer the one that was confirmed, nothing is written and the batch is
    checked again. Overtaken by another act it begins anew, and the lines checked again tell what
    has become of them. Safe to call at any time by anyone.
    """
    while (work := claim(batch_id, frm=MERGEABLE, to=BatchState.MERGING, held=held)) is not None:
        if _is_done(work):
            break
        held = False
    return Batch.objects.get(pk=batch_id)


def _is_done(work: Work) -> bool:
    """Merge, and leave the batch in a state that says what comes next; False: begin anew."""
    try:
        with work.tried(), translation.override(settings.LANGUAGE_CODE):
            _merge(by=_by(work.batch), work=work)
    except LeaseLost:
        pass  # the other holder of the batch finishes it
    except _FatesDiffer:
        _send_back(work)
    except layouts.Overtaken:
        return _let_go(work)
    except _Clash as clash:
        if work.batch.attempts <= 1:  # the rows of another act, which the next check will see
            return _let_go(work)
        _refuse(work, Refused("intake.clash", first=clash.first, last=clash.last))
    except OperationalError as fault:
        if not is_passing(fault):
            raise
        return _let_go(work)
    except Refused as exc:
        _refuse(work, exc)
    finally:
        work.close()
    return True


def _let_go(work: Work) -> bool:
    """Back to be merged; how often that was tried stays, so that it comes to an end."""
    work.end(state=BatchState.CONFIRMED, attempts=work.batch.attempts)
    return False


@act("intake.file_merged")
def _merge(*, by: Actor, work: Work) -> None:
    batch = work.batch
    work.hold()
    note(target=batch)  # first, so that the event is the batch's
    unseen = not batch.fates_digest
    if unseen:
        forget(batch)
    now = stamp()
    tally = Tally()
    for part in _outcomes(work, by):
        kept = tally.take(part.numbers, part.outcomes)
        if unseen:
            kept.keep(batch)
        _write(part)
        work.show_progress(tally.lines)
    if not unseen and tally.digest != batch.fates_digest:
        raise _FatesDiffer
    work.finish()
    counts = tally.as_fields()
    note(fates={name: counts[name] for name in (*Fate.values, "fates_digest")})
    work.end(state=BatchState.MERGED, merged_at=now, **counts)


def _write(part: _Part) -> None:
    chosen = [
        (line, answer)
        for line, answer in zip(part.lines, part.answers, strict=True)
        if answer.fate in (Fate.ADDED, Fate.CHANGED)
    ]
    if chosen:
        lines, outcomes = zip(*chosen, strict=True)
        try:
            part.layout.write(part.context, lines, outcomes)
        except IntegrityError as fault:
            meant = [line.number for line in lines if part.layout.is_meant(line, str(fault))]
            numbers = meant or part.numbers
            raise _Clash(numbers[0], numbers[-1]) from fault


def _send_back(work: Work) -> None:
    """Check again: the person confirms anew, with a new key."""
    work.end(
        state=BatchState.RECEIVED,
        confirm_key="",
        confirmed_at=None,
        confirmed_by="",
        fates_digest="",
        notes=[*work.batch.notes, {"code": "intake.note_checked_again"}],
        attempts=0,
    )
    send(tasks.check_batch, work.batch.pk)


def _refuse(work: Work, exc: Refused) -> None:
    with contextlib.suppress(LeaseLost):
        _record_refused(by=_by(work.batch), work=work, exc=exc)


@act("intake.file_refused")
def _record_refused(*, by: Actor, work: Work, exc: Refused) -> None:
    values = {name: str(value) for name, value in exc.values.items()}
    note(target=work.batch, code=exc.code, values=values)
    work.end(state=BatchState.REFUSED, refusal_code=exc.code, refusal_values=values)


# --- commands and sweep ------------------------------------------------------------------------


def take_in(
    *,
    by: Actor,
    layout_key: str | Sequence[str],
    name: str,
    stream: IO[bytes],
    options: Mapping[str, str] | None = None,
    dry_run: bool = False,
) -> Batch:
    """A file from beginning to end in this process, for a command.

    Nobody looks at a preview, so the one pass that writes is also the one that checks; a dry run
    only checks, and its batch is cancelled. Raises Refused, NotPermitted.
    """
    batch = _receive(
        by=by, layout_key=layout_key, name=name, stream=stream, options=options, held=True
    )
    if dry_run:
        checked = check_batch(batch.pk, pause=0, held=True)
        _leave(checked)
        return checked
    _order(by=by, batch=batch)
    return merge_batch(batch.pk, held=True)


@act("intake.file_confirmed")
def _order(*, by: Actor, batch: Batch) -> None:
    """The order to take a file in that comes with the file itself."""
    note(target=batch, unseen=True)
    Batch.objects.filter(pk=batch.pk, state=BatchState.RECEIVED).update(
        state=BatchState.CONFIRMED, confirmed_at=stamp(), confirmed_by=by.username
    )


def _leave(batch: Batch) -> None:
    """A dry run keeps its counts and refused lines, and can never be confirmed."""
    Batch.objects.filter(pk=batch.pk, state=BatchState.CHECKED).update(
        state=BatchState.CANCELLED, confirm_key=""
    )


def sweep_batches() -> int:
    """Announce every batch that waits and that nobody works on; their number.

    Also removes stored copies that belong to no batch, a day after they were written.
    """
    now = timezone.now()
    waiting = (
        Batch.objects.known_here()
        .waiting_for_work(now)
        .not_announced_since(now - dt.timedelta(seconds=limits.ANNOUNCE_SECONDS))
        .values_list("pk", "state")[:100]
    )
    found = list(waiting)
    if found:
        Batch.objects.filter(pk__in=[pk for pk, _ in found]).update(announced_at=now)
    for pk, state in found:
        send(tasks.task_for(state), pk)
    _sweep_copies()
    return len(found)


def _sweep_copies() -> None:
    names = store.old_names(older_than_seconds=limits.ORPHAN_HOURS * 3600)
    if names:
        known = set(Batch.objects.filter(copy_name__in=names).values_list("copy_name", flat=True))
        for name in names:
            if name not in known:
                store.remove_copy(name)


def progress(batch: Batch) -> Progress:
    """How far a batch is, for a page that asks again and again."""
    if batch.state in FINISHED or batch.state == BatchState.CHECKED:
        return Progress(batch.lines, batch.lines, batch.state)
    return Progress(min(batch.lines_done, batch.lines), batch.lines, batch.state)
