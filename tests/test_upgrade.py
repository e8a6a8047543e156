"""What an older portal has in its database is there after the upgrade, and holds.

A database of its own, of the kind the tests run on, in the state before the first migration that
moves what is there; rows put in through the models of that time; then `manage.py migrate`.
"""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, connections, transaction
from django.db.migrations.executor import MigrationExecutor
from django.test import override_settings

from audit import anchor, chain, triggers
from audit.compare import compare
from audit.enums import Outcome
from audit.models import Event
from audit.recount import recount
from audit.verify import Verdict, verify
from grading.models import Overtaken, RosterRun, RunSchedule
from intake.models import Batch
from objections import filing, handling
from objections.filing import Content, Item
from records.models import Kind, Mark, Record
from records.services import Given, give_records, same_as
from roster.models import Enterprise, Registration
from tests.factories.cases import speaker
from tests.factories.grading import OPERATOR, TODAY, code
from tests.factories.roster import lead
from workdays.services import load_reference as load_workdays

BEFORE = [
    ("audit", "0002_append_only"),
    ("credit_portal", "0001_worker_pulse"),
    ("grading", "0001_initial"),
    ("intake", "0001_initial"),
    ("records", "0003_record_claimed_index"),
    ("roster", "0005_find_by_words"),
    ("workdays", "0001_initial"),
]
KNOWN_AT = dt.datetime(2026, 1, 5, 9, tzinfo=dt.UTC)
PROVIDER, AUTHORITY = 8, 7
LISTED = dt.date(2025, 3, 4)
IDENTITIES = [
    # enterprise, kind, number, stored by the older version, meant to be stored now; None: the same
    (1, "licence_revoked", "甲〔2025〕1号", "n:7:甲（2025）1号", "n:7:penalty:甲（2025）1号"),
    (1, "judgment", "乙1号", "n:7:乙1号", "n:7:judgment:乙1号"),
    (1, "breach_of_contract", "", "k:8:breach_of_contract:2025-03-04:9f", "d:7:breach_of_contract:2025-03-04:9f"),
    (1, "tax_arrears", "", "k:8:tax_arrears:2025-03-04:9f", "d:7:tax_arrears:2025-03-04:"),
    (2, "tax_arrears", "", "k:7:tax_arrears:2025-03-04:", None),
    (2, "tax_arrears", "", "k:8:tax_arrears:2025-03-04:", None),
]  # fmt: skip
"""The last two are one listing that two providers told of: the older version took it for two."""


@contextmanager
def database_of_its_own(folder: Path) -> Iterator[None]:
    """An empty one in place of that of the tests, which stays as it is."""
    own = connections["default"]
    on_a_server = own.vendor == "postgresql"
    name = f"{own.settings_dict['NAME']}_older" if on_a_server else str(folder / "older.sqlite3")
    other = connections.create_connection("default")
    other.settings_dict = own.settings_dict | {"NAME": name}
    if on_a_server:
        _on_the_server(own, f'DROP DATABASE IF EXISTS "{name}"', f'CREATE DATABASE "{name}"')
    connections["default"] = other
    try:
        yield
    finally:
        other.close()
        connections["default"] = own
        if on_a_server:
            _on_the_server(own, f'DROP DATABASE "{name}"')


def _on_the_server(own: Any, *statements: str) -> None:
    with own._nodb_cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


@pytest.fixture(scope="module")
def rows_before(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, int]]:
    """How many rows each table had; by now the database is upgraded."""
    folder = tmp_path_factory.mktemp("upgrade")
    kept = override_settings(AUDIT_ANCHOR_DIR=folder / "anchor", AUDIT_KEY_FILE=folder / "key")
    with django_db_blocker.unblock(), kept, database_of_its_own(folder):
        executor = MigrationExecutor(connection)
        executor.migrate(BEFORE)
        with transaction.atomic():
            fill(executor.loader.project_state(BEFORE).apps)
        anchor.anchor_now()
        counted = rows()
        call_command("migrate", verbosity=0)
        yield counted


def rows() -> dict[str, int]:
    with connection.cursor() as cursor:
        tables = set(connection.introspection.table_names(cursor)) - {
            "django_migrations",
            "django_content_type",
            "auth_permission",
        }
        counted = {}
        for table in sorted(tables):
            cursor.execute(f'SELECT count(*) FROM "{table}"')  # noqa: S608  names of ours
            counted[table] = cursor.fetchone()[0]
    return counted


def fill(apps: Any) -> None:
    """A county in which something is for each migration to move. The event tells no sums of rows."""
    chain.append(
        at=KNOWN_AT, actor="wang", agency="", region="130102", act="records.given",
        outcome=Outcome.DONE, targets=[], notes=[], details={},
    )  # fmt: skip
    old = SimpleNamespace(
        **{
            model.__name__: model.objects
            for room in ("roster", "intake", "records", "grading")
            for model in apps.get_app_config(room).get_models()
        }
    )
    fill_roster(old)
    fill_records(old)
    fill_ratings(old)
    old.RunSchedule.create(kind="quarterly", month=4, day=31, since=dt.date(2025, 1, 1))
    old.RunSchedule.create(
        kind="quarterly", month=9, day=30, since=dt.date(2025, 1, 2), until=dt.date(2025, 1, 1)
    )


def fill_roster(old: Any) -> None:
    for region in ("130102", "130104"):
        old.Region.create(code=region, name=region, level="county", kind="district")
    for key, name in ((AUTHORITY, "长安区税务局"), (PROVIDER, "长安区信用办")):
        old.Agency.create(pk=key, code=f"A{key}", name=name, kind="department", region_id="130102")
    old.AgencyName.create(agency_id=PROVIDER, name="长安区发改局")
    named = {"name": "新名（河北）公司", "name_key": "新名(河北)公司", "former_names": "旧名 公司"}
    for number in (1, 2):
        old.Enterprise.create(code=code(number), region_id="130102", affiliation="other", **named)
        old.Registration.create(
            enterprise_id=code(number), region_id="130102", affiliation="other", source="名录.csv",
            recorded_by="wang", recorded_at=KNOWN_AT, **named,
        )  # fmt: skip
        old.RosterEntry.create(
            enterprise_id=code(number), region_id="130102", level="county", rule="R14",
            recorded_by="wang", recorded_at=KNOWN_AT,
        )  # fmt: skip
    for agency in ("长安区税务局、长安区发改局", "哪里也没有的单位"):
        old.Batch.create(
            layout="records.listings", name="名单.csv", uploader="wang", agency=agency,
            received_at=KNOWN_AT, size_bytes=1, sha256="", copy_sha256="", headings=[],
        )  # fmt: skip


def fill_records(old: Any) -> None:
    shapes = {"tax_arrears": "state"}
    for kind in dict.fromkeys(kind for _number, kind, *_rest in IDENTITIES):
        old.Kind.create(
            code=kind, name=kind, category="dishonest", shape=shapes.get(kind, "event"),
            counting_date="认定日期",
        )  # fmt: skip
    for number, kind, document, stored, _now in IDENTITIES:
        provider = AUTHORITY if stored.startswith("k:7") else PROVIDER
        give(old, number, kind, document, stored, provider=provider)
    record = old.Record.get(identity="n:7:乙1号", retracted_at=None)
    old.Mark.create(
        record=record, kind="disputed", since=LISTED, reason="有异议", recorded_by="wang",
        first_known_at=KNOWN_AT, recorded_at=KNOWN_AT,
    )  # fmt: skip


def give(old: Any, number: int, kind: str, document: str, stored: str, *, provider: int) -> None:
    """One live record, and the version it took the place of."""
    version = {
        "enterprise_id": code(number), "kind_id": kind, "number": document, "identity": stored,
        "authority_id": AUTHORITY, "provider_id": provider, "decided_on": LISTED,
        "source": "名单.csv", "first_known_at": KNOWN_AT, "recorded_by": "wang",
        "recorded_at": KNOWN_AT,
    }  # fmt: skip
    first = old.Record.create(
        **version, content="误报", retracted_at=KNOWN_AT, retracted_by="wang", retract_reason="更正"
    )
    old.Record.create(**version, supersedes=first)


def fill_ratings(old: Any) -> None:
    """Of two years on two rosters. The first part stands corrected, and one of its enterprises has
    moved to the other roster since and was graded there."""
    scheme = old.Scheme.create(
        version=1, title="第1版", state="published", window_months=12, general_limit=5,
        published_at=KNOWN_AT,
    )  # fmt: skip
    first, second = (
        published(old, scheme, region, dt.date(year, 12, 31))
        for region, year in (("130102", 2024), ("130104", 2025))
    )
    a, b = (
        old.Verdict.create(run=first.run, facts=facts, grade=grade, rule=grade, clause="四(三)")
        for facts, grade in (("none", "A"), ("general", "B"))
    )
    later = old.Verdict.create(run=second.run, facts="none", grade="A", rule="A", clause="四(三)")
    correction = old.Correction.create(
        part=first, enterprise_id=code(1), cause="withdrawn", made_by="wang", known_at=KNOWN_AT
    )
    right = old.Rating.create(
        part=first, enterprise_id=code(1), verdict=a, grade="A", correction=correction
    )
    # The older version kept the figures as published: one B more than stands now.
    wrong = {"part": first, "enterprise_id": code(1), "verdict": b, "grade": "B"}
    old.Rating.create(**wrong, replaced_by=right)
    old.Rating.create(part=first, enterprise_id=code(2), verdict=b, grade="B")
    old.Rating.create(part=second, enterprise_id=code(2), verdict=later, grade="A")


def published(old: Any, scheme: Any, region: str, reference: dt.date) -> Any:
    run = old.Run.create(
        kind="annual", reference_date=reference, known_at=KNOWN_AT, state="computed",
        started_by="wang", started_at=KNOWN_AT, scheme=scheme,
    )  # fmt: skip
    return old.RosterRun.create(
        run=run, region_id=region, state="published", size=2, counts={"general": 2},
        grades={"B": 2}, reviewed_by="wang", reviewed_at=KNOWN_AT, published_by="li",
        published_at=KNOWN_AT,
    )  # fmt: skip


# --- what must be true now --------------------------------------------------------------------


def test_no_row_is_lost(rows_before):
    after = rows()
    added = {table: after[table] - count for table, count in rows_before.items()}
    assert {table: count for table, count in added.items() if count} == {}
    connection.check_constraints()


def test_chain_its_anchor_and_the_rows_hold(rows_before):
    assert verify(require_anchor=True) == Verdict(ok=True, checked=1, first_bad=None)
    assert recount().first_bad is None


def test_append_only_tables_are_so_still(rows_before):
    assert triggers.missing(connection) == []
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        Event.objects.all()._raw_delete("default")


def test_identities_name_authority_and_family_but_two_of_one_listing_stay(rows_before):
    stored = Record.objects.live().order_by("pk").values_list("identity", flat=True)
    assert list(stored) == [now or before for *_rest, before, now in IDENTITIES]


def test_versions_taken_back_are_found_under_the_new_identity(rows_before):
    """Reported again, what was put right is known as such."""
    stored = Record.objects.filter(retracted_at__isnull=False).order_by("pk")
    listing = "d:7:tax_arrears:2025-03-04:"
    assert list(stored.values_list("identity", flat=True)) == [
        now or listing for *_rest, now in IDENTITIES
    ]


@pytest.mark.parametrize(("number", "live"), [(1, 1), (2, 2)])
def test_listing_told_again_is_known(rows_before, number, live):
    told = Given(code(number), "tax_arrears", AUTHORITY, PROVIDER, decided_on=LISTED)
    assert same_as(told).count() == live


def test_names_of_lists_are_filled(rows_before):
    assert Kind.objects.get(pk="tax_arrears").list_names == "欠税"


@pytest.mark.parametrize("model", [Enterprise, Registration])
def test_former_names_are_found(rows_before, model):
    assert set(model.objects.values_list("name_key", flat=True)) == {"新名(河北)公司 旧名公司"}


def test_files_know_their_units_where_the_names_tell(rows_before):
    units = Batch.objects.order_by("pk").values_list("units", flat=True)
    assert list(units) == ["|A7|A8|", ""]


def test_figures_follow_the_corrections(rows_before):
    parts = RosterRun.objects.order_by("pk").values_list("counts", "grades")
    assert list(parts) == [
        ({"general": 1, "none": 1}, {"A": 1, "B": 1}),
        ({"general": 2}, {"B": 2}),
    ]


def test_grade_of_the_roster_left_behind_is_overtaken(rows_before):
    overtaken = Overtaken.objects.values_list("part__region", "enterprise")
    assert list(overtaken) == [("130102", code(2))]


def test_cycles_fall_on_days_that_every_year_has(rows_before):
    days = RunSchedule.objects.order_by("month").values_list("month", "day", "since", "until")
    new_year = dt.date(2025, 1, 1)
    assert list(days) == [
        (4, 30, new_year, None),
        (9, 30, dt.date(2025, 1, 2), dt.date(2025, 1, 2)),
    ]


def test_work_goes_on(rows_before):
    told = Given(code(1), "tax_arrears", AUTHORITY, PROVIDER, decided_on=TODAY)
    with transaction.atomic():
        give_records(by=OPERATOR, given=[told], source="名单.csv", on=TODAY)
        assert (same_as(told).count(), recount().first_bad) == (1, None)
        assert verify() == Verdict(ok=True, checked=2, first_bad=None)
        transaction.set_rollback(True)


def test_an_enterprise_objects_to_what_was_there(rows_before):
    """The tables of cases and letters came with the upgrade; what they hold is vouched for."""
    with transaction.atomic():
        load_workdays(by=OPERATOR)
        lead("130102")
        speaks = speaker(code(1))
        record = Record.objects.live().filter(enterprise=code(1)).latest("pk")
        content = Content([Item(record.pk, "wrong")], statement="不符", committed=True)
        draft = filing.begin_draft(
            by=speaks, code=code(1), kind="objection", content=content, on=TODAY
        )
        case = filing.file_case(by=speaks, draft_id=draft.pk, on=TODAY)
        handling.accept_case(by=OPERATOR, case_id=case.pk, version=None, on=TODAY)
        assert Mark.objects.live().filter(record=record, reference=case.number).count() == 1
        assert (verify().ok, recount().first_bad, compare().first_bad) == (True, None, None)
        transaction.set_rollback(True)
