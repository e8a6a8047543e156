"""Taking files back: every line of one written, then undone, against writing it.

    python bench/take_back.py                              100,000 lines, SQLite and PostgreSQL
    python bench/take_back.py --lines 30000 --databases postgresql --postgres URL

Fills a database with bench/generate.py. A file of records about enterprises there is taken in, then
last year's run computed and published, so that every enterprise of the file has a grade that counts
it; then a roster file of new enterprises. Each file is asked back, weighed and taken back, in a
process of its own. Prints the table of bench/README.md. By hand only: it takes minutes.
"""

from __future__ import annotations

import argparse
import json
import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from databases import empty_database
from portal import in_own_process, start

HERE = Path(__file__).resolve()
KINDS = {"behaviours": "records, every grade follows", "roster": "new enterprises"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])  # type: ignore[union-attr]
    parser.add_argument("--lines", type=int, default=100_000)
    parser.add_argument("--databases", nargs="+", default=["sqlite", "postgresql"])
    parser.add_argument("--postgres", help="URL of a server; default: a private one")
    parser.add_argument("--step", nargs="+", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.step:
        _step(*options.step)
        return
    print("| database | file | lines | taken in | weighed | taken back | ratio | peak memory |")
    print("|---|---|---:|---:|---:|---:|---:|---:|", flush=True)
    for database in options.databases:
        lines = min(options.lines, 50_000) if database == "sqlite" else options.lines
        with (
            empty_database(database, "take_back", options.postgres) as url,
            tempfile.TemporaryDirectory(prefix="portal-take-back-") as folder,
        ):
            own = {"DATABASE_URL": url, "STORE_DIR": folder, "AUDIT_ANCHOR_DIR": folder}
            _measure(database, lines, own | {"AUDIT_KEY_FILE": f"{folder}/audit.key"})


def _measure(database: str, lines: int, own: dict[str, str]) -> None:
    in_own_process(own, "generate.py", "--enterprises", str(lines))
    taken = {"behaviours": _said(own, "take_in", "behaviours", str(lines))}
    in_own_process(own, "verify.py", "--step", "publish")
    taken["roster"] = _said(own, "take_in", "roster", str(lines))
    for kind, name in KINDS.items():
        done = _said(own, "take_back", str(taken[kind]["batch"]))
        cells = (database, name, f"{lines:,}", f"{taken[kind]['seconds']:.1f} s",
                 f"{done['weighed']:.1f} s", f"{done['taken_back']:.1f} s",
                 f"{done['taken_back'] / taken[kind]['seconds']:.2f}", f"{done['peak_mib']:.0f} MiB")  # fmt: skip
        print("| " + " | ".join(cells) + " |", flush=True)


def _said(own: dict[str, str], *step: str) -> dict[str, Any]:
    return json.loads(in_own_process(own, HERE.name, "--step", *step))


# --- in a process of its own ---------------------------------------------------------------------


def _step(name: str, *arguments: str) -> None:
    start()
    said = {"take_in": _take_in, "take_back": _take_back}[name](*arguments)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps(said | {"peak_mib": peak}))


def _timed(work: Callable[[], Any]) -> tuple[Any, float]:
    begun = time.perf_counter()
    return work(), time.perf_counter() - begun


def _take_in(layout: str, lines: str) -> dict[str, Any]:
    from intake import services
    from intake.enums import BatchState
    from roster.scope import Operator
    from tests.factories.intake import csv_file

    rows = (_records if layout == "behaviours" else _enterprises)(int(lines))
    stream = csv_file(rows)
    batch, seconds = _timed(
        lambda: services.take_in(
            by=Operator.here(), layout_key=layout, name="file.csv", stream=stream
        )
    )
    if (batch.state, batch.added) != (BatchState.MERGED, int(lines)):
        raise SystemExit(f"Not taken in: {batch.state} {batch.added} {batch.refused}")
    return {"batch": batch.pk, "seconds": seconds}


def _records(lines: int) -> list[list[str]]:
    """One serious record for each of the first enterprises."""
    from roster.models import Agency, Enterprise
    from tests.factories.taking_back import HEADINGS

    authority = Agency.objects.filter(kind="department", region="130000").first()
    assert authority is not None
    return [
        HEADINGS,
        *(
            [name, code, "严重失信主体名单", f"量〔2025〕{number}号", "某事由", authority.name, "2025-06-07", ""]
            for number, (code, name) in enumerate(
                Enterprise.objects.order_by("code").values_list("code", "name")[:lines]
            )
        ),
    ]  # fmt: skip


def _enterprises(lines: int) -> list[list[str]]:
    from tests.factories.grading import code
    from tests.factories.roster_files import HEADINGS, line

    return [HEADINGS, *(line(code(5_000_000 + number)) for number in range(lines))]


def _take_back(number: str) -> dict[str, Any]:
    """As `manage.py take_back` does it, for two people of the province's lead agency."""
    from intake import taking_back
    from intake.enums import BatchState
    from roster.models import Posting

    batch = int(number)
    clerk, approver = (
        Posting.objects.filter(role=role, agency__region="130000", agency__kind="lead")[0].user
        for role in ("lead_clerk", "lead_approver")
    )
    taking_back.ask(by=clerk, batch_id=batch, reason="发错了文件")
    weighed, weighing = _timed(lambda: taking_back.weigh(batch))
    digest = weighed.take_backs.get().fates_digest
    taking_back.decide(by=approver, batch_id=batch, agree=True, reason="", digest=digest)
    done, carrying_out = _timed(lambda: taking_back.carry_out(batch))
    if done.state != BatchState.TAKEN_BACK:
        raise SystemExit(f"Not taken back: {done.state}")
    return {"weighed": weighing, "taken_back": carrying_out}


if __name__ == "__main__":
    main()
