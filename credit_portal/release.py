"""Are this program and the database of one version? Until they are, a worker leaves work alone."""

import logging
from functools import cache

from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from credit_portal.enums import Standing
from grading.models import Run
from intake.models import Batch

logger = logging.getLogger(__name__)

Migration = tuple[str, str]


def standing() -> Standing:
    """How this program stands to the database. Raises DatabaseError when that is away."""
    found = _schema_standing()
    if found is Standing.FITS and (_left(Run) or _left(Batch)):
        return Standing.OLDER
    return found


def fits(found: Standing) -> bool:
    """Whether work may be done here; else the log says why it is left alone."""
    if found is not Standing.FITS:
        logger.warning("This program is %s than the database, and leaves all work alone", found)
    return found is Standing.FITS


def is_migrated() -> bool:
    """Whether just the migrations are applied that this program knows."""
    return _schema_standing() is Standing.FITS


def _schema_standing() -> Standing:
    known, replaced = _migrations()
    rooms = {room for room, _name in known}
    applied = {one for one in MigrationRecorder(connection).applied_migrations() if one[0] in rooms}
    if applied - known - replaced:
        return Standing.OLDER
    return Standing.NEWER if known - applied else Standing.FITS


def _left(model: type[Run] | type[Batch]) -> bool:
    return model.objects.left_to_newer().exists()


@cache
def _migrations() -> tuple[frozenset[Migration], frozenset[Migration]]:
    """Those this program came with, and those they replace. Read once: under a process that runs,
    the files may become a newer version's."""
    found = MigrationLoader(None).disk_migrations
    replaced = (one for migration in found.values() for one in migration.replaces)
    return frozenset(found), frozenset(replaced)


def remember() -> None:
    """Called at the start of a process that will run for long."""
    _migrations()
