"""Signs of life of the workers, and whether any is missing."""

import datetime as dt
from dataclasses import dataclass

from credit_portal.models import WorkerPulse


@dataclass(frozen=True)
class WorkerState:
    """heard: how many workers have reported within two minutes; last_at: the latest report."""

    heard: int
    last_at: dt.datetime | None

    @property
    def is_silent(self) -> bool:
        """The admin home warns: what is handed in now waits until a worker runs."""
        return self.heard == 0


def report(*, worker: str, at: dt.datetime) -> None:
    """Note that a worker is alive, and forget workers silent for a week."""
    WorkerPulse.objects.update_or_create(worker=worker, defaults={"seen_at": at})
    WorkerPulse.objects.forgotten(at=at).delete()


def worker_state(*, at: dt.datetime) -> WorkerState:
    """Two small queries, for the admin home."""
    pulses = WorkerPulse.objects.all()
    return WorkerState(
        heard=pulses.heard(at=at).count(),
        last_at=pulses.order_by("-seen_at").values_list("seen_at", flat=True).first(),
    )
