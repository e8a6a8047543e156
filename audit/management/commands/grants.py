from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection, transaction

from audit import grants


class Command(BaseCommand):
    help = (
        "Prints what the serving role may do on PostgreSQL, or grants it with --apply."
        " Run as the owner, after every migrate."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--role", required=True, help="the role the portal serves with")
        parser.add_argument("--apply", action="store_true", help="run it instead of printing it")

    def handle(self, *args: Any, **options: Any) -> None:
        if connection.vendor != "postgresql":
            raise CommandError(
                "Roles exist on PostgreSQL only; DATABASE_URL names SQLite.", returncode=2
            )
        role = options["role"]
        if fault := grants.unfit(connection, role):
            raise CommandError(fault, returncode=2)
        statements = grants.statements(connection, role)
        if not options["apply"]:
            self.stdout.write("\n".join(f"{statement};" for statement in statements))
            return
        with transaction.atomic(), connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
        self.stdout.write(f"{role}: {len(statements)} statements applied.")
