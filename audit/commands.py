"""What commands that act share."""

from typing import Any

from django.core.management.base import BaseCommand

from audit.actors import at_the_command_line


class ActingCommand(BaseCommand):
    """A command whose events say which operating-system account ran it, for whomever it acts."""

    def execute(self, *args: Any, **options: Any) -> Any:
        with at_the_command_line():
            return super().execute(*args, **options)
