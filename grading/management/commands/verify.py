import dataclasses
import json
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.db import DatabaseError

from audit.commands import ActingCommand
from audit.found import Found
from grading.messages import SAID
from grading.verifying import checks, record_outcome
from roster.scope import Operator


class Command(ActingCommand):
    help = (
        "Checks the audit chain, the rows of the kept and the stated tables against its events, the"
        " enterprises against their versions, replays the runs and counts the ratings in force"
        " again; it stops at the first that is wrong. Exit codes: 0 all holds, 1 found wrong, 2 used"
        " wrongly or the database cannot be read."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON object")
        parser.add_argument(
            "--record",
            action="store_true",
            help="leave the outcome in the audit chain: the home page then warns of what is wrong",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            found = self._check(quiet=options["json"])
            if options["record"]:
                record_outcome(by=Operator.here(), found=found)
        except DatabaseError as fault:
            raise CommandError(f"The database cannot be read: {fault}", returncode=2) from fault
        if options["json"]:
            self.stdout.write(json.dumps(dataclasses.asdict(found), ensure_ascii=False))
        if not found.ok:
            raise CommandError(f"{found.first_bad}\n{SAID['verify_what_next']}", returncode=1)
        if not options["json"]:
            self.stdout.write(str(SAID["verify_holds"]))

    def _check(self, *, quiet: bool) -> Found:
        """All checks as one, up to the first that is wrong."""
        checked = 0
        for check in checks():
            found = check.carry_out()
            checked += found.checked
            if not quiet:
                self.stdout.write(SAID["verify_step"].format(what=check, count=found.checked))
            if not found.ok:
                return Found(False, checked, found.first_bad)
        return Found(True, checked)
