"""The line of rooms holds: imports, inline ones too, foreign keys, strings and migrations."""

import sys

import pytest
from django.apps import apps
from django.db.migrations.loader import MigrationLoader

from tests import architecture as line
from tests.architecture import ROOMS, Import


def test_no_import_goes_up() -> None:
    assert [str(one) for one in line.upward(line.all_imports())] == []


def test_no_relation_goes_up() -> None:
    """Foreign keys given as strings, too: Django has resolved them by now."""
    wrong = [
        f"{model.__name__}.{field.name} → {field.related_model._meta.label}"
        for room in ROOMS
        for model in apps.get_app_config(room).get_models()
        for field in model._meta.get_fields()
        if field.is_relation
        and not field.auto_created
        and field.related_model
        and (target := field.related_model._meta.app_label) in ROOMS
        and line.goes_up(room, target)
    ]

    assert wrong == []


def test_audit_workdays_and_intake_have_no_foreign_key_out() -> None:
    """They keep actor, agency and region as text: they depend on nobody and block no deletion."""
    wrong = [
        f"{model.__name__}.{field.name}"
        for room in ("audit", "workdays", "intake")
        for model in apps.get_app_config(room).get_models()
        for field in model._meta.concrete_fields
        if field.related_model and field.related_model._meta.app_label != room
    ]

    assert wrong == []


def test_no_string_names_a_model_above() -> None:
    wrong = [
        f"{module}:{number} names {room}"
        for module, source, _package in line.sources()
        for number, room in line.model_strings(source)
        if line.goes_up(module.partition(".")[0], room)
    ]

    assert wrong == []


def test_no_migration_waits_for_a_room_above() -> None:
    migrations = MigrationLoader(None, ignore_no_migrations=True).disk_migrations
    wrong = [
        f"{room}.{name} waits for {needed}"
        for (room, name), migration in migrations.items()
        for needed, _name in migration.dependencies
        if room in ROOMS and needed in ROOMS and line.goes_up(room, needed)
    ]

    assert wrong == []


def test_inline_imports_stand_in_tasks_or_give_their_reason() -> None:
    wrong = [
        str(one)
        for one in line.all_imports()
        if one.inline and not one.reasoned and one.module.rpartition(".")[2] != "tasks"
    ]

    assert wrong == []


def test_modules_import_each_other_in_one_direction() -> None:
    found = line.all_imports()
    modules = {module for module, _source, _package in line.sources()}

    assert line.cycle(line.module_graph(found, modules)) == []


def test_rules_know_only_the_standard_library_rules_and_enums() -> None:
    wrong = [str(one) for one in line.all_imports() if ".rules" in one.module and not _may(one)]

    assert wrong == []


def _may(one: Import) -> bool:
    room = line.room_of(one.imported)
    if room is None:
        return one.imported.partition(".")[0] in sys.stdlib_module_names
    kind = one.imported.split(".")[1]
    return kind in ("rules", "enums") or one.imported.startswith("audit.errors")


# --- the reader itself ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("module", "source", "found"),
    [
        ("audit.acts", "from roster.models import User", ["roster.models.User"]),
        ("audit.acts", "def f():\n    import grading.services", ["grading.services"]),
        ("roster.scope", "if x:\n    from credit_portal import urls", ["credit_portal.urls"]),
        ("records.services", "from roster import scope\nimport audit.acts", []),
        ("intake.work", "from . import limits\nfrom .store import keep", []),
    ],
)
def test_upward_finds(module: str, source: str, found: list[str]) -> None:
    assert [one.imported for one in line.upward(line.imports(module, source))] == found


@pytest.mark.parametrize(
    ("module", "package", "source", "imported"),
    [
        ("roster.scope", False, "from .posts import Post", "roster.posts.Post"),
        ("roster.rules.placing", False, "from ..enums import Level", "roster.enums.Level"),
        ("roster.rules", True, "from .placing import place", "roster.rules.placing.place"),
        ("roster.rules", True, "from . import placing", "roster.rules.placing"),
    ],
)
def test_relative_imports_are_resolved(
    module: str, package: bool, source: str, imported: str
) -> None:
    assert [one.imported for one in line.imports(module, source, package)] == [imported]


@pytest.mark.parametrize(
    ("source", "reasoned"),
    [
        ("def f():\n    import a  # inline: needs loaded models", True),
        ("def f():\n    # needs loaded models\n    import b\n    import a", True),
        ("def f():\n    import a  # noqa: PLC0415 -- needs loaded models", True),
        ("def f():\n    import a  # noqa: PLC0415", False),
        ("def f():\n    x = 1\n    import a", False),
    ],
)
def test_a_reason_is_a_comment_at_the_import(source: str, reasoned: bool) -> None:
    *_others, last = line.imports("audit.acts", source)

    assert (last.inline, last.reasoned) == (True, reasoned)


def test_cycle_is_found() -> None:
    assert line.cycle({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": set()}) == ["a", "b", "c", "a"]
    assert line.cycle({"a": {"b"}, "b": {"c"}, "c": set()}) == []


def test_model_strings_are_found() -> None:
    source = 'apps.get_model("grading", "Run")\nimport_module("records.services")\nprint("roster")'

    assert list(line.model_strings(source)) == [(1, "grading"), (2, "records")]
