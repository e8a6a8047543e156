"""Whole annual run against bare, on SQLite and PostgreSQL, side by side on the same tables.

    python bench/run.py                                    30,000 and 300,000 on both
    python bench/run.py --sizes 3000000 --databases postgresql --postgres URL

PostgreSQL: a server named by --postgres (databases portal_bench_… are made in it and dropped), or
a private one from the installed programs. Every repetition runs whole and bare in turn, each in a
process of its own. Prints the table of bench/README.md. By hand only: it takes minutes.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
from dataclasses import dataclass, field

from databases import empty_database
from portal import in_own_process

WAYS = ("whole", "bare")
SIZES = [30_000, 300_000]


@dataclass
class Case:
    """One size on one database, and what was measured."""

    database: str
    size: int
    records: str = ""
    seconds: dict[str, list[float]] = field(default_factory=lambda: {way: [] for way in WAYS})
    peak_mib: dict[str, float] = field(default_factory=dict)
    grades: dict[str, dict[str, int]] = field(default_factory=dict)

    def take(self, measured: dict) -> None:
        way = measured["way"]
        self.seconds[way].append(measured["seconds"])
        self.peak_mib[way] = max(self.peak_mib.get(way, 0), measured["peak_mib"])
        self.grades[way] = measured["grades"]

    def row(self) -> str:
        whole, bare = (statistics.median(self.seconds[way]) for way in WAYS)
        pairs = zip(self.seconds["whole"], self.seconds["bare"], strict=True)
        ratio = statistics.median(one / other for one, other in pairs)
        cells = (
            self.database, f"{self.size:,}", self.records, f"{whole:.1f} s", f"{bare:.1f} s",
            f"{ratio:.2f}", f"{self.peak_mib['whole']:.0f} MiB",
        )  # fmt: skip
        return "| " + " | ".join(cells) + " |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])  # type: ignore[union-attr]
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--databases", nargs="+", default=["sqlite", "postgresql"])
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument("--postgres", help="URL of a server; default: a private one")
    options = parser.parse_args()
    cases = []
    for database in options.databases:
        for size in options.sizes:
            with empty_database(database, str(size), options.postgres) as url:
                cases.append(_measure(Case(database, size), url, options.repetitions))
    print(table(cases))


def table(cases: list[Case]) -> str:
    """The table of the README."""
    head = "| database | enterprises | records | whole | bare | ratio | peak memory of the worker |"
    return "\n".join([head, "|---|---:|---:|---:|---:|---:|---:|", *(case.row() for case in cases)])


def _measure(case: Case, url: str, repetitions: int) -> Case:
    said = _python(url, "generate.py", "--enterprises", str(case.size))
    print(f"{case.database}: {said}", end="", file=sys.stderr, flush=True)
    case.records = said.split(" records")[0].rsplit(" ", 1)[-1]
    for turn in range(repetitions):
        for way in WAYS if turn % 2 == 0 else reversed(WAYS):
            measured = json.loads(_python(url, "annual_run.py", way))
            case.take(measured)
            print(f"  {way} {measured['seconds']:.2f} s", file=sys.stderr, flush=True)
    if case.grades["whole"] != case.grades["bare"]:
        raise SystemExit(f"Whole and bare disagree: {case.grades}")
    return case


def _python(url: str, script: str, *arguments: str) -> str:
    return in_own_process({"DATABASE_URL": url}, script, *arguments)


if __name__ == "__main__":
    main()
