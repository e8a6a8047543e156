"""What every test stands on: folders of its own, quick passwords, tables that can be emptied."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import TransactionTestCase

from audit import triggers

from .beside import Beside
from .browser import Browser
from .in_a_browser import DESK, come_in, listen, window

FOLDER = Path(tempfile.mkdtemp(prefix="portal-test-"))


def pytest_configure(config: pytest.Config) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.VAR_DIR = FOLDER / "var"
    settings.STORE_DIR = FOLDER / "store"
    settings.AUDIT_ANCHOR_DIR = FOLDER / "anchor"
    settings.AUDIT_KEY_FILE = FOLDER / "audit.key"
    settings.STATIC_ROOT = FOLDER / "static"
    settings.STATIC_ROOT.mkdir()
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }
    settings.SECURE_SSL_REDIRECT = False
    if not settings.REDIS_URL:
        # Nothing is listening; what a test announces is looked at, or the work is called by name.
        settings.CELERY_BROKER_URL = "memory://"
        settings.CELERY_BROKER_TRANSPORT_OPTIONS = {}
    # Playwright keeps an event loop in the thread of a browser test.
    os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    TransactionTestCase._fixture_teardown = _emptying(TransactionTestCase._fixture_teardown)


def pytest_unconfigure(config: pytest.Config) -> None:
    shutil.rmtree(FOLDER, ignore_errors=True)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A test that this machine cannot run says so instead of failing."""
    lacking = {
        "postgres": ""
        if connection.vendor == "postgresql"
        else "needs DATABASE_URL=postgresql://…",
        "redis": "" if settings.REDIS_URL else "needs REDIS_URL",
        "browser": "" if os.environ.get("PORTAL_CHROMIUM") else "needs PORTAL_CHROMIUM",
    }
    for item in items:
        for marker, reason in lacking.items():
            if reason and item.get_closest_marker(marker):
                item.add_marker(pytest.mark.skip(reason=reason))


def _emptying(teardown: Any) -> Any:
    """Django empties the tables after a transactional test; the append-only ones would refuse."""

    def without_triggers(self: TransactionTestCase) -> None:
        triggers.remove(connection)
        try:
            teardown(self)
        finally:
            triggers.install(connection)

    return without_triggers


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """The system's Chromium; root may not use its sandbox."""
    own = {"executable_path": os.environ["PORTAL_CHROMIUM"]}
    if os.geteuid() == 0:
        own["args"] = ["--no-sandbox"]
    return browser_type_launch_args | own


@pytest.fixture
def complaints() -> list[str]:
    """Everything that the console of any browser of the test reports as a fault."""
    return []


@pytest.fixture
def new_context(new_context: Callable[..., Any], complaints: list[str]) -> Callable[..., Any]:
    """Every browser of a test is listened to."""

    def listened(**given: Any) -> Any:
        context = new_context(**given)
        listen(context, complaints)
        return context

    return listened


@pytest.fixture
def browser_of(new_context: Callable[..., Any], live_server: Any) -> Callable[..., Any]:
    """`browser_of(user, width)`: an empty page in a browser of somebody's own, signed in."""

    def opened(user: Any = None, width: int = DESK) -> Any:
        page = new_context(base_url=live_server.url, viewport=window(width)).new_page()
        if user is not None:
            come_in(page, live_server.url, user)
        return page

    return opened


@pytest.fixture
def client() -> Browser:
    return Browser()


@pytest.fixture
def store_dir() -> Iterator[Path]:
    """The folder of stored files, empty before and after."""
    shutil.rmtree(settings.STORE_DIR, ignore_errors=True)
    Path(settings.STORE_DIR).mkdir(parents=True)
    yield Path(settings.STORE_DIR)
    shutil.rmtree(settings.STORE_DIR, ignore_errors=True)


@pytest.fixture
def beside() -> Iterator[Callable[[Callable[[], object]], Beside]]:
    """`beside(work)` starts work in another thread; `.wait()` gives its result or its fault."""
    started: list[Beside] = []

    def start(work: Callable[[], object]) -> Beside:
        started.append(Beside(work))
        return started[-1]

    yield start
    for one in started:
        one.ended_within(60)
