"""The line of rooms holds: imports, inline ones too, foreign keys, strings and migrations."""

import sys
import tomllib
from pathlib import Path

import pytest
from django.apps import apps
from django.db.migrations.loader import MigrationLoader
from django.template.backends.django import get_installed_libraries

from tests import architecture as line
from tests.architecture import ROOMS, ROOT, Import


def test_every_package_of_ours_has_its_place_in_the_line() -> None:
    """In the order of INSTALLED_APPS too: templates and commands of an upper room come first."""
    installed = [
        config.name for config in apps.get_app_configs() if Path(config.path).parent == ROOT
    ]

    assert list(dict.fromkeys(installed)) == list(ROOMS)
    assert sorted(path.parent.name for path in ROOT.glob("*/apps.py")) == sorted(ROOMS)


def test_types_are_checked_in_every_room() -> None:
    said = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))

    assert set(ROOMS) <= set(said["tool"]["mypy"]["files"])


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


PURE = {
    "bisect", "calendar", "collections", "dataclasses", "datetime", "decimal", "enum", "fractions",
    "functools", "hashlib", "itertools", "json", "math", "operator", "re", "string", "typing",
    "unicodedata",
}  # fmt: skip
"""What gives the same answer every time: no clock, no chance, no surroundings."""


def _may(one: Import) -> bool:
    room = line.room_of(one.imported)
    if room is None:
        return one.imported.partition(".")[0] in {"__future__", *PURE}
    kind = one.imported.split(".")[1]
    return kind in ("rules", "enums") or one.imported.startswith("audit.errors")


def test_rules_ask_no_clock() -> None:
    wrong = [
        f"{module}:{number}"
        for module, source, _package in line.sources()
        if ".rules" in module
        for number in line.clock_readings(source)
    ]

    assert wrong == []


def test_no_template_asks_a_room_above() -> None:
    """Tags, bases, parts and addresses obey the arrows of imports; what every page may stand in
    and lead to, the frame and the site's own addresses, is said in `tests/architecture.py`."""
    libraries = {
        name: room for name, module in get_installed_libraries().items()
        if (room := line.room_of(module))
    }  # fmt: skip
    wrong = [
        f"{name}: {named}"
        for name, text in line.templates()
        for named, room in line.template_arrows(name, text, libraries)
        if line.goes_up(line.room_of_template(name), room)
    ]

    assert wrong == []


def test_no_tag_names_a_template_above() -> None:
    """`render_to_string("grading/…")` and the template of an inclusion tag."""
    wrong = [
        f"{module}: {named}"
        for module, source, _package in line.sources()
        for named in line.template_names_in(source)
        if not line.is_frame(named)
        and line.goes_up(module.partition(".")[0], line.room_of_template(named))
    ]

    assert wrong == []


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
    source = """apps.get_model("grading", "Run")
import_module("records.services")
print("roster")
importlib.import_module(name="credit_portal.home")
__import__("grading.models")
apps.get_model(model_name="Run", app_label="grading")
"""

    assert list(line.model_strings(source)) == [
        (1, "grading"), (2, "records"), (4, "credit_portal"), (5, "grading"), (6, "grading"),
    ]  # fmt: skip


def test_clock_readings_are_found() -> None:
    assert line.clock_readings("dt.date.today()\nwhen = today\nnow()") == [1, 3]


@pytest.mark.parametrize("module", ["random", "time", "os", "secrets", "django.conf"])
def test_rules_may_not_import(module: str) -> None:
    (found,) = line.imports("roster.rules.placing", f"import {module}")

    assert not _may(found)


@pytest.mark.parametrize(
    ("name", "text", "found"),
    [
        ("roster/a.html", "{% load i18n grades %}", [("grades", "grading")]),
        ("roster/a.html", "{% load share from grades %}", [("grades", "grading")]),
        ("roster/a.html", '{% extends "admin/base_site.html" %}', []),
        ("roster/a.html", '{% include "portal/language.html" with x=1 %}',
         [("portal/language.html", "credit_portal")]),
        ("roster/a.html", "{% include part %}", []),
        ("roster/a.html", "{% url 'admin:grading_run_add' %}",
         [("admin:grading_run_add", "grading")]),
        ("roster/a.html", '{% url "policy" %}{% url "admin:index" %}', []),
    ],
)  # fmt: skip
def test_template_arrows_are_found(name: str, text: str, found: list[tuple[str, str]]) -> None:
    assert list(line.template_arrows(name, text, {"grades": "grading"})) == found


@pytest.mark.parametrize(
    ("name", "room"),
    [
        ("grading/run.html", "grading"),
        ("admin/intake/batch/change_list.html", "intake"),
        ("admin/base_site.html", "credit_portal"),
        ("500.html", "credit_portal"),
    ],
)
def test_room_of_a_template(name: str, room: str) -> None:
    assert line.room_of_template(name) == room


def test_what_parses_files_knows_nothing_of_the_portal() -> None:
    """`intake.child` runs in a process of its own, with the file and its limits only."""
    wrong = [
        str(one)
        for one in line.all_imports()
        if one.module.startswith("intake.child")
        and one.imported.partition(".")[0] not in {*sys.stdlib_module_names, "python_calamine"}
        and not one.imported.startswith("intake.child")
    ]

    assert wrong == []
