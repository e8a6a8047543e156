import json
from typing import Any

from django.core.management.base import CommandError, CommandParser

from audit.commands import ActingCommand
from audit.refusal import Refused, explain, record_refusal
from grading.messages import SAID
from intake import taking_back
from intake.models import Batch
from roster.commands import actor_named


class Command(ActingCommand):
    help = (
        "Takes back what a file wrote, for two people: one asks, the other agrees. Exit codes: "
        "0 taken back, 1 refused, 2 used wrongly."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("batch", type=int, help="number of the file")
        parser.add_argument("--reason", required=True)
        parser.add_argument("--asked-by", required=True, metavar="USERNAME")
        parser.add_argument("--by", required=True, metavar="USERNAME", help="who agrees")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        asker, second = actor_named(options["asked_by"]), actor_named(options["by"])
        number = options["batch"]
        if not Batch.objects.filter(pk=number).exists():
            raise CommandError(f"There is no file {number}.", returncode=2)
        try:
            done = taking_back.at_once(
                by=asker, second=second, batch_id=number, reason=options["reason"]
            )
        except Refused as refused:
            record_refusal(act="intake.file_taken_back", by=second, exc=refused)
            raise CommandError(explain(refused), returncode=1) from refused
        if options["json"]:
            said = {
                "batch": number, "retracted": done.retracted, "restored": done.restored,
                "kept": done.staying, "grades": done.effect,
            }  # fmt: skip
            self.stdout.write(json.dumps(said, ensure_ascii=False))
            return
        self.stdout.write(
            SAID["taken_back"].format(
                number=number, retracted=done.retracted, restored=done.restored, kept=done.staying
            )
        )
        for row in done.kept_rows.all()[:20]:
            self.stdout.write(f"  {row}")
