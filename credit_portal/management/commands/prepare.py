import hashlib
import io
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser

from credit_portal.catalog import compile_catalogs
from credit_portal.demo import people
from credit_portal.messages import SAID
from roster.models import Enterprise


class Command(BaseCommand):
    help = "Everything a start needs, each step only when it is due. Safe at any time."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--enterprises", type=int, default=5_000, help="of the demo data")
        parser.add_argument("--seed", type=int, default=1, help="of the demo data")

    def handle(self, *args: Any, **options: Any) -> None:
        self._step(str(SAID["step_database"]), _migrate)
        self._step(str(SAID["step_pages"]), _collect)
        self._step(
            str(SAID["step_reference"]), lambda: call_command("reference", stdout=io.StringIO())
        )
        # A database with other enterprises in it gets none of the invented ones.
        if settings.USE_DEMO_ACCOUNTS and (people.are_there() or not Enterprise.objects.exists()):
            count, seed = options["enterprises"], options["seed"]
            self._step(
                SAID["step_demo"].format(count=count),
                lambda: call_command("demo", enterprises=count, seed=seed, stdout=io.StringIO()),
            )

    def _step(self, name: str, work: Callable[[], object]) -> None:
        self.stdout.write(f"· {name} …", ending="")
        self.stdout.flush()
        began = time.monotonic()
        try:
            work()
        except KeyboardInterrupt:
            raise SystemExit(130) from None
        took = f"{time.monotonic() - began:.1f}"
        self.stdout.write(" " + SAID["step_done"].format(seconds=took))


def _migrate() -> None:
    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)


def _collect() -> None:
    compile_catalogs()
    stamp = Path(settings.STATIC_ROOT) / "sources.sha256"
    digest = _static_sources_digest()
    if not stamp.exists() or stamp.read_text() != digest:
        call_command("collectstatic", interactive=False, clear=True, verbosity=0)
        stamp.write_text(digest)


def _static_sources_digest() -> str:
    """Of names, sizes and times, so that an unchanged set is known without reading it."""
    digest = hashlib.sha256()
    for finder in get_finders():
        for name, storage in finder.list([]):
            found = Path(storage.path(name)).stat()
            digest.update(f"{name}|{found.st_size}|{found.st_mtime_ns}\n".encode())
    return digest.hexdigest()
