"""What production mode refuses to start with."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core.exceptions import ImproperlyConfigured

from credit_portal.environment import without_password

DEMO_SECRET_KEY = "demo-only-key-never-used-in-production-because-everybody-knows-it"  # noqa: S105 -- known to everybody, refused in production
SECRET_KEY_LENGTH = 50
HSTS_LEAST = 3600
BROKERS = ("redis://", "rediss://", "redis+socket://", "sentinel://")


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
    if DEMO_SECRET_KEY in settings["SECRET_KEY_FALLBACKS"]:
        yield "SECRET_KEY_FALLBACKS has the published demo key; name only keys of your own."
    hosts = settings["ALLOWED_HOSTS"]
    if not hosts:
        yield "ALLOWED_HOSTS is empty; name the hosts of the portal, separated by commas."
    if any(host == "*" or host.startswith(".") for host in hosts):
        yield f"ALLOWED_HOSTS is {','.join(hosts)!r}: a wildcard; name each host in full."
    if settings["USE_DEMO_ACCOUNTS"]:
        yield "DEMO_ACCOUNTS is true: its passwords are printed in the manual; allowed: 0."
    if not settings["SECOND_FACTOR_REQUIRED"]:
        yield "SECOND_FACTOR is false: a password alone would open a desk; allowed: 1."


def _transport(settings: Mapping[str, Any]) -> Iterator[str]:
    for name in ("SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE"):
        if not settings[name]:
            yield f"{name} is false (INSECURE_COOKIES=1): cookies could be read on the way."
    seconds = settings["SECURE_HSTS_SECONDS"]
    if seconds < HSTS_LEAST:
        yield (
            f"HSTS_SECONDS is {seconds}: browsers would try plain HTTP again; "
            f"allowed: {HSTS_LEAST} and more."
        )
    if not (settings["SECURE_SSL_REDIRECT"] or settings["PROXY_ENFORCES_TLS"]):
        yield (
            "SSL_REDIRECT is false: pages would be served over plain HTTP; allowed: 1, or 0 with "
            "PROXY_ENFORCES_TLS=1 where the proxy itself sends every visitor to HTTPS."
        )
    if settings["OIDC_URL"] and not settings["OIDC_URL"].startswith("https://"):
        yield f"OIDC_URL is {settings['OIDC_URL']!r}: tokens could be read on the way; allowed: https://…"
    if not settings["PUBLIC_URL"].startswith("https://"):
        yield (
            f"PUBLIC_URL is {settings['PUBLIC_URL']!r}: it stands on every letter, for anybody to check "
            "it there; allowed: https://host."
        )
    for origin in settings["CSRF_TRUSTED_ORIGINS"]:
        if "*" in origin or not origin.startswith("https://"):
            yield f"CSRF_TRUSTED_ORIGINS has {origin!r}; allowed: https://host, no wildcard."


def _storage(settings: Mapping[str, Any]) -> Iterator[str]:
    if "sqlite" in settings["DATABASES"]["default"]["ENGINE"]:
        yield "DATABASE_URL names SQLite; allowed: postgresql://user:password@host:port/name."
    if not settings["REDIS_URL"]:
        yield "REDIS_URL is not set: the folder broker serves one machine; allowed: redis://…"
    elif not settings["CELERY_BROKER_URL"].startswith(BROKERS):
        broker = without_password(settings["CELERY_BROKER_URL"])
        yield f"BROKER_URL is {broker!r}: other machines cannot reach it; allowed: {'…, '.join(BROKERS)}…"
    yield from _anchor(settings)
    yield from _key(Path(settings["AUDIT_KEY_FILE"]))


def _anchor(settings: Mapping[str, Any]) -> Iterator[str]:
    """Beside what it vouches for, the anchor would be lost or changed together with it."""
    anchor = Path(settings["AUDIT_ANCHOR_DIR"])
    if not anchor.is_dir():
        yield f"AUDIT_ANCHOR_DIR is {str(anchor)!r}: no such folder; mount one outside this host."
        return
    for name in ("BASE_DIR", "VAR_DIR", "STORE_DIR"):
        if anchor.resolve().is_relative_to(Path(settings[name]).resolve()):
            yield (
                f"AUDIT_ANCHOR_DIR is {str(anchor)!r}, inside {name} {str(settings[name])!r}; "
                "allowed: a mount outside this host."
            )
            return


def _key(file: Path) -> Iterator[str]:
    made = f"openssl genpkey -algorithm ed25519 -out {file}"
    if not file.is_file():
        yield f"AUDIT_KEY_FILE is {str(file)!r}: no such file; make the signing key first: {made}."
    elif file.stat().st_mode & 0o077:
        yield f"AUDIT_KEY_FILE {str(file)!r} can be read by others; allowed: mode 0600."
    elif fault := _fault_of_key(file):
        yield f"AUDIT_KEY_FILE {str(file)!r} {fault}; allowed: an Ed25519 key, made by {made}."


def _fault_of_key(file: Path) -> str:
    try:
        key = serialization.load_pem_private_key(file.read_bytes(), password=None)
    except OSError as fault:
        return f"cannot be read ({fault.strerror})"
    except TypeError:
        return "asks for a password"
    except (ValueError, UnsupportedAlgorithm):
        return "holds no private key"
    return "" if isinstance(key, Ed25519PrivateKey) else f"holds a {type(key).__name__}"
