from argparse import ArgumentTypeError
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils.timezone import localdate

from audit.commands import ActingCommand
from audit.refusal import Refused, explain, record_refusal
from roster.commands import faults_of, typed_password
from roster.first_admin import FIRST_ADMIN, post_first_admin
from roster.forms import AccountForm
from roster.messages import SAID
from roster.scope import Operator


class Command(ActingCommand):
    help = (
        "Sets up the province's lead agency and the first security administrator, while nobody "
        "holds a post. The password is asked for, or read as a line from standard input. "
        "Exit codes: 0 done, 1 refused, 2 used wrongly."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        for name in ("agency-name", "username", "full-name"):
            parser.add_argument(f"--{name}", required=True, type=_filled)
        parser.add_argument("--agency-code", default="HB-LEAD", type=_filled)

    def handle(self, *args: Any, **options: Any) -> None:
        by = Operator.here()
        account = _checked(options["username"], options["full_name"], typed_password())
        try:
            user = post_first_admin(
                by=by,
                on=localdate(),
                agency_code=options["agency_code"],
                agency_name=options["agency_name"],
                **account,
            )
        except Refused as refusal:
            record_refusal(act=FIRST_ADMIN, by=by, exc=refusal)
            raise CommandError(explain(refusal), returncode=1) from refusal
        self.stdout.write(SAID["first_admin"].format(user=user, agency=options["agency_name"]))


def _filled(text: str) -> str:
    if not text.strip():
        raise ArgumentTypeError("must not be blank")
    return text.strip()


def _checked(username: str, full_name: str, password: str) -> dict[str, Any]:
    """What the page for new accounts takes, refused in its words."""
    typed = {"username": username, "full_name": full_name, "password": password}
    form = AccountForm(typed)
    if form.is_valid():
        return {name: form.cleaned_data[name] for name in typed}
    raise CommandError(faults_of(form), returncode=1)
