"""What the commands share: for whom they act, how a file is taken in, how a password is asked for."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from getpass import getpass
from pathlib import Path
from typing import Any, ClassVar

from django.core.management.base import CommandError, CommandParser
from django.forms import BaseForm

from audit.commands import ActingCommand
from audit.refusal import Refused, explain, record_refusal
from intake import limits
from intake.enums import BatchState, Fate
from intake.models import Batch
from intake.reports import full_lines
from intake.services import take_in

from .messages import SAID
from .models import User
from .scope import Actor, Operator

SHOWN = 20
COUNTS = ("lines", "added", "changed", "unchanged", "refused")


def actor_named(name: str | None) -> Actor:
    """The account of `--by`, or the operating-system account. Raises CommandError (exit code 2)."""
    if name is None:
        return Operator.here()
    found = User.objects.filter(username=name).first()
    if found is None:
        raise CommandError(f"--by {name}: there is no such user.", returncode=2)
    return found


def typed_password() -> str:
    """A password: at a terminal unseen and twice; else the first line that is sent.

    Raises CommandError when the two differ.
    """
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    password = getpass(str(SAID["password"]))
    if getpass(str(SAID["password_again"])) != password:
        raise CommandError(str(SAID["passwords_differ"]), returncode=1)
    return password


def faults_of(form: BaseForm) -> str:
    """What the page of a form would say is wrong, a line for each fault."""
    labels = {name: f"{field.label}：" for name, field in form.fields.items()}
    return "\n".join(
        f"{labels.get(name, '')}{fault}" for name, said in form.errors.items() for fault in said
    )


class FileCommand(ActingCommand):
    """Takes in one file. Exit codes: 0 done (also with lines refused and reported), 1 the file
    was refused, 2 used wrongly. Source: design §5."""

    layout_keys: ClassVar[Sequence[str]]

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="CSV (UTF-8, GB18030) or XLSX")
        parser.add_argument("--dry-run", action="store_true", help="check every line, write none")
        parser.add_argument("--json", action="store_true", help="print one JSON object")
        parser.add_argument("--by", help="user name (default: the operating-system account)")

    def handle(self, *args: Any, **options: Any) -> None:
        by = actor_named(options["by"])
        try:
            with options["file"].open("rb") as stream:
                batch = take_in(
                    by=by,
                    layout_key=self.keys(options),
                    name=options["file"].name,
                    stream=stream,
                    options=self.layout_options(options),
                    dry_run=options["dry_run"],
                )
        except OSError as fault:
            raise CommandError(f"{options['file']}: {fault.strerror}", returncode=2) from fault
        except Refused as refused:
            record_refusal(act="intake.file_received", by=by, exc=refused)
            self._say_refused(explain(refused), refused, options)
            raise CommandError(explain(refused), returncode=1) from refused
        self._say(batch, options)
        if batch.state == BatchState.REFUSED:
            raise CommandError(batch.reason, returncode=1)

    def keys(self, options: dict[str, Any]) -> Sequence[str]:
        """The layouts the file may have; its headings choose among them."""
        return self.layout_keys

    def layout_options(self, options: dict[str, Any]) -> dict[str, str]:
        return {}

    def _say_refused(self, message: str, refused: Refused, options: dict[str, Any]) -> None:
        if options["json"]:
            line = refused.values.get("line")
            problem = {"line": line, "column": "", "value": "", "message": message}
            self.stdout.write(_json(None, problems=[problem], total=1))

    def _say(self, batch: Batch, options: dict[str, Any]) -> None:
        if options["json"]:
            problems = list(_problems(batch, limits.PROBLEMS_SHOWN))
            if batch.state == BatchState.REFUSED:
                whole = {"line": None, "column": "", "value": "", "message": batch.reason}
                problems.insert(0, whole)
            self.stdout.write(_json(batch, problems=problems, total=batch.problems_total))
            return
        for said in batch.said:
            self.stdout.write(said)
        counts = {name: getattr(batch, name) for name in COUNTS}
        self.stdout.write(SAID["batch"].format(name=batch.name, number=batch.pk, **counts))
        for line in full_lines(batch, Fate.UNCHANGED, limit=SHOWN):
            self.stdout.write("  " + SAID["line"].format(line=line.number, said=line.label))
        for problem in _problems(batch, SHOWN):
            self.stdout.write("  " + SAID["problem"].format(**problem))
        if batch.problems_total > SHOWN:
            self.stdout.write("  " + SAID["problems"].format(count=batch.problems_total))


def _problems(batch: Batch, most: int) -> Iterator[dict[str, Any]]:
    left = most
    for line in full_lines(batch, Fate.REFUSED, limit=most):
        for column, value, message in line.problems:
            if left == 0:
                return
            left -= 1
            yield {"line": line.number, "column": column, "value": value, "message": message}


def _json(batch: Batch | None, *, problems: list[dict[str, Any]], total: int) -> str:
    counts = {name: getattr(batch, name) if batch else 0 for name in COUNTS}
    said = {
        "batch": batch.pk if batch else None,
        **counts,
        "problems": problems,
        "problems_total": max(total, len(problems)),
    }
    return json.dumps(said, ensure_ascii=False)


__all__ = ["FileCommand", "actor_named", "faults_of", "typed_password"]
