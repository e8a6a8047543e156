import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from audit.anchor import make_key
from credit_portal import hardening

GOOD_KEY = "q8Zr2mXv7Lk0TbN5yHs3WcJd9FgP1eUa6RoIx4VtBnMzQwEy"


def pem(key: Any, password: bytes | None = None) -> bytes:
    """A private key as openssl would write it."""
    locked = serialization.BestAvailableEncryption(password) if password else None
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        locked or serialization.NoEncryption(),
    )


@pytest.fixture
def safe(tmp_path: Path) -> dict[str, Any]:
    key_file = tmp_path / "audit.key"
    make_key(key_file)
    anchor = tmp_path / "anchor"
    anchor.mkdir()
    return {
        "DEBUG": False,
        "SECRET_KEY": GOOD_KEY + "7Kd2",
        "SECRET_KEY_FALLBACKS": [],
        "SECOND_FACTOR_REQUIRED": True,
        "ALLOWED_HOSTS": ["credit.example"],
        "USE_DEMO_ACCOUNTS": False,
        "SESSION_COOKIE_SECURE": True,
        "CSRF_COOKIE_SECURE": True,
        "SECURE_HSTS_SECONDS": 3600,
        "SECURE_SSL_REDIRECT": True,
        "PROXY_ENFORCES_TLS": False,
        "CSRF_TRUSTED_ORIGINS": ["https://credit.example"],
        "OIDC_URL": "https://id.example",
        "PUBLIC_URL": "https://credit.example",
        "DATABASES": {"default": {"ENGINE": "django.db.backends.postgresql"}},
        "REDIS_URL": "redis://cache.example:6379/0",
        "CELERY_BROKER_URL": "redis://cache.example:6379/1",
        "BASE_DIR": tmp_path / "code",
        "VAR_DIR": tmp_path / "var",
        "STORE_DIR": tmp_path / "store",
        "AUDIT_ANCHOR_DIR": anchor,
        "AUDIT_KEY_FILE": key_file,
    }


def test_safe_settings_pass(safe: dict[str, Any]) -> None:
    assert list(hardening.dangers(safe)) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DEBUG", True),
        ("SECRET_KEY", hardening.DEMO_SECRET_KEY),
        ("SECRET_KEY", "short"),
        ("SECRET_KEY", "ab" * 40),
        ("SECRET_KEY_FALLBACKS", [hardening.DEMO_SECRET_KEY]),
        ("SECOND_FACTOR", False),
        ("ALLOWED_HOSTS", []),
        ("ALLOWED_HOSTS", ["*"]),
        ("ALLOWED_HOSTS", ["credit.example", ".example"]),
        ("DEMO_ACCOUNTS", True),
        ("SESSION_COOKIE_SECURE", False),
        ("CSRF_COOKIE_SECURE", False),
        ("HSTS_SECONDS", 0),
        ("HSTS_SECONDS", 3599),
        ("SSL_REDIRECT", False),
        ("CSRF_TRUSTED_ORIGINS", ["http://credit.example"]),
        ("CSRF_TRUSTED_ORIGINS", ["https://*.example"]),
        ("OIDC_URL", "http://id.example"),
        ("PUBLIC_URL", "http://credit.example"),
        ("DATABASE_URL", {"default": {"ENGINE": "django.db.backends.sqlite3"}}),
        ("REDIS_URL", ""),
        ("BROKER_URL", "memory://"),
        ("BROKER_URL", "filesystem://localhost"),
        ("AUDIT_ANCHOR_DIR", "/nowhere/at/all"),
        ("AUDIT_KEY_FILE", "/nowhere/at/all.key"),
    ],
)
def test_each_danger_is_named(safe: dict[str, Any], name: str, value: object) -> None:
    held_as = {
        "DEMO_ACCOUNTS": "USE_DEMO_ACCOUNTS",
        "SECOND_FACTOR": "SECOND_FACTOR_REQUIRED",
        "HSTS_SECONDS": "SECURE_HSTS_SECONDS",
        "SSL_REDIRECT": "SECURE_SSL_REDIRECT",
        "DATABASE_URL": "DATABASES",
        "BROKER_URL": "CELERY_BROKER_URL",
    }.get(name, name)

    found = list(hardening.dangers(safe | {held_as: value}))

    assert [danger.split()[0] for danger in found] == [name]


def test_key_file_that_others_can_read_is_a_danger(safe: dict[str, Any]) -> None:
    safe["AUDIT_KEY_FILE"].chmod(0o644)

    assert [danger.split()[0] for danger in hardening.dangers(safe)] == ["AUDIT_KEY_FILE"]


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"key", "holds no private key"),
        (pem(ec.generate_private_key(ec.SECP256R1())), "holds a ECPrivateKey"),
        (pem(Ed25519PrivateKey.generate(), b"secret"), "asks for a password"),
    ],
)
def test_key_file_must_hold_an_ed25519_key(
    safe: dict[str, Any], content: bytes, fault: str
) -> None:
    file = safe["AUDIT_KEY_FILE"]
    file.write_bytes(content)

    assert list(hardening.dangers(safe)) == [
        f"AUDIT_KEY_FILE {str(file)!r} {fault}; allowed: an Ed25519 key, made by "
        f"openssl genpkey -algorithm ed25519 -out {file}."
    ]


@pytest.mark.parametrize("name", ["BASE_DIR", "VAR_DIR", "STORE_DIR"])
def test_anchor_beside_what_it_vouches_for_is_a_danger(safe: dict[str, Any], name: str) -> None:
    inside = safe[name] / "deep" / "anchor"
    inside.mkdir(parents=True)

    assert list(hardening.dangers(safe | {"AUDIT_ANCHOR_DIR": inside})) == [
        f"AUDIT_ANCHOR_DIR is {str(inside)!r}, inside {name} {str(safe[name])!r}; "
        "allowed: a mount outside this host."
    ]


def test_proxy_may_enforce_tls_when_that_is_said(safe: dict[str, Any]) -> None:
    said = {"SECURE_SSL_REDIRECT": False, "PROXY_ENFORCES_TLS": True}

    assert list(hardening.dangers(safe | said)) == []


def test_broker_is_named_without_its_password(safe: dict[str, Any]) -> None:
    (danger,) = hardening.dangers(safe | {"CELERY_BROKER_URL": "amqp://portal:secret@mq.example"})

    assert "amqp://…@mq.example" in danger
    assert "secret" not in danger


def test_all_dangers_are_named_at_once(safe: dict[str, Any]) -> None:
    with pytest.raises(ImproperlyConfigured) as refused:
        hardening.refuse_dangerous(safe | {"DEBUG": True, "REDIS_URL": ""})

    assert str(refused.value).splitlines() == [
        "PORTAL_MODE=production refuses to start, 2 dangerous settings:",
        "  - DEBUG is true: error pages would show settings and data; allowed: 0.",
        "  - REDIS_URL is not set: the folder broker serves one machine; allowed: redis://…",
    ]


def start(**environment: str) -> subprocess.CompletedProcess[str]:
    """Load the settings in a process of their own, with this environment only."""
    return subprocess.run(
        [sys.executable, "-c", "import credit_portal.settings"],
        cwd=settings.BASE_DIR,
        env={"PATH": os.environ["PATH"], **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_production_mode_does_not_start_on_defaults(tmp_path: Path) -> None:
    ended = start(PORTAL_MODE="production", VAR_DIR=str(tmp_path))

    assert ended.returncode == 1
    for name in ("SECRET_KEY", "ALLOWED_HOSTS", "DATABASE_URL", "REDIS_URL", "AUDIT_ANCHOR_DIR"):
        assert f"\n  - {name}" in ended.stderr


def test_production_mode_starts_when_all_is_set(tmp_path: Path, safe: dict[str, Any]) -> None:
    ended = start(
        PORTAL_MODE="production",
        VAR_DIR=str(safe["VAR_DIR"]),
        SECRET_KEY=safe["SECRET_KEY"],
        ALLOWED_HOSTS="credit.example",
        PUBLIC_URL="https://credit.example",
        DATABASE_URL="postgresql://portal:x@db.example/credit",
        REDIS_URL="redis://cache.example:6379/0",
        AUDIT_ANCHOR_DIR=str(safe["AUDIT_ANCHOR_DIR"]),
        AUDIT_KEY_FILE=str(safe["AUDIT_KEY_FILE"]),
    )

    assert (ended.returncode, ended.stderr) == (0, "")


def test_demo_mode_starts_on_nothing(tmp_path: Path) -> None:
    ended = start(VAR_DIR=str(tmp_path))

    assert (ended.returncode, ended.stderr) == (0, "")


def test_a_fault_names_variable_value_and_what_is_allowed(tmp_path: Path) -> None:
    ended = start(VAR_DIR=str(tmp_path), LOG_LEVEL="LOUD")

    assert ended.returncode == 1
    assert "LOG_LEVEL is 'LOUD'; allowed: one of DEBUG, INFO, WARNING, ERROR." in ended.stderr
