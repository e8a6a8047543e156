import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from credit_portal.sweep import sweep


class Command(BaseCommand):
    help = "Announce unfinished work again: batches, runs. Safe at any time."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        found = sweep()
        if options["json"]:
            self.stdout.write(json.dumps(found))
            return
        for name, count in found.items():
            self.stdout.write(f"{name}: {count}")
