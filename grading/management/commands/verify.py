import json
from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from audit.recount import recount
from audit.verify import verify as verify_chain
from grading.models import RosterRun, Run
from grading.replay import verify_current, verify_run


class Command(BaseCommand):
    help = (
        "Checks the audit chain, adds up the rows of the kept tables against its events, replays"
        " the runs of the current parts and counts the ratings in force again. Exit codes: 0 all"
        " holds, 1 found wrong, 2 used wrongly."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        checked, first_bad = 0, None
        for name, count, bad in _checks():
            checked += count
            if not options["json"]:
                self.stdout.write(f"{name}: {count} checked" + (f", wrong: {bad}" if bad else ""))
            if bad:
                first_bad = f"{name}: {bad}"
                break
        if options["json"]:
            said = {"ok": first_bad is None, "checked": checked, "first_bad": first_bad}
            self.stdout.write(json.dumps(said))
        if first_bad:
            raise CommandError(first_bad, returncode=1)


def _checks() -> Iterator[tuple[str, int, str | None]]:
    chain = verify_chain()
    yield "audit", chain.checked, None if chain.ok else chain.problem or str(chain.first_bad)
    rows = recount()
    yield "rows", rows.checked, rows.first_bad
    current = RosterRun.objects.current().values("run")
    for run in Run.objects.filter(pk__in=current).select_related("scheme").order_by("pk"):
        found = verify_run(run)
        yield f"run {run.pk}", found.checked, found.first_bad
    standing = verify_current()
    yield "ratings in force", standing.checked, standing.first_bad
