"""The hook for a virus scanner: a command that reads a file from its standard input."""

from __future__ import annotations

import logging
import shlex
import subprocess
from dataclasses import dataclass

from django.conf import settings

from audit.refusal import Refused

from . import limits
from .enums import Scan

logger = logging.getLogger(__name__)
CLEAN, INFECTED = 0, 1


@dataclass(frozen=True)
class Scanned:
    """What the scanner said, and its own words."""

    scan: Scan
    detail: str = ""


def scanned(data: bytes) -> Scanned:
    """Have a file looked at by `EVIDENCE_SCANNER`. Raises Refused for one that is infected.

    The command ends with 0 for a clean file and with 1 for an infected one. With any other answer,
    none in time, or no command the file counts as not scanned, and is shown as such.
    """
    command = shlex.split(settings.EVIDENCE_SCANNER)
    if not command:
        return Scanned(Scan.NOT_SCANNED)
    try:
        answer = subprocess.run(  # noqa: S603 -- the operator's own command, nothing of the file in it
            command, input=data, capture_output=True, timeout=limits.SCAN_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as fault:
        logger.warning("EVIDENCE_SCANNER did not answer: %s", fault)
        return Scanned(Scan.NOT_SCANNED, type(fault).__name__)
    said = answer.stdout.decode(errors="replace").replace("\0", "").strip()[:200]
    if answer.returncode == INFECTED:
        raise Refused("intake.evidence_infected", detail=said)
    if answer.returncode != CLEAN:
        logger.warning("EVIDENCE_SCANNER ended with %s: %s", answer.returncode, said)
        return Scanned(Scan.NOT_SCANNED, said or f"exit {answer.returncode}")
    return Scanned(Scan.CLEAN, said)


__all__ = ["Scanned", "scanned"]
