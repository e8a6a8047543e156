"""Reads one file and says what came of it and what memory it took. Run as a script."""

import json
import re
import resource
import sys
from pathlib import Path

import django

django.setup()

from audit.refusal import Refused  # noqa: E402  Django starts first
from intake.parsing import open_tables  # noqa: E402  Django starts first

MIB = 1024  # of the kilobytes that are reported


def own_peak() -> int:
    """Of this program alone: what `getrusage` says begins with whoever started it."""
    status = Path("/proc/self/status").read_text()
    return int(re.findall(r"VmHWM:\s*(\d+) kB", status)[0]) // MIB


def main() -> None:
    rows, begun = 0, own_peak()
    with Path(sys.argv[1]).open("rb") as file:
        try:
            with open_tables(file) as tables:
                for _row in tables.rows(next(iter(tables.tables))):
                    rows += 1
            answer = "read"
        except Refused as refusal:
            answer = refusal.code
    child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // MIB
    print(
        json.dumps(
            {"answer": answer, "rows": rows, "grown_mib": own_peak() - begun, "child_mib": child}
        )
    )


if __name__ == "__main__":
    main()
