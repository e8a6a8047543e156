"""What a hostile file costs: seconds, memory of who reads and of who parses, and the answer.

    python bench/hostile_files.py                      PostgreSQL, a private server
    python bench/hostile_files.py --database sqlite    without the million bad lines
    python bench/hostile_files.py --only "an entity bomb"

Each file is received as a page receives it and, when it is taken, checked line by line, in a
process of its own. The child's peak cannot be told below that of the process that starts it,
about 80 MiB. Seconds of a processor count the start of the portal too. By hand only.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from databases import empty_database
from portal import in_own_process, start

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.factories import hostile

HERE = Path(__file__).resolve()
HEADINGS = ["企业名称", "统一社会信用代码", "注册地行政区划代码", "登记状态", "成立日期"]
ROWS = [HEADINGS, *[["甲公司", "91110000600037341L", "130102", "存续", "2019-05-06"]] * 2]
BAD = b"\xe4\xb9\x99,9111000060003734XX,139999,x,2025-02-30\n"
MILLION = "1,000,000 bad lines"
FILES: dict[str, Callable[[], bytes]] = {
    "two good lines": lambda: hostile.csv_of(ROWS).encode(),
    "a line of 500 MB": lambda: hostile.endless_line(ROWS, megabytes=500),
    "a row of endless quoted cells, 500 MB": lambda: hostile.endless_row(ROWS, megabytes=500),
    "an open quote, 500 MB": lambda: hostile.open_quote(ROWS, megabytes=500),
    "rows of a million characters, 500 MB": lambda: hostile.long_rows(ROWS, megabytes=500),
    "one cell at XFD1048576": lambda: hostile.far_cell(ROWS),
    "rows numbered 99,999,999": lambda: hostile.far_rows(ROWS),
    "1 GB of shared strings": lambda: hostile.large_strings(ROWS, megabytes=1_024),
    "1 GB of rows in a sheet": lambda: hostile.large_sheet(ROWS, megabytes=1_024),
    "1 GB of one row in a sheet": lambda: hostile.endless_row_of_sheet(megabytes=1_024),
    "one long text in a million rows": lambda: hostile.repeated_text(HEADINGS, rows=1_000_000),
    "3 GB of a sheet": lambda: hostile.large_sheet(ROWS, megabytes=3_072),
    "1 GB that claims to be small": lambda: hostile.lying_directory(ROWS, megabytes=1_024),
    "a million parts": lambda: hostile.many_entries(count=1_000_000),
    "an entity bomb": lambda: hostile.with_entity(ROWS, hostile.BOMB, "&i;"),
    "an external entity": lambda: hostile.with_entity(ROWS, hostile.EXTERNAL, "&file;"),
    MILLION: lambda: hostile.csv_of(ROWS[:1]).encode() + BAD * 1_000_000,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])  # type: ignore[union-attr]
    parser.add_argument("--database", choices=["postgresql", "sqlite"], default="postgresql")
    parser.add_argument("--postgres", help="URL of a server; default: a private one")
    parser.add_argument("--only", nargs="+", choices=FILES, default=list(FILES))
    options = parser.parse_args()
    print("| file | size | seconds | of a processor | reads | parses | answer |")
    print("|---|---:|---:|---:|---:|---:|---|")
    with (
        tempfile.TemporaryDirectory(prefix="portal-bench-") as folder,
        empty_database(options.database, "hostile", options.postgres) as url,
    ):
        _step(url, "prepare")
        for name in options.only:
            if name == MILLION and options.database == "sqlite":
                continue
            file = Path(folder, "file")
            _step(url, "write", name, str(file))
            said = _step(url, "receive", str(file))
            size = file.stat().st_size / 2**20
            print(
                f"| {name} | {size:.1f} MiB | {said['seconds']:.1f} | {said['cpu']:.1f} |"
                f" {said['own_mib']} MiB | {said['child_mib']} MiB | {said['answer']} |",
                flush=True,
            )


def _step(url: str, name: str, *arguments: str) -> dict:
    printed = in_own_process({"DATABASE_URL": url}, HERE.name, "--step", name, *arguments)
    return json.loads(printed)


# --- steps, each in a process of its own ---------------------------------------------------------


def prepare() -> dict:
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    with Path(os.devnull).open("w") as nowhere:
        call_command("reference", stdout=nowhere)
    return {}


def write(name: str, file: str) -> dict:
    Path(file).write_bytes(FILES[name]())
    return {}


def receive(file: str) -> dict:
    from audit.refusal import Refused, explain
    from intake import services
    from roster.scope import Operator

    begun = time.perf_counter()
    try:
        with Path(file).open("rb") as stream:
            batch = services.take_in(
                by=Operator.here(), layout_key="roster", name="x", stream=stream, dry_run=True
            )
        answer = f"{batch.lines:,} lines, {batch.refused:,} refused"
    except Refused as refusal:
        answer = explain(refusal)
    seconds = time.perf_counter() - begun
    both = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    own, child = (one.ru_maxrss // 1024 for one in both)
    cpu = sum(one.ru_utime + one.ru_stime for one in both)
    return {
        "seconds": seconds, "cpu": cpu, "own_mib": own, "child_mib": child, "answer": answer,
    }  # fmt: skip


STEPS = {"prepare": prepare, "write": write, "receive": receive}


if __name__ == "__main__":
    if sys.argv[1:2] == ["--step"]:
        start()
        with tempfile.TemporaryDirectory(prefix="portal-bench-") as store:
            from django.conf import settings

            settings.STORE_DIR = Path(store)
            print(json.dumps(STEPS[sys.argv[2]](*sys.argv[3:])))
    else:
        main()
