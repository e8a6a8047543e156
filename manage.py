#!/usr/bin/env python3
"""Django's command line for the portal."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "credit_portal.settings")
    from django.core.management import execute_from_command_line  # after the settings are named
    from django.db import OperationalError

    from audit.committed import watching

    with watching() as watch:
        try:
            execute_from_command_line(sys.argv)
        except OperationalError as fault:
            sys.exit(busy_sentence(fault, partly=watch.committed))


def busy_sentence(fault: Exception, *, partly: bool = False) -> str:
    """What a command says, with exit code 1, when the database stayed locked; else the fault."""
    from audit.refusal import explain_code  # the portal is loaded by now
    from credit_portal.busy import is_busy

    if not is_busy(fault):
        raise fault
    return explain_code("credit_portal.busy_partly" if partly else "credit_portal.busy", {})


if __name__ == "__main__":
    main()
