import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

import grading.reference
import records.services
import roster.reference
import workdays.services
from roster.scope import Operator


class Command(BaseCommand):
    help = "Load what comes with the portal and is not there yet. Safe at any time."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        by = Operator.here()
        found = workdays.services.load_reference(by=by)
        found["regions"], found["industries"] = roster.reference.load_reference(by=by)
        found["kinds"] = records.services.load_reference(by=by)
        found["schemes"] = grading.reference.load_reference(by=by)
        if options["json"]:
            self.stdout.write(json.dumps(found))
            return
        for name, count in found.items():
            self.stdout.write(f"{name}: {count}")
