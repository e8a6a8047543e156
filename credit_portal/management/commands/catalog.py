from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from credit_portal import catalog


class Command(BaseCommand):
    help = "Bring the English catalogue up to date, without the gettext programs."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="change nothing, fail on gaps")
        parser.add_argument("--compile", action="store_true", help="only write the .mo files")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["check"] and not options["compile"]:
            catalog.update()
        if options["compile"]:
            catalog.compile_catalogs()
            return
        missing = catalog.missing()
        for sentence in missing:
            self.stdout.write(sentence)
        if missing and options["check"]:
            raise CommandError(f"{len(missing)} sentences have no English.")
        self.stdout.write(f"{len(missing)} sentences wait for their English.")
