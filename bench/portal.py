"""Start Django on the database of DATABASE_URL; import this before any model."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def start() -> None:
    sys.path.insert(0, str(ROOT))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "credit_portal.settings")
    os.environ.setdefault("LOG_LEVEL", "WARNING")
    import django

    django.setup()


def in_own_process(own: dict[str, str], script: str, *arguments: str) -> str:
    """What a script of this folder prints, with some variables of its own."""
    done = subprocess.run(
        [sys.executable, str(ROOT / "bench" / script), *arguments],
        env=os.environ | own, stdout=subprocess.PIPE, text=True, check=True,
    )  # fmt: skip
    return done.stdout
