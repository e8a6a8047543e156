import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from grading.messages import SAID
from grading.verifying import checks


class Command(BaseCommand):
    help = (
        "Checks the audit chain, the rows of the kept and the stated tables against its events, the"
        " enterprises against their versions, replays the runs and counts the ratings in force"
        " again; it stops at the first that is wrong. Exit codes: 0 all holds, 1 found wrong, 2 used"
        " wrongly or the database cannot be read."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            checked, first_bad = self._check(quiet=options["json"])
        except DatabaseError as fault:
            raise CommandError(f"The database cannot be read: {fault}", returncode=2) from fault
        if options["json"]:
            said = {"ok": first_bad is None, "checked": checked, "first_bad": first_bad}
            self.stdout.write(json.dumps(said, ensure_ascii=False))
        if first_bad:
            raise CommandError(first_bad + "\n" + str(SAID["verify_what_next"]), returncode=1)
        if not options["json"]:
            self.stdout.write(str(SAID["verify_holds"]))

    def _check(self, *, quiet: bool) -> tuple[int, str | None]:
        """How much was compared, and the first that is wrong."""
        checked = 0
        for check in checks():
            found = check.carry_out()
            checked += found.checked
            if not quiet:
                self.stdout.write(SAID["verify_step"].format(what=check, count=found.checked))
            if found.first_bad:
                return checked, found.first_bad
        return checked, None
