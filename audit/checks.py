"""What must hold before the portal starts."""

from typing import Any

from django.conf import settings
from django.core import checks
from django.db import DEFAULT_DB_ALIAS


@checks.register(checks.Tags.database)
def sqlite_begins_immediate(**kwargs: Any) -> list[checks.CheckMessage]:
    """A stamp is only safe when the transaction already holds the write lock."""
    database = settings.DATABASES[DEFAULT_DB_ALIAS]
    if not database["ENGINE"].endswith("sqlite3"):
        return []
    mode = database.get("OPTIONS", {}).get("transaction_mode")
    if mode in ("IMMEDIATE", "EXCLUSIVE"):
        return []
    return [
        checks.Error(
            f"SQLite transactions begin {mode or 'DEFERRED'}; stamps need IMMEDIATE.",
            hint='Set DATABASES["default"]["OPTIONS"]["transaction_mode"] = "IMMEDIATE".',
            id="audit.E001",
        )
    ]
