import json
from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import CommandError, CommandParser

from audit.actors import operating_account
from audit.acts import Account
from audit.commands import ActingCommand
from audit.refusal import Refused, explain, record_refusal
from workdays.services import load_calendar

ACT = "workdays.calendar_loaded"


class Command(ActingCommand):
    help = (
        "Loads a holiday table (CSV: date,kind,festival; kind is 休 or 班)."
        " Exit codes: 0 done, 1 refused, 2 used wrongly."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--source", required=True, help="the notice the table comes from")
        parser.add_argument("--by", help="user name (default: the operating-system account)")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        by = self._actor(options["by"])
        try:
            content = options["file"].read_bytes()
        except OSError as fault:
            raise CommandError(f"{options['file']}: {fault.strerror}", returncode=2) from fault
        try:
            years = load_calendar(by=by, content=content, source=options["source"])
        except Refused as refused:
            record_refusal(act=ACT, by=by, exc=refused)
            raise CommandError(explain(refused), returncode=1) from refused
        if options["json"]:
            self.stdout.write(json.dumps({"years": years}))
        else:
            self.stdout.write(
                f"Years loaded: {', '.join(map(str, years)) or 'none, all as before'}"
            )

    def _actor(self, name: str | None) -> Any:
        if name is None:
            return Account(operating_account())
        users = get_user_model()._default_manager
        actor = users.filter(**{get_user_model().USERNAME_FIELD: name}).first()
        if actor is None:
            raise CommandError(f"--by {name}: there is no such user.", returncode=2)
        return actor
