import json
from collections.abc import Callable
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils.timezone import localdate

from audit.refusal import Refused, explain
from credit_portal.sweep import daily, open_due_runs, sweep
from intake.sweeping import tend_each


class Command(BaseCommand):
    help = "Open runs that are due, announce unfinished work again. Safe at any time."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        found: dict[str, int] = {}
        rounds: tuple[Callable[[], dict[str, int]], ...] = (
            lambda: {"due_runs": self._open_due_runs()},
            sweep,
            lambda: daily(on=localdate()),
        )
        tend_each(rounds, lambda made: found.update(made()))
        if options["json"]:
            self.stdout.write(json.dumps(found))
            return
        for name, count in found.items():
            self.stdout.write(f"{name}: {count}")

    def _open_due_runs(self) -> int:
        try:
            return open_due_runs(on=localdate())
        except Refused as refusal:
            self.stderr.write(explain(refusal))
            return 0
