"""Typed reading of environment variables: a bad value stops start-up with its name and what is allowed."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

YES = ("1", "true", "yes", "on")
NO = ("0", "false", "no", "off", "")
MAIL_SERVERS = (
    "smtp://user:password@host:port, smtps://user:password@host:port, smtp://host:port?tls=no"
)


def text(name: str, default: str = "") -> str:
    """The variable's text without surrounding blanks; unset or empty gives the default."""
    return os.environ.get(name, "").strip() or default


def flag(name: str, default: bool) -> bool:
    """A yes-or-no variable; anything else than the words in YES and NO is refused."""
    value = os.environ.get(name)
    if value is None:
        return default
    if value.strip().lower() in YES:
        return True
    if value.strip().lower() in NO:
        return False
    raise fault(name, value, f"one of {', '.join(YES)} or {', '.join(filter(None, NO))}")


def number(name: str, default: int, *, least: int, most: int) -> int:
    """A whole number from least to most."""
    value = text(name, str(default))
    try:
        result = int(value)
    except ValueError:
        result = least - 1
    if not least <= result <= most:
        raise fault(name, value, f"a whole number from {least} to {most}")
    return result


def choice(name: str, allowed: Sequence[str], default: str) -> str:
    """One of the allowed words."""
    value = text(name, default)
    if value not in allowed:
        raise fault(name, value, f"one of {', '.join(allowed)}")
    return value


def words(name: str, default: Sequence[str] = ()) -> list[str]:
    """A list, separated by commas."""
    return [word.strip() for word in text(name).split(",") if word.strip()] or list(default)


def all_or_none(*names: str) -> tuple[str, ...]:
    """The texts of variables that mean something only together."""
    found = tuple(text(name) for name in names)
    if any(found) and not all(found):
        missing = next(name for name, value in zip(names, found, strict=True) if not value)
        raise fault(missing, "", f"a text; or none of {', '.join(names)}")
    return found


def folder(name: str, default: Path, base: Path) -> Path:
    """A path; a relative one is taken from base, never from where the process was started."""
    return base / text(name, str(default))


def database(name: str, default: str, base: Path) -> dict[str, Any]:
    """Django's description of the database that a URL names.

    sqlite:///var/portal.sqlite3 is a path from base, sqlite:////srv/portal.sqlite3 an absolute
    one; postgresql://user:password@host:port/name?sslmode=require gives its query as options.
    """
    url = text(name, default)
    try:
        parts = urlsplit(url)
        port = str(parts.port or "")
    except ValueError:
        raise fault(name, without_password(url), "a URL with a port from 1 to 65535") from None
    path = unquote(parts.path)
    if parts.scheme == "sqlite" and len(path) > 1 and not parts.netloc:
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": str(base / path[1:])}
    if parts.scheme in ("postgres", "postgresql") and len(path) > 1:
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": path[1:],
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": unquote(parts.hostname or ""),
            "PORT": port,
            "OPTIONS": dict(parse_qsl(parts.query)),
        }
    raise fault(
        name,
        without_password(url),
        "sqlite:///path/from/project, sqlite:////absolute/path or "
        "postgresql://user:password@host:port/name",
    )


def mail(name: str) -> dict[str, Any]:
    """Django's settings for the mail server that a URL names; without one, mail goes nowhere.

    smtp://user:password@host:587 turns to TLS before anything is said (STARTTLS), smtps://host:465
    speaks it from the start; smtp://host:25?tls=no stays plain, for a relay on this machine.
    """
    url = text(name)
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise fault(name, without_password(url), MAIL_SERVERS) from None
    options = dict(parse_qsl(parts.query))
    if url and (
        parts.scheme not in ("smtp", "smtps")
        or not parts.hostname
        or options not in ({}, {"tls": "no"})
        or (parts.scheme == "smtps" and options)
    ):
        raise fault(name, without_password(url), MAIL_SERVERS)
    whole = parts.scheme == "smtps"
    return {
        "EMAIL_BACKEND": f"django.core.mail.backends.{'smtp' if url else 'dummy'}.EmailBackend",
        "EMAIL_HOST": parts.hostname or "",
        "EMAIL_PORT": port or (465 if whole else 587),
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_SSL": whole,
        "EMAIL_USE_TLS": parts.scheme == "smtp" and not options,
    }


def sender(name: str, *, needed: bool) -> str:
    """The address mail comes from; with a mail server it must be said."""
    value = text(name)
    if (needed or value) and (value.count("@") != 1 or len(value.split()) != 1):
        raise fault(name, value, "an address like portal@example.gov.cn; EMAIL_URL needs it")
    return value


def without_password(url: str) -> str:
    """The URL as it may be shown in a log."""
    head, separator, rest = url.partition("://")
    return f"{head}{separator}…@{rest.rpartition('@')[2]}" if "@" in rest else url


def password(url: str) -> str:
    """The password in a URL; "" without one."""
    return unquote(urlsplit(url).password or "")


def fault(name: str, value: str, allowed: str) -> ImproperlyConfigured:
    return ImproperlyConfigured(f"{name} is {value!r}; allowed: {allowed}.")
