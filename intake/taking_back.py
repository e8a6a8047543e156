"""A file that should not have come in is taken back: asked for, weighed, agreed to by a second
person, carried out once.

What the file wrote and nobody has touched since goes back; what was corrected, marked or changed
since stays and is listed. A worker weighs it by carrying it out and undoing everything, so that
the second person sees what will happen; when that is no longer so, nothing happens and the person
is asked again. Source: R26; design ideas 3 and 5.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from typing import Any

from django.conf import settings
from django.db import OperationalError
from django.utils import timezone, translation

from audit.acts import act, acting, note, stamp
from audit.refusal import NotPermitted, Refused

from . import layouts, limits, tasks
from .announce import announce
from .enums import BatchState, TakeBackState
from .layouts import Actor, Undone, Uploader
from .models import Batch, KeptRow, TakeBack
from .rows import copy_rows
from .work import LeaseLost, Work, claim, is_passing

__all__ = ["REASON_CHARACTERS", "ask", "at_once", "carry_out", "decide", "weigh"]

REASON_CHARACTERS = 200
"""As long as a reason is kept."""


# --- asked for, agreed to ----------------------------------------------------------------------


@act("intake.take_back_asked")
def ask(*, by: Actor, batch_id: int, reason: str) -> TakeBack:
    """Ask for a merged batch to be taken back; a worker then finds out what that does.

    Raises Refused without a reason, or for a batch that is not to be taken back (any more);
    NotPermitted.
    """
    batch = _locked(batch_id)
    layouts.get(batch.layout).require_taker(by, batch)
    if not reason.strip():
        raise Refused("intake.take_back_reason")
    _require_short(reason)
    if batch.state != BatchState.MERGED:
        raise Refused("intake.not_to_take_back", state=batch.get_state_display())
    asked = TakeBack.objects.create(
        batch=batch, reason=reason.strip(), proposed_by=by.username, proposed_at=stamp()
    )
    _pass_on(batch, BatchState.WEIGHING)
    note(target=batch, reason=reason)
    note(target=asked)
    announce(tasks.weigh_take_back, batch.pk)
    return asked


@act("intake.take_back_decided")
def decide(*, by: Actor, batch_id: int, agree: bool, reason: str, digest: str = "") -> TakeBack:
    """A second person agrees, or somebody who may drops the request; `digest` is of the effect
    that the person's page showed.

    Who asked may drop it too. Raises Refused: the same person, no reason for a refusal, another
    effect than was shown, nothing to decide; NotPermitted.
    """
    batch = _locked(batch_id)
    asked = batch.take_backs.filter(state=TakeBackState.WAITING).first()
    own = asked is not None and asked.proposed_by == by.username
    layout = layouts.get(batch.layout)
    (layout.require_taker if own else layout.require_second)(by, batch)
    if asked is None or batch.state != BatchState.WEIGHED:
        raise Refused("intake.nothing_to_decide", state=batch.get_state_display())
    if agree:
        _require_another(by, asked.proposed_by)
    if agree and digest != asked.fates_digest:
        raise Refused("intake.take_back_changed")
    if not agree and not own and not reason.strip():
        raise Refused("intake.take_back_reason")
    _require_short(reason)
    asked.state = TakeBackState.AGREED if agree else TakeBackState.DROPPED
    asked.decided_by, asked.decided_at = by.username, stamp()
    asked.decision_reason = reason.strip()
    asked.decider_agency = getattr(by, "audit_agency", "")[:200]
    asked.decider_region = getattr(by, "audit_region", "")[:200]
    asked.save()
    _pass_on(batch, BatchState.GIVING_BACK if agree else BatchState.MERGED)
    note(target=batch, reason=reason, agreed=agree)
    note(target=asked)
    if agree:
        announce(tasks.take_back, batch.pk)
    return asked


def _require_another(by: Actor, proposed_by: str) -> None:
    if by.username == proposed_by:
        raise Refused("intake.second_person", name=proposed_by)


def _require_short(reason: str) -> None:
    if len(reason.strip()) > REASON_CHARACTERS:
        raise Refused("intake.reason_too_long", limit=REASON_CHARACTERS)


def _locked(batch_id: int) -> Batch:
    batch = Batch.objects.select_for_update().filter(pk=batch_id).first()
    if batch is None:
        raise NotPermitted("intake.not_permitted")
    return batch


def _pass_on(batch: Batch, state: str) -> None:
    Batch.objects.filter(pk=batch.pk).update(
        state=state, lease_until=None, announced_at=None, attempts=0
    )


# --- weighed -----------------------------------------------------------------------------------


class _Undo(Exception):
    """Leaves a trial with what it found."""

    def __init__(self, undone: Undone) -> None:
        self.undone = undone


def weigh(batch_id: int) -> Batch:
    """Find out what taking a batch back would do, for the second person to see.

    Safe to call at any time by anyone.
    """
    return _work(batch_id, BatchState.WEIGHING, _weigh)


def _weigh(work: Work) -> None:
    asked = _open(work.batch, TakeBackState.WAITING)
    by = Uploader(asked.proposed_by, work.batch.agency, work.batch.region)
    try:
        with acting("intake.take_back_trial", by=by):
            work.hold()
            raise _Undo(_undo(work.batch, asked, by=by))
    except _Undo as found:
        undone = found.undone
    with work.fenced():
        asked.kept_rows.all().delete()
        _keep(asked, undone)
    work.end(state=BatchState.WEIGHED)


def _undo(batch: Batch, asked: TakeBack, *, by: Actor) -> Undone:
    layout = layouts.get(batch.layout)
    return layout.take_back(by=by, batch=batch, reason=asked.reason, on=timezone.localdate())


def _keep(asked: TakeBack, undone: Undone) -> None:
    """Set down what was found; of what stays the first rows, like of a file's lines."""
    asked.retracted, asked.restored = undone.retracted, undone.restored
    asked.staying = len(undone.kept)
    asked.effect = dict(sorted(undone.grades.items()))
    asked.fates_digest = _digest(undone)
    asked.save()
    copy_rows(
        KeptRow,
        ("take_back_id", "number", "label", "why"),
        (
            (asked.pk, number, label[:300], why[:300])
            for number, (label, why) in enumerate(undone.kept[: limits.LINES_IN_FULL], 1)
        ),
    )


def _digest(undone: Undone) -> str:
    said = [undone.retracted, undone.restored, undone.kept, sorted(undone.grades.items())]
    return hashlib.sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest()


# --- carried out -------------------------------------------------------------------------------


class _EffectDiffers(Exception):
    """What would happen is no longer what the second person agreed to."""


def carry_out(batch_id: int) -> Batch:
    """Take a batch back as it was agreed: everything in one transaction, or nothing.

    Safe to call at any time by anyone.
    """
    return _work(batch_id, BatchState.GIVING_BACK, _carry_out)


def _carry_out(work: Work) -> None:
    asked = _open(work.batch, TakeBackState.AGREED)
    by = Uploader(asked.decided_by, asked.decider_agency, asked.decider_region)
    try:
        _take_back(by=by, work=work, asked=asked)
    except _EffectDiffers:
        _ask_again(by=by, work=work, asked=asked)


@act("intake.file_taken_back")
def _take_back(*, by: Actor, work: Work, asked: TakeBack) -> None:
    work.hold()
    note(target=work.batch, reason=asked.reason)  # first, so that the event is the batch's
    layouts.get(work.batch.layout).require_second(by, work.batch)
    undone = _undo(work.batch, asked, by=by)
    if _digest(undone) != asked.fates_digest:
        raise _EffectDiffers
    asked.state = TakeBackState.DONE
    asked.save(update_fields=["state"])
    note(target=asked)
    note(
        asked_by=asked.proposed_by, gone=undone.retracted, restored=undone.restored,
        kept=len(undone.kept), grades=asked.effect,
    )  # fmt: skip
    work.end(state=BatchState.TAKEN_BACK, taken_back_at=stamp())


@act("intake.take_back_reopened")
def _ask_again(*, by: Actor, work: Work, asked: TakeBack) -> None:
    """The second person decides anew, on what it would do now."""
    asked.state, asked.weighed_again = TakeBackState.WAITING, True
    asked.decided_by, asked.decided_at, asked.decision_reason = "", None, ""
    asked.save()
    work.end(state=BatchState.WEIGHING)
    note(target=work.batch)
    note(target=asked)
    announce(tasks.weigh_take_back, work.batch.pk)


# --- both --------------------------------------------------------------------------------------


def _work(batch_id: int, state: str, do: Any) -> Batch:
    """Take a batch up in a state, do what it asks for, begin anew when another act interfered."""
    while (work := claim(batch_id, frm=(state,), to=state)) is not None:
        try:
            with work.tried(), translation.override(settings.LANGUAGE_CODE):  # whoever reads it
                do(work)
        except LeaseLost:
            pass  # somebody else has it now
        except (layouts.Overtaken, OperationalError) as fault:
            if isinstance(fault, OperationalError) and not is_passing(fault):
                raise
            work.end(state=state, attempts=work.batch.attempts)
            continue
        except Refused as exc:
            with contextlib.suppress(LeaseLost):
                _give_up(work, exc)
        break
    return Batch.objects.get(pk=batch_id)


def _give_up(work: Work, exc: Refused) -> None:
    """The batch stays as it is and may be asked for again; the request says why it ended."""
    asked = work.batch.take_backs.exclude(state=TakeBackState.DROPPED).get()
    by = Uploader(asked.proposed_by, work.batch.agency, work.batch.region)
    _record_given_up(by=by, work=work, asked=asked, exc=exc)


@act("intake.take_back_failed")
def _record_given_up(*, by: Actor, work: Work, asked: TakeBack, exc: Refused) -> None:
    values = {name: str(value) for name, value in exc.values.items()}
    note(target=work.batch, code=exc.code, values=values)
    note(target=asked)
    asked.state = TakeBackState.DROPPED
    asked.refusal_code, asked.refusal_values = exc.code, values
    asked.save()
    work.end(state=BatchState.MERGED)


def _open(batch: Batch, state: str) -> TakeBack:
    found = batch.take_backs.filter(state=state).first()
    if found is None:
        raise Refused("intake.nothing_to_decide", state=batch.get_state_display())
    return found


def at_once(*, by: Actor, second: Actor, batch_id: int, reason: str) -> TakeBack:
    """All of it in this process, for a command: asked for, weighed, agreed to, carried out.

    A request of the same person that waits already is taken up. Raises Refused at whatever step
    does not go on, NotPermitted; for a second person who may not agree before anything is asked.
    """
    batch = Batch.objects.get(pk=batch_id)
    layouts.get(batch.layout).require_second(second, batch)
    _require_another(second, by.username)
    waiting = batch.take_backs.filter(state=TakeBackState.WAITING, proposed_by=by.username)
    asked = waiting.first() or ask(by=by, batch_id=batch_id, reason=reason)
    weigh(batch_id)
    asked.refresh_from_db()
    decide(by=second, batch_id=batch_id, agree=True, reason="", digest=asked.fates_digest)
    batch = carry_out(batch_id)
    asked.refresh_from_db()
    if batch.state != BatchState.TAKEN_BACK:
        raise Refused("intake.not_taken_back", state=batch.get_state_display())
    return asked
