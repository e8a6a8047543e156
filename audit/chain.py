"""Writing one event at the head of the chain."""

import datetime as dt
import secrets
from collections.abc import Sequence

from audit.current import Target
from audit.enums import Outcome
from audit.models import ChainHead, Event, EventTarget
from audit.plain import clean_text
from audit.rules.chain import canonical, digest_of, link

NOTES_IN_FULL = 200


def append(
    *,
    at: dt.datetime,
    actor: str,
    agency: str,
    region: str,
    act: str,
    outcome: Outcome,
    targets: Sequence[Target],
    notes: Sequence[dict[str, object]],
    details: dict[str, object],
) -> Event:
    """Lock the head, write the event and its lookup rows, move the head.

    Everything that can be prepared is prepared before the lock.
    """
    first = targets[0] if targets else Target("", "", "")
    event = Event(
        at=at,
        actor=clean_text(actor, limit=150),
        agency=clean_text(agency, limit=200),
        region=clean_text(region, limit=32),
        act=clean_text(act, limit=100),
        outcome=outcome.value,
        target_type=first.type,
        target_id=first.id,
        target_label=first.label,
        details={**details, "notes": _folded(notes), "targets": targets_digest(targets)},
    )
    head = _locked_head()
    event.number = head.number + 1
    event.previous_hash = head.hash
    event.hash = link(head.hash, event.content())
    event.save()
    EventTarget.objects.bulk_create(
        [
            EventTarget(
                event=event,
                position=position,
                target_type=one.type,
                target_id=one.id,
                target_label=one.label,
            )
            for position, one in enumerate(targets)
        ],
        batch_size=1000,
    )
    latest = at if head.latest_at is None else max(at, head.latest_at)
    ChainHead.objects.filter(pk=1).update(number=event.number, hash=event.hash, latest_at=latest)
    return event


def targets_digest(targets: Sequence[Target]) -> dict[str, object]:
    """Binds the lookup rows to the event: they are not in the hash themselves."""
    return digest_of(target_line(one.type, one.id, one.label) for one in targets)


def target_line(type_: str, id_: str, label: str) -> str:
    return canonical([type_, id_, label]).decode()


def _folded(notes: Sequence[dict[str, object]]) -> list[dict[str, object]]:
    if len(notes) <= NOTES_IN_FULL:
        return list(notes)
    rest = digest_of(canonical(one).decode() for one in notes[NOTES_IN_FULL:])
    return [*notes[:NOTES_IN_FULL], {"folded": rest}]


def _locked_head() -> ChainHead:
    head = ChainHead.objects.select_for_update().filter(pk=1).first()
    if head is None:
        start = secrets.token_hex(32)
        ChainHead.objects.bulk_create(
            [ChainHead(pk=1, hash=start, chain=start)], ignore_conflicts=True
        )
        head = ChainHead.objects.select_for_update().get(pk=1)
    return head
