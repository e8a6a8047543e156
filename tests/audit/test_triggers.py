import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

from audit import triggers
from audit.acts import acting
from audit.models import Event, EventTarget
from tests.factories.audit import CLERK, keep_file

pytestmark = pytest.mark.django_db

TABLES = ("audit_event", "audit_eventtarget")


@pytest.fixture
def events():
    keep_file(by=CLERK)


def execute(sql):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize(
    "sql",
    ["DELETE FROM {table}", "UPDATE {table} SET target_label = 'x'"],
    ids=["delete", "update"],
)
def test_append_only_table_refuses(events, table, sql):
    with pytest.raises(DatabaseError, match="append-only"):
        execute(sql.format(table=table))
    assert (Event.objects.count(), EventTarget.objects.count()) == (1, 1)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "sql", ["TRUNCATE {table} CASCADE", "TRUNCATE {table}, audit_chainhead CASCADE"]
)
@pytest.mark.parametrize("table", TABLES)
def test_append_only_table_refuses_truncate(events, table, sql):
    with pytest.raises(DatabaseError, match="append-only"):
        execute(sql.format(table=table))
    assert Event.objects.count() == 1


def test_append_only_table_takes_new_rows(events):
    keep_file(by=CLERK)
    assert Event.objects.count() == 2


def test_registry_knows_the_tables_of_the_migrations():
    assert set(TABLES) <= set(triggers.tables())


def test_nothing_is_missing_after_migrate():
    assert triggers.missing(connection) == []


def test_removed_triggers_are_missing_until_installed(events):
    triggers.remove(connection)
    assert set(TABLES) <= set(triggers.missing(connection))
    execute("UPDATE audit_eventtarget SET target_label = 'x'")
    triggers.install(connection)
    assert triggers.missing(connection) == []
    with pytest.raises(DatabaseError, match="append-only"):
        execute("DELETE FROM audit_event")


def test_install_twice_does_no_harm():
    triggers.install(connection)
    triggers.install(connection)
    assert triggers.missing(connection) == []


def test_migrate_puts_lost_triggers_back():
    triggers.remove(connection)
    call_command("migrate", "audit", verbosity=0)
    assert triggers.missing(connection) == []


@pytest.mark.django_db(transaction=True)
def test_operation_can_be_undone_and_written_into_a_migration():
    operation = triggers.append_only("audit_clockmark")
    try:
        with connection.schema_editor() as editor:
            operation.database_forwards("audit", editor, None, None)
            assert "audit_clockmark" not in triggers.missing(connection)
            operation.database_backwards("audit", editor, None, None)
            assert "audit_clockmark" in triggers.missing(connection)
    finally:
        triggers._registry.discard("audit_clockmark")
    assert operation.deconstruct() == ("AppendOnly", ["audit_clockmark"], {})


def test_failed_tampering_inside_an_act_fails_the_act(events):
    with pytest.raises(DatabaseError, match="append-only"), acting("tried.desk_cleared", by=CLERK):
        execute("DELETE FROM audit_event")
    assert Event.objects.count() == 1
