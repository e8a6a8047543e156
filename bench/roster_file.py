"""A roster file of many lines taken in, every line checked and reported, against bare COPY.

    python bench/roster_file.py --lines 300000 1000000        PostgreSQL, a private server
    python bench/roster_file.py --postgres URL
    python bench/roster_file.py --changed              then a file in which every line has changed

whole: the file is received, every line checked, written and reported, as `import_roster` does.
bare: COPY of the very rows the whole wrote, from files already in the tables' form, into the same
tables with the same indexes: enterprises alone, and all three tables a roster file fills.
changed: after a whole, the same file with another name in every line. Each measurement runs in a process of its own, in turn. By hand only.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import resource
import statistics
import sys
import tempfile
import time
from pathlib import Path

from databases import empty_database
from portal import in_own_process, start

HERE = Path(__file__).resolve()
TABLES = ("roster_enterprise", "roster_registration", "roster_rosterentry")
WRONG_EACH = 1_000
HEADINGS = [
    "企业名称", "统一社会信用代码", "注册地行政区划代码", "注册地址", "隶属关系", "垄断性行业",
    "行业代码", "登记状态", "成立日期",
]  # fmt: skip
RECEIVED = ("intake_batchline", "intake_batchslice", "intake_batch")


# --- in the parent -------------------------------------------------------------------------------


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])  # type: ignore[union-attr]
    parser.add_argument("--lines", type=int, nargs="+", default=[300_000, 1_000_000])
    parser.add_argument("--repetitions", type=int, default=3)
    parser.add_argument("--postgres", help="URL of a server; default: a private one")
    parser.add_argument("--changed", action="store_true", help="also a file of changed lines")
    options = parser.parse_args()
    rows = []
    for lines in options.lines:
        with (
            tempfile.TemporaryDirectory(prefix="portal-bench-") as folder,
            empty_database("postgresql", f"roster_{lines}", options.postgres) as url,
        ):
            rows.append(
                _measure(lines, url, Path(folder), options.repetitions, changed=options.changed)
            )
    print(
        "| lines | file | whole | COPY, enterprises | ratio | COPY, three tables | ratio | peak"
        " | every line changed | peak |"
    )
    print("|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|")
    print("\n".join(rows))


def _measure(lines: int, url: str, folder: Path, repetitions: int, *, changed: bool) -> str:
    file, news = folder / "roster.csv", folder / "changed.csv"
    _step(url, "write", str(file), str(news), str(lines))
    found: dict[str, list[dict]] = {"whole": [], "changed": [], "one": [], "three": []}
    for turn in range(repetitions):
        found["whole"].append(_step(url, "whole", str(file)))
        if turn == 0:
            _step(url, "export", str(folder))
        if changed:
            found["changed"].append(_step(url, "changed", str(news)))
        for way in ("one", "three"):
            found[way].append(_step(url, way, str(folder)))
    whole, one, three = (
        statistics.median(item["seconds"] for item in found[way])
        for way in ("whole", "one", "three")
    )
    peak = max(item["peak_mib"] for item in found["whole"])
    size = file.stat().st_size / 2**20
    return (
        f"| {lines:,} | {size:.0f} MiB | {whole:.1f} s | {one:.1f} s | {whole / one:.2f} |"
        f" {three:.1f} s | {whole / three:.2f} | {peak:.0f} MiB | {_changed(found['changed'])} |"
    )


def _changed(found: list[dict]) -> str:
    if not found:
        return "– | –"
    seconds = statistics.median(item["seconds"] for item in found)
    return f"{seconds:.1f} s | {max(item['peak_mib'] for item in found):.0f} MiB"


def _step(url: str, name: str, *arguments: str) -> dict:
    printed = in_own_process({"DATABASE_URL": url}, HERE.name, "--step", name, *arguments)
    said = json.loads(printed)
    print(f"  {name} {said}", file=sys.stderr, flush=True)
    return said


# --- steps, each in a process of its own ---------------------------------------------------------


def write(file: str, news: str, lines: str) -> dict:
    """The file, with one wrong line in a thousand, and the reference tables to check it with.

    `news` is the same file with another name in every line.
    """
    from django.core.management import call_command

    from bench.generate import TODAY
    from credit_portal.demo.enterprises import World, invent
    from credit_portal.demo.offices import places
    from roster.enums import Affiliation, Monopoly, Status

    call_command("migrate", verbosity=0)
    with Path(os.devnull).open("w") as nowhere:
        call_command("reference", stdout=nowhere)
    world = World.of(places(), today=TODAY)
    with (
        Path(file).open("w", encoding="utf-8-sig", newline="") as stream,
        Path(news).open("w", encoding="utf-8-sig", newline="") as later,
    ):
        rows, changed_rows = csv.writer(stream), csv.writer(later)
        rows.writerow(HEADINGS)
        changed_rows.writerow(HEADINGS)
        for number, item in enumerate(invent(int(lines), seed=1, world=world), start=1):
            given = item.given
            cells = [
                item.code,
                "139999" if number % WRONG_EACH == 0 else given["region_id"], given["address"],
                Affiliation(given["affiliation"]).label, Monopoly(given["monopoly"]).label,
                given["industry_id"], Status(given["status"]).label, given["established_on"],
            ]  # fmt: skip
            rows.writerow([given["name"], *cells])
            changed_rows.writerow([f"新{given['name']}", *cells])
    return {"lines": int(lines)}


def whole(file: str) -> dict:
    """Receive, check, write and report, from the file to the committed batch."""
    _empty(*RECEIVED, *TABLES)
    return _take_in(file, "added")


def changed(file: str) -> dict:
    """The same with a file that changes every enterprise that is there."""
    return _take_in(file, "changed")


def _take_in(file: str, fate: str) -> dict:
    from intake.services import take_in
    from roster.scope import Operator

    with Path(file).open("rb") as stream:
        begun = time.perf_counter()
        batch = take_in(
            by=Operator.here(), layout_key="roster", name=Path(file).name, stream=stream
        )
        seconds = time.perf_counter() - begun
    count = getattr(batch, fate)
    if count + batch.refused != batch.lines or not count:
        raise SystemExit(f"Not taken in: {batch.state} {batch.refusal_code}")
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    cpu = [round(one.ru_utime + one.ru_stime, 1) for one in used]
    return {"seconds": seconds, "cpu": cpu, fate: count, "refused": batch.refused}


def export(folder: str) -> dict:
    """The rows the whole wrote, as COPY reads them."""
    from django.db import connection

    with connection.cursor() as cursor:
        for table in TABLES:
            with (
                Path(folder, table).open("wb") as file,
                cursor.copy(f"COPY {table} TO STDOUT") as copy,
            ):
                for block in copy:
                    file.write(block)
    return {"tables": len(TABLES)}


def one(folder: str) -> dict:
    return _copy(folder, TABLES[:1])


def three(folder: str) -> dict:
    return _copy(folder, TABLES)


def _copy(folder: str, tables: tuple[str, ...]) -> dict:
    from django.db import connection, transaction

    _empty(*RECEIVED, *TABLES)
    begun = time.perf_counter()
    with transaction.atomic(), connection.cursor() as cursor:
        for table in tables:
            with (
                Path(folder, table).open("rb") as file,
                cursor.copy(f"COPY {table} FROM STDIN") as copy,
            ):
                while block := file.read(1 << 20):
                    copy.write(block)
    return {"seconds": time.perf_counter() - begun}


def _empty(*tables: str) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {', '.join(tables)} CASCADE")


STEPS = {
    "write": write, "whole": whole, "changed": changed, "export": export, "one": one,
    "three": three,
}  # fmt: skip


if __name__ == "__main__":
    if sys.argv[1:2] == ["--step"]:
        start()
        with tempfile.TemporaryDirectory(prefix="portal-bench-") as store:
            from django.conf import settings

            settings.STORE_DIR = Path(store)
            said = STEPS[sys.argv[2]](*sys.argv[3:])
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(json.dumps(said | {"peak_mib": round(peak)}))
    else:
        main()
