from typing import Any

from django.core.management.base import CommandError, CommandParser

from audit.commands import ActingCommand
from roster.accounts import set_password
from roster.commands import faults_of, typed_password
from roster.forms import PasswordForm
from roster.messages import SAID
from roster.models import User
from roster.scope import Operator


class Command(ActingCommand):
    """In place of Django's command of this name, which would leave no event."""

    help = (
        "Gives an account a new password, when no security administrator can sign in. The password "
        "is asked for, or read as a line from standard input. "
        "Exit codes: 0 done, 1 refused, 2 used wrongly."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(username=options["username"]).first()
        if user is None:
            raise CommandError(f"There is no account {options['username']}.", returncode=2)
        password = typed_password()
        form = PasswordForm({"password": password, "again": password}, user=user)
        if not form.is_valid():
            raise CommandError(faults_of(form), returncode=1)
        set_password(by=Operator.here(), user=user, password=password)
        self.stdout.write(SAID["password_set"].format(user=user))
