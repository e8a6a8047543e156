import dataclasses
import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, connection

from audit import triggers
from audit.messages import SAID
from audit.verify import verify


class Command(BaseCommand):
    help = "Walks the audit chain and names the first bad event. Exit codes: 0 whole, 1 found wrong, 2 used wrongly."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON object")
        parser.add_argument(
            "--require-anchor",
            action="store_true",
            default=None,
            help="a chain without anchor is wrong too (always so in production)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            verdict = verify(require_anchor=options["require_anchor"])
            open_tables = triggers.missing(connection)
        except DatabaseError as fault:
            raise CommandError(f"The database cannot be read: {fault}", returncode=2) from fault
        for table in open_tables:
            self.stderr.write(SAID["triggers_lost"].format(table=table))
        said = {key: dataclasses.asdict(verdict)[key] for key in ("ok", "checked", "first_bad")}
        if options["json"]:
            self.stdout.write(json.dumps(said))
        elif verdict.ok:
            self.stdout.write(SAID["chain_holds"].format(count=verdict.checked))
        if not verdict.ok:
            raise CommandError(verdict.problem, returncode=1)
