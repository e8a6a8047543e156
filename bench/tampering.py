"""Single changes behind the portal's back, drawn by a seed, and whether `verify` names each.

    python bench/tampering.py                              500 changes, SQLite
    python bench/tampering.py --database postgresql --changes 500 --seed 2
    python bench/tampering.py --all                        every change there is

A small portal (three counties, two published runs, corrections, files) in a database of its own;
each change is made, looked at through the code of `manage.py verify`, and undone, the triggers
taken off as a superuser would. Prints the table of bench/README.md and every change that was
missed; exit code 1 when there is one. By hand only; tests/grading/test_tampering.py makes one
change of each kind and table.
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from databases import empty_database

HERE = Path(__file__).resolve().parent


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])  # type: ignore[union-attr]
    parser.add_argument("--database", default="sqlite", choices=["sqlite", "postgresql"])
    parser.add_argument("--changes", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--postgres", help="URL of a server; default: a private one")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.here:
        raise SystemExit(_tamper(options))
    with (
        empty_database(options.database, "tampering", options.postgres) as url,
        tempfile.TemporaryDirectory(prefix="portal-tampering-") as folder,
    ):
        own = {"DATABASE_URL": url, "VAR_DIR": folder, "AUDIT_ANCHOR_DIR": f"{folder}/anchor"}
        own |= {"AUDIT_KEY_FILE": f"{folder}/audit.key", "STORE_DIR": f"{folder}/store"}
        arguments = [sys.executable, __file__, "--here", *sys.argv[1:]]
        raise SystemExit(subprocess.run(arguments, env=os.environ | own, check=False).returncode)


def _tamper(options: argparse.Namespace) -> int:
    from portal import start

    start()
    from django.core.management import call_command
    from django.db import IntegrityError, connection, transaction

    from audit import triggers
    from tests import tampering

    call_command("migrate", verbosity=0)
    scene = tampering.set_up()
    triggers.remove(connection)
    if (alarm := tampering.first_bad()) is not None:
        print(f"False alarm before any change: {alarm}")
        return 1
    counted: dict[str, Counter[tuple[str, str]]] = {}
    missed, refused = [], 0
    for change in _drawn(list(tampering.all_changes()), options):
        if not options.all and _made(counted) >= options.changes:
            break
        try:
            with transaction.atomic():
                seen = tampering.tamper(change, scene)
        except tampering.Impossible:
            continue
        except IntegrityError:
            refused += 1
            continue
        room = change.model._meta.app_label
        for what in ("made", *(["found"] if seen.said else []), *([seen.named] * bool(seen.named))):
            counted.setdefault(what, Counter())[room, change.kind] += 1
        if seen.named != "row":
            missed.append(f"{change}: {seen.said}")
    print(_table(counted))
    for name, (_change, part) in tampering.WHOLESALE.items():
        said = tampering.tamper_wholesale(name, scene)
        print(f"{name}: {said}")
        if said is None or part not in said:
            missed.append(f"{name}: {said}")
    if (alarm := tampering.first_bad()) is not None:
        missed.append(f"False alarm after all was undone: {alarm}")
    print(f"{_made(counted)} changes made, {refused} more the tables' own constraints refused.")
    print("\n".join(["Missed:", *missed]) if missed else "None was missed.")
    return 1 if missed else 0


def _made(counted: dict[str, Counter[tuple[str, str]]]) -> int:
    return counted.get("made", Counter()).total()


def _drawn(changes: list, options: argparse.Namespace) -> Iterator:
    """In an order drawn by the seed, each kind of each table in turn, so that none is left out."""
    rng = random.Random(options.seed)
    by_both: dict[tuple[str, str], list] = {}
    for change in changes:
        by_both.setdefault((change.kind, change.model._meta.label), []).append(change)
    for found in by_both.values():
        rng.shuffle(found)
    while by_both:
        for key in rng.sample(sorted(by_both), len(by_both)):
            yield by_both[key].pop()
            if not by_both[key]:
                del by_both[key]


def _table(counted: dict[str, Counter[tuple[str, str]]]) -> str:
    """By room and kind: made, found, named with the row."""
    kinds = list(dict.fromkeys(kind for _room, kind in sorted(counted["made"])))
    lines = ["| | " + " | ".join(kinds) + " |", "|---|" + "---:|" * len(kinds)]
    for room in dict.fromkeys(room for room, _kind in sorted(counted["made"])):
        cells = [
            "/".join(str(counted.get(what, {}).get((room, kind), 0)) for what in ("made", "found", "row"))
            for kind in kinds
        ]  # fmt: skip
        lines.append(f"| {room} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
