import io
import secrets

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from audit import grants, triggers
from audit.verify import verify
from tests.factories.audit import CLERK, keep_file

pytestmark = pytest.mark.django_db


@pytest.fixture
def serving_role(transactional_db):
    """A fresh role with the grants applied, and its password."""
    name, password = f"serves_{secrets.token_hex(4)}", secrets.token_hex(8)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user"
        )
        if not cursor.fetchone()[0]:
            pytest.skip("the role of DATABASE_URL may not create roles")
        cursor.execute(f"CREATE ROLE {name} LOGIN PASSWORD '{password}'")
    call_command("grants", role=name, apply=True, stdout=io.StringIO())
    yield name, password
    with connection.cursor() as cursor:
        cursor.execute(f"DROP OWNED BY {name}")
        cursor.execute(f"DROP ROLE {name}")


@pytest.fixture
def served(serving_role):
    """A connection of the serving role."""
    name, password = serving_role
    described = connection.get_connection_params() | {"user": name, "password": password}
    known = ("host", "port", "dbname", "user", "password")
    wanted = {key: described[key] for key in known if described.get(key)}
    with psycopg.connect(**wanted, autocommit=True) as opened:
        yield opened


@pytest.mark.postgres
@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM audit_event",
        "INSERT INTO audit_event SELECT 2, at, actor, agency, region, act, outcome, target_type,"
        " target_id, target_label, details, previous_hash, hash FROM audit_event",
        "SELECT * FROM audit_chainhead FOR UPDATE",
        "UPDATE audit_chainhead SET number = number",
        "DELETE FROM workdays_calendarday",
        "INSERT INTO workdays_calendarday (date, kind, festival) VALUES ('2031-01-01', '休', 'x')",
        "SELECT * FROM django_migrations",
        "CREATE TEMPORARY TABLE facts (n int)",
        "SELECT pg_advisory_xact_lock_shared(1)",
    ],
)
def test_serving_role_may(served, sql):
    keep_file(by=CLERK)
    served.execute(sql)


@pytest.mark.postgres
@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE audit_event SET actor = 'x'",
        "DELETE FROM audit_event",
        "TRUNCATE audit_event CASCADE",
        "UPDATE audit_eventtarget SET target_id = 'x'",
        "DELETE FROM audit_eventtarget",
        "ALTER TABLE audit_event DISABLE TRIGGER ALL",
        "DROP TRIGGER append_only_row ON audit_event",
        "CREATE OR REPLACE FUNCTION audit_append_only() RETURNS trigger LANGUAGE plpgsql"
        " AS 'BEGIN RETURN NEW; END'",
        "SET session_replication_role = replica",
        "TRUNCATE workdays_calendarday",
        "CREATE TRIGGER t BEFORE INSERT ON workdays_limit FOR EACH ROW"
        " EXECUTE FUNCTION audit_append_only()",
        "CREATE TABLE mine (n int)",
        "ALTER TABLE workdays_limit ADD COLUMN n int",
        "DELETE FROM django_migrations",
    ],
)
def test_serving_role_may_not(served, sql):
    keep_file(by=CLERK)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        served.execute(sql)


@pytest.mark.postgres
def test_every_append_only_table_is_withheld_from_change(serving_role):
    statements = grants.statements(connection, serving_role[0])
    for table in triggers.tables():
        assert any(f'"{table}"' in line and "UPDATE, DELETE" in line for line in statements)


@pytest.mark.postgres
def test_grants_can_be_applied_again(serving_role):
    call_command("grants", role=serving_role[0], apply=True, stdout=io.StringIO())


@pytest.mark.postgres
def test_grants_are_only_printed_without_apply(serving_role):
    out = io.StringIO()
    call_command("grants", role=serving_role[0], stdout=out)
    lines = out.getvalue().splitlines()
    assert lines == [f"{line};" for line in grants.statements(connection, serving_role[0])]


@pytest.mark.postgres
@pytest.mark.parametrize("role", ["nobody_here", "owner"])
def test_role_that_cannot_serve_is_refused(role):
    if role == "owner":
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_user")
            role = cursor.fetchone()[0]
    with pytest.raises(CommandError, match="role") as refused:
        call_command("grants", role=role)
    assert refused.value.returncode == 2


def test_grants_on_sqlite_say_that_there_are_no_roles():
    if connection.vendor != "sqlite":
        pytest.skip("runs on SQLite only")
    with pytest.raises(CommandError, match="PostgreSQL only"):
        call_command("grants", role="anyone")


@pytest.mark.postgres
def test_serving_role_can_do_an_act_and_have_the_chain_verified(serving_role):
    with connection.cursor() as cursor:
        cursor.execute(f"SET ROLE {serving_role[0]}")
        try:
            keep_file(by=CLERK, number=1)
            keep_file(by=CLERK, number=2)
            assert verify().checked == 2
        finally:
            cursor.execute("RESET ROLE")
