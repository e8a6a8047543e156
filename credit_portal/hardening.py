"""What production mode refuses to start with."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured

DEMO_SECRET_KEY = "demo-only-key-never-used-in-production-because-everybody-knows-it"  # noqa: S105 -- known to everybody, refused in production
SECRET_KEY_LENGTH = 50


def refuse_dangerous(settings: Mapping[str, Any]) -> None:
    """Raise ImproperlyConfigured naming every dangerous setting at once; safe settings pass."""
    found = list(dangers(settings))
    if found:
        listing = "".join(f"\n  - {danger}" for danger in found)
        raise ImproperlyConfigured(
            f"PORTAL_MODE=production refuses to start, {len(found)} dangerous settings:{listing}"
        )


def dangers(settings: Mapping[str, Any]) -> Iterator[str]:
    """One sentence for each dangerous setting: name, value, what is allowed."""
    yield from _identity(settings)
    yield from _transport(settings)
    yield from _storage(settings)


def _identity(settings: Mapping[str, Any]) -> Iterator[str]:
    if settings["DEBUG"]:
        yield "DEBUG is true: error pages would show settings and data; allowed: 0."
    key = settings["SECRET_KEY"]
    if key == DEMO_SECRET_KEY:
        yield "SECRET_KEY is the published demo key; set a secret of your own."
    elif len(key) < SECRET_KEY_LENGTH or len(set(key)) < 10:
        yield (
            f"SECRET_KEY has {len(key)} characters, {len(set(key))} different ones; "
            f"allowed: at least {SECRET_KEY_LENGTH}, random."
        )
    hosts = settings["ALLOWED_HOSTS"]
    if not hosts:
        yield "ALLOWED_HOSTS is empty; name the hosts of the portal, separated by commas."
    if any(host == "*" or host.startswith(".") for host in hosts):
        yield f"ALLOWED_HOSTS is {','.join(hosts)!r}: a wildcard; name each host in full."
    if settings["USE_DEMO_ACCOUNTS"]:
        yield "DEMO_ACCOUNTS is true: its passwords are printed in the manual; allowed: 0."


def _transport(settings: Mapping[str, Any]) -> Iterator[str]:
    for name in ("SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE"):
        if not settings[name]:
            yield f"{name} is false (INSECURE_COOKIES=1): cookies could be read on the way."
    if settings["SECURE_HSTS_SECONDS"] <= 0:
        yield "HSTS_SECONDS is 0: browsers would try plain HTTP; allowed: 3600 and more."
    for origin in settings["CSRF_TRUSTED_ORIGINS"]:
        if "*" in origin or not origin.startswith("https://"):
            yield f"CSRF_TRUSTED_ORIGINS has {origin!r}; allowed: https://host, no wildcard."


def _storage(settings: Mapping[str, Any]) -> Iterator[str]:
    if "sqlite" in settings["DATABASES"]["default"]["ENGINE"]:
        yield "DATABASE_URL names SQLite; allowed: postgresql://user:password@host:port/name."
    if not settings["REDIS_URL"]:
        yield "REDIS_URL is not set: the folder broker serves one machine; allowed: redis://…"
    anchor, key_file = Path(settings["AUDIT_ANCHOR_DIR"]), Path(settings["AUDIT_KEY_FILE"])
    if not anchor.is_dir():
        yield f"AUDIT_ANCHOR_DIR is {str(anchor)!r}: no such folder; mount one outside this host."
    if not key_file.is_file():
        yield f"AUDIT_KEY_FILE is {str(key_file)!r}: no such file; make the signing key first."
    elif key_file.stat().st_mode & 0o077:
        yield f"AUDIT_KEY_FILE {str(key_file)!r} can be read by others; allowed: mode 0600."
