import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.timezone import localdate

from audit.refusal import Refused, explain
from credit_portal.demo import cases, people, samples, services
from credit_portal.demo.sheet import account_sheet
from credit_portal.messages import SAID
from roster.scope import Operator


class Command(BaseCommand):
    help = "A made-up Hebei to try the portal with, and last year's evaluation. Safe to repeat."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--enterprises", type=int, default=5_000)
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--accounts", action="store_true", help="only print the accounts")
        parser.add_argument("--samples", type=Path, help="folder for the sample files")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.USE_DEMO_ACCOUNTS:
            raise CommandError("Demo data are refused here: DEMO_ACCOUNTS is off.")
        folder = options["samples"] or Path(settings.VAR_DIR) / "samples"
        if options["accounts"]:
            self.stdout.write(account_sheet(folder))
            return
        if options["enterprises"] < 1:
            raise CommandError("--enterprises must be at least 1.", returncode=2)
        self._fill(options["enterprises"], options["seed"], folder)

    def _fill(self, count: int, seed: int, folder: Path) -> None:
        by, today = Operator.here(), localdate()
        call_command("reference", stdout=io.StringIO())
        if people.are_there():
            self.stdout.write(str(SAID["demo_filled_already"]))
        else:
            self._do(lambda: services.fill(by=by, count=count, seed=seed, today=today))
            self.stdout.write(SAID["demo_filled"].format(count=count))
        if services.is_evaluated():
            self.stdout.write(str(SAID["demo_published_already"]))
        else:
            run = services.evaluate(by=by, today=today)
            self.stdout.write(SAID["demo_published"].format(date=run.reference_date))
        services.follow_up(today=today)
        cases.bring_cases(by=by, today=today)
        if written := samples.write(folder, today=today):
            self.stdout.write(SAID["demo_samples"].format(count=written, folder=folder))

    def _do(self, service: Callable[[], None]) -> None:
        try:
            service()
        except Refused as refusal:
            raise CommandError(str(explain(refusal))) from refusal
