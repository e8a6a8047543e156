"""Every kind of change of every table, made behind the portal's back, is found and named.

Source: R64; design ideas 3 and 7; decision 20. The whole of it: bench/tampering.py.
"""

from collections.abc import Iterator

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction

from audit import triggers
from tests import tampering
from tests.tampering import Change, Impossible, Scene, Seen

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene(settings, tmp_path) -> Scene:
    settings.AUDIT_ANCHOR_DIR = tmp_path / "anchor"
    settings.AUDIT_KEY_FILE = tmp_path / "audit.key"
    made = tampering.set_up()
    triggers.remove(connection)
    return made


def one_of_each() -> Iterator[list[Change]]:
    """By kind and table the changes to try until one can be made; places and columns in turn."""
    by_both: dict[tuple[str, object], list[Change]] = {}
    for change in tampering.all_changes():
        by_both.setdefault((change.kind, change.model), []).append(change)
    for turn, found in enumerate(by_both.values()):
        start = turn % len(found)
        yield [*found[start:], *found[:start]]


def first_possible(changes: list[Change], scene: Scene) -> Seen | None:
    for change in changes:
        try:
            with transaction.atomic():
                return tampering.tamper(change, scene)
        except (Impossible, IntegrityError):
            continue
    return None


def test_every_kind_of_change_of_every_table_is_found_and_named(scene):
    assert tampering.first_bad() is None
    seen = [first_possible(changes, scene) for changes in one_of_each()]
    made = [one for one in seen if one is not None]
    assert [f"{one.change}: {one.said}" for one in made if one.named != "row"] == []
    assert {one.change.model for one in made} == set(tampering.tables())
    assert {one.change.kind for one in made} == set(tampering.KINDS)
    assert len(made) > 150
    assert tampering.first_bad() is None


def test_what_was_changed_as_a_whole_is_found(scene):
    said = {name: tampering.tamper_wholesale(name, scene) for name in tampering.WHOLESALE}
    wanted = {name: part for name, (_change, part) in tampering.WHOLESALE.items()}
    assert [name for name in wanted if wanted[name] not in (said[name] or "")] == []


def test_what_is_left_out_is_there():
    columns = {
        model._meta.label: {one.attname for one in model._meta.concrete_fields}
        for model in apps.get_models()
    }
    assert set(columns) >= tampering.NOT_AT_ALL
    assert [
        label for label, left_out in tampering.NOT_VOUCHED.items() if left_out - columns[label]
    ] == []
