"""Signs of life of the workers, and whether any is missing."""

import datetime as dt
from dataclasses import dataclass, field

from credit_portal.enums import Standing
from credit_portal.models import WorkerPulse


@dataclass(frozen=True)
class WorkerState:
    """heard: how many workers have reported within two minutes; last_at: the latest report;
    through: how many of them have got through a whole round lately; older, newer: those of them
    that leave all work alone, for what they are to the database."""

    heard: int
    last_at: dt.datetime | None
    through: int
    older: list[str] = field(default_factory=list)
    newer: list[str] = field(default_factory=list)

    @property
    def is_silent(self) -> bool:
        """The admin home warns: what is handed in now waits until a worker runs."""
        return self.heard == 0

    @property
    def is_stuck(self) -> bool:
        """Workers run, but none gets through its round: the log says why."""
        return self.heard > 0 and self.through == 0


def report(*, worker: str, at: dt.datetime, standing: Standing = Standing.FITS) -> None:
    """Note that a worker is alive and how it stands, and forget workers silent for a week."""
    said = {"seen_at": at, "standing": standing}
    new = said | {"through_at": at}  # it has not had the time to fail yet
    WorkerPulse.objects.update_or_create(worker=worker, defaults=said, create_defaults=new)
    WorkerPulse.objects.forgotten(at=at).delete()


def got_through(*, worker: str, at: dt.datetime) -> None:
    """Note that a whole round of a worker went well."""
    WorkerPulse.objects.filter(pk=worker).update(through_at=at)


def worker_state(*, at: dt.datetime) -> WorkerState:
    """Three small queries, for the admin home."""
    pulses = WorkerPulse.objects.all()
    heard = list(pulses.heard(at=at).order_by("worker").values_list("worker", "standing"))
    return WorkerState(
        heard=len(heard),
        last_at=pulses.order_by("-seen_at").values_list("seen_at", flat=True).first(),
        through=pulses.heard(at=at).through(at=at).count(),
        older=[worker for worker, standing in heard if standing == Standing.OLDER],
        newer=[worker for worker, standing in heard if standing == Standing.NEWER],
    )
