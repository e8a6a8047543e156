from collections.abc import Sequence
from typing import Any

from django.core.management.base import CommandError, CommandParser

from records.layouts import BehaviourLayout, ListingLayout, PenaltyLayout
from records.models import Kind
from records.rules.measures import PENALTY_KINDS
from roster.commands import FileCommand

KEYS = (PenaltyLayout.key, ListingLayout.key, BehaviourLayout.key)


class Command(FileCommand):
    help = (
        "Takes in a file of penalties, listings or other behaviour (CSV or XLSX); the headings"
        " say which. Exit codes: 0 done, 1 the file was refused, 2 used wrongly."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--kind",
            help=f"{', '.join(KEYS)}, or the code of a kind that lines without one are of",
        )

    def keys(self, options: dict[str, Any]) -> Sequence[str]:
        wanted = options["kind"]
        if wanted is None:
            return KEYS
        if wanted in KEYS:
            return (wanted,)
        if not Kind.objects.filter(pk=wanted).exists():
            known = ", ".join((*KEYS, *Kind.objects.values_list("code", flat=True)))
            raise CommandError(f"--kind {wanted}: not known. Known: {known}.", returncode=2)
        if wanted in PENALTY_KINDS:
            return (PenaltyLayout.key,)
        return (ListingLayout.key, BehaviourLayout.key)

    def layout_options(self, options: dict[str, Any]) -> dict[str, str]:
        wanted = options["kind"]
        return {"kind": wanted} if wanted and wanted not in KEYS else {}
