import dataclasses
import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from grading.messages import SAID
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
            raise CommandError(str(SAID["no_run"]).format(number=options["run"]), returncode=2)
        found = verify_run(run)
        if options["json"]:
            self.stdout.write(json.dumps(dataclasses.asdict(found), ensure_ascii=False))
        elif found.ok:
            self.stdout.write(SAID["run_holds"].format(number=run.pk, count=found.checked))
        if not found.ok:
            raise CommandError(str(found.first_bad), returncode=1)
