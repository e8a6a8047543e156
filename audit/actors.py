"""Actors that are no accounts: the portal itself, and whoever stands at the server's command line."""

import os
import pwd
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from audit.plain import clean_text

SYSTEM = "system"
OPERATING_PREFIX = "os:"

_command_line: ContextVar[str] = ContextVar("audit_command_line", default="")


def operating_account() -> str:
    """The operating-system account of this process, as an actor is named.

    From the process itself: the environment says what its user likes.
    """
    try:
        return OPERATING_PREFIX + pwd.getpwuid(os.getuid()).pw_name
    except KeyError:  # a container may run as a number that no table names
        return f"{OPERATING_PREFIX}{os.getuid()}"


def is_reserved(username: str) -> bool:
    """Whether an account of this name could be taken for the portal or the operating system."""
    plain = clean_text(username).strip().casefold()
    return plain == SYSTEM or plain.startswith(OPERATING_PREFIX)


@contextmanager
def at_the_command_line() -> Iterator[None]:
    """Every event written inside says which operating-system account it came through."""
    token = _command_line.set(operating_account())
    try:
        yield
    finally:
        _command_line.reset(token)


def ran_by() -> str:
    """The operating-system account whose command is running; "" outside of one."""
    return _command_line.get()
