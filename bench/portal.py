"""Start Django on the database of DATABASE_URL; import this before any model."""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def start() -> None:
    sys.path.insert(0, str(ROOT))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "credit_portal.settings")
    os.environ.setdefault("LOG_LEVEL", "WARNING")
    import django

    django.setup()
