"""Is the process alive, and can it serve?"""

from django.contrib.staticfiles.storage import staticfiles_storage
from django.db import DatabaseError
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache

from credit_portal import release


@never_cache
def healthz(request: HttpRequest) -> JsonResponse:
    """200 as long as the process answers; touches nothing else."""
    return JsonResponse({"ok": True})


@never_cache
def readyz(request: HttpRequest) -> JsonResponse:
    """200 when the database answers, just the migrations known here are applied, and the list of static files is
    there, without which every page would fail; else 503."""
    found = _database() | {"static": has_static_files()}
    ok = all(found.values())
    return JsonResponse({"ok": ok, **found}, status=200 if ok else 503)


def _database() -> dict[str, bool]:
    try:
        return {"database": True, "migrations": release.is_migrated()}
    except DatabaseError:
        return {"database": False, "migrations": False}


def has_static_files() -> bool:
    """Whether this process knows the names that collectstatic gave; where names stay as they are
    (DEBUG), it needs no list."""
    return bool(getattr(staticfiles_storage, "hashed_files", True))
