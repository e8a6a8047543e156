from typing import Any

from django.core.management.base import CommandError, CommandParser

from audit.commands import ActingCommand
from audit.refusal import Refused, explain, record_refusal
from roster.messages import SAID
from roster.models import User
from roster.scope import Operator
from roster.second_factor import RESET, reset_second_factor


class Command(ActingCommand):
    help = (
        "Takes the second step of signing in from an account, when its phone is lost and no "
        "security administrator can sign in. Exit codes: 0 done, 1 refused, 2 used wrongly."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(username=options["username"]).first()
        if user is None:
            raise CommandError(f"There is no account {options['username']}.", returncode=2)
        try:
            reset_second_factor(by=Operator.here(), user=user)
        except Refused as refusal:
            record_refusal(act=RESET, by=Operator.here(), exc=refusal)
            raise CommandError(explain(refusal), returncode=1) from refusal
        self.stdout.write(SAID["second_factor_reset"].format(user=user))
