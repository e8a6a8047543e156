import dataclasses
import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from grading.models import Run
from grading.replay import verify_run


class Command(BaseCommand):
    help = "Replays a run from the tables. Exit codes: 0 it follows, 1 it does not, 2 used wrongly."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("run", type=int)
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        run = Run.objects.select_related("scheme").filter(pk=options["run"]).first()
        if run is None:
            raise CommandError(f"There is no run {options['run']}.", returncode=2)
        found = verify_run(run)
        if options["json"]:
            self.stdout.write(json.dumps(dataclasses.asdict(found)))
        elif found.ok:
            self.stdout.write(f"{found.checked} ratings of run {run.pk} follow from the tables.")
        if not found.ok:
            raise CommandError(str(found.first_bad), returncode=1)
