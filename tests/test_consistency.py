"""What one change can forget in another place: labels, migrations, templates, addresses, English."""

import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.core.management import call_command
from django.db.models import AutoField, BaseConstraint, Field, Model, UniqueConstraint
from django.forms.widgets import Select, SelectMultiple
from django.template.engine import Engine
from django.template.loaders.base import Loader
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils.functional import Promise
from django.utils.translation import gettext, override

from credit_portal import access, catalog
from tests import architecture, chinese
from tests.architecture import ROOMS, ROOT

CHINESE = re.compile(r"[\u4e00-\u9fff]")
TEMPLATES = Path(settings.BASE_DIR) / "templates"
NOT_OURS = {"password", "last_login"}  # Django's own, translated there


def models() -> list[type[Model]]:
    return [model for room in ROOMS for model in apps.get_app_config(room).get_models()]


def fields() -> Iterator[tuple[str, Field]]:
    for model in models():
        for field in (*model._meta.concrete_fields, *model._meta.local_many_to_many):
            if not isinstance(field, AutoField):
                yield f"{model._meta.label}.{field.name}", field


# --- filters -----------------------------------------------------------------------------------


def choices_of_filters() -> Iterator[tuple[str, str]]:
    """Every list to choose from beside a list of the admin, and what it says untouched.

    Those that always stand on one of their choices (`empty_label=None`) say so when asked.
    """
    for model, options in admin.site._registry.items():
        filterset = getattr(options, "filterset_class", None)
        if filterset is None:
            continue
        fields = filterset(queryset=model._default_manager.none()).form.fields
        for name, one in filterset.base_filters.items():
            widget = fields[name].widget
            is_list = isinstance(widget, Select) and not isinstance(widget, SelectMultiple)
            if is_list and one.extra.get("empty_label", "") is not None:
                yield f"{filterset.__name__}.{name}", next(iter(fields[name].choices))[0]


@pytest.mark.django_db
def test_filters_nobody_touched_leave_a_list_as_it_is() -> None:
    found = list(choices_of_filters())
    assert len(found) > 30

    assert [name for name, first in found if first] == []


# --- labels --------------------------------------------------------------------------------------


def test_rooms_have_chinese_names() -> None:
    wrong = [
        room for room in ROOMS if not CHINESE.search(str(apps.get_app_config(room).verbose_name))
    ]

    assert wrong == []


def test_models_have_chinese_names_marked_for_translation() -> None:
    wrong = [
        model._meta.label
        for model in models()
        for name in (model._meta.verbose_name, model._meta.verbose_name_plural)
        if not (isinstance(name, Promise) and CHINESE.search(str(name)))
    ]

    assert wrong == []


def test_fields_have_chinese_labels_marked_for_translation() -> None:
    wrong = [
        name
        for name, field in fields()
        if not (isinstance(field.verbose_name, Promise) and CHINESE.search(str(field.verbose_name)))
    ]

    assert wrong == []


def test_choices_have_chinese_labels() -> None:
    with override("zh-hans"):
        wrong = [
            f"{name}: {value}"
            for name, field in fields()
            for value, label in field.flatchoices
            if not CHINESE.search(str(label)) and not re.fullmatch(r"[A-D]", str(label))
        ]

    assert wrong == []


def test_constraints_say_in_chinese_what_they_hold() -> None:
    """A unique constraint over fields gets Django's own sentence, translated there; a condition
    or an expression has none that anybody could act on."""
    wrong = [
        constraint.name
        for model in models()
        for constraint in model._meta.constraints
        if not CHINESE.search(str(constraint.violation_error_message)) and not is_plain(constraint)
    ]

    assert wrong == []


def is_plain(constraint: BaseConstraint) -> bool:
    return (
        isinstance(constraint, UniqueConstraint)
        and constraint.condition is None
        and not constraint.expressions
    )


# --- migrations ----------------------------------------------------------------------------------


@pytest.mark.django_db
def test_no_migration_is_missing() -> None:
    try:
        call_command("makemigrations", check=True, dry_run=True, verbosity=3)
    except SystemExit:
        pytest.fail("makemigrations would write a migration, see the output above")


# --- templates -----------------------------------------------------------------------------------


def template_names() -> list[str]:
    return sorted(
        str(path.relative_to(TEMPLATES)) for path in TEMPLATES.rglob("*") if path.is_file()
    )


def sources() -> str:
    python = (path for room in ROOMS for path in (ROOT / room).rglob("*.py"))
    return "\n".join(path.read_text("utf-8") for path in (*python, *TEMPLATES.rglob("*.html")))


def overrides_another(name: str) -> bool:
    """Whether an app brings a template of this name, which ours replaces."""
    loaders: list[Loader] = Engine.get_default().template_loaders[0].loaders
    found = [
        origin
        for loader in loaders
        for origin in loader.get_template_sources(name)
        if Path(origin.name).is_file()
    ]
    return len(found) > 1


def found_by_convention(name: str) -> bool:
    """admin/<room>/<model>/change_form.html and its like."""
    parts = Path(name).parts
    return (
        len(parts) == 4
        and parts[0] == "admin"
        and any(model._meta.label_lower == f"{parts[1]}.{parts[2]}" for model in models())
        and (TEMPLATES.parent / "templates" / name).is_file()
    )


def test_every_template_is_used() -> None:
    text = sources()
    wrong = [
        name
        for name in template_names()
        if f'"{name}"' not in text
        and f"'{name}'" not in text
        and not overrides_another(name)
        and not found_by_convention(name)
    ]

    assert wrong == []


def test_every_named_template_exists() -> None:
    rooms = "|".join(ROOMS)
    named = set(re.findall(rf"""["']((?:portal|admin|{rooms})/[a-z_/]+\.html)["']""", sources()))
    engine = Engine.get_default()
    wrong = [name for name in sorted(named) if not _exists(engine, name)]

    assert wrong == []


def _exists(engine: Engine, name: str) -> bool:
    return any(
        Path(origin.name).is_file()
        for loader in engine.template_loaders[0].loaders
        for origin in loader.get_template_sources(name)
    )


# --- addresses -----------------------------------------------------------------------------------


def view_names(resolver: URLResolver, prefix: str = "") -> Iterator[str]:
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLPattern):
            view = pattern.callback  # Django names a nameless address after its view
            yield prefix + (pattern.name or f"{view.__module__}.{view.__name__}")
        else:
            inner = f"{prefix}{pattern.namespace}:" if pattern.namespace else prefix
            yield from view_names(pattern, inner)


def test_every_address_has_its_row() -> None:
    wrong = [name for name in view_names(get_resolver()) if access.row_for(name) is None]

    assert wrong == []


def test_every_row_has_its_address() -> None:
    names = set(view_names(get_resolver()))
    wrong = [row.name for row in access.table() if not any(row.fits(name) for name in names)]

    assert wrong == []


def test_no_row_hides_behind_an_earlier_one() -> None:
    """The first row that fits counts; a later one of the same address would never be asked."""
    rows = access.table()
    wrong = [
        later.name
        for number, later in enumerate(rows)
        if any(earlier.fits(later.name) for earlier in rows[:number])
    ]

    assert wrong == []


# --- English -------------------------------------------------------------------------------------


def test_english_is_complete() -> None:
    assert catalog.missing() == []


def test_english_has_nothing_left_over() -> None:
    assert catalog.unused() == []


def test_english_keeps_the_placeholders() -> None:
    wrong = [
        catalog._first(message.id)
        for message in catalog.english()
        if message.id
        and all(_texts(message.string))
        and _placeholders(message.id) != _placeholders(message.string)
    ]

    assert wrong == []


def _texts(texts: str | tuple[str, ...]) -> tuple[str, ...]:
    return (texts,) if isinstance(texts, str) else tuple(texts)


def _placeholders(texts: str | tuple[str, ...]) -> set[str]:
    all_texts = _texts(texts)
    braces = {
        name
        for text in all_texts
        for _literal, name, _format, _conversion in string.Formatter().parse(text)
        if name is not None
    }
    return braces | {found for text in all_texts for found in re.findall(r"%\([a-z_]+\)[sd]", text)}


def test_extraction_misses_no_sentence_of_a_template() -> None:
    known = {catalog._first(message.id) for message in catalog.extracted() if message.id}
    wrong = [
        sentence
        for path in TEMPLATES.rglob("*.html")
        for sentence in re.findall(r'{% (?:translate|trans) "([^"]+)"', path.read_text("utf-8"))
        if sentence.replace("%", "%%") not in known
    ]

    assert wrong == []


DATA = (
    "credit_portal.demo", "credit_portal.formats", "grading.policy", "grading.reference",
    "grading.rules", "notices.enums", "objections.telling", "intake.cells", "intake.headings", "intake.lines", "intake.masking", "intake.papers",
    "records.layouts", "records.rules", "roster.layouts", "roster.reference", "roster.rules",
    "workdays.enums", "workdays.services",
)  # fmt: skip
"""Modules and packages whose Chinese is data: words of files, of the policy, of letters, of invented
names."""

STORED = {
    "credit_portal.logs": {"密码|口令|动态码|恢复码"},
    "credit_portal.sign_in": {"未知账号", "其他地址"},
    "grading.regrading": {"评价后更正", "转入其他名录，沿用原等级"},
    "notices.letters": {"号", "年", "月", "日"},
    "objections.filing": {"冀信异", "冀信修", "冀信复", "冀信询", "申请人撤回申请"},
    "objections.handling": {"告知向法院申请纠正", "企业提出异议，正在核查"},
    "intake.exports": {"是", "否"},
    "intake.sources": {"（文件第", "号）", r"（文件第(\d+)号）$"},
    "records.queries": {r"[\[\]〔〕［］()（）【】]|号$"},
    "roster.admin.enterprises": {"页面登记"},
    "roster.correcting": {"更正登记状态"},
    "roster.scope": {"系统运行"},
    "roster.services": {"转入 ", "改变列入依据（"},
    "workdays.management.commands.load_calendar": {
        "Loads a holiday table (CSV: date,kind,festival; kind is 休 or 班). Exit codes: 0 done, "
        "1 refused, 2 used wrongly."
    },
}
"""What is written to a table or a file as it stands, or read there: it has one language."""


def test_no_module_says_chinese_that_is_not_marked() -> None:
    wrong = [
        f"{module}:{number} {text}"
        for module, source, _package in architecture.sources()
        if ".migrations" not in module and not f"{module}.".startswith(tuple(f"{d}." for d in DATA))
        for number, text in chinese.unmarked(source)
        if text not in STORED.get(module, set())
    ]

    assert wrong == []


def test_the_lists_of_unmarked_chinese_name_nothing_that_is_gone() -> None:
    found = {
        module: {text for _number, text in chinese.unmarked(source)}
        for module, source, _package in architecture.sources()
    }
    assert [
        name for name in DATA if not any(f"{one}.".startswith(f"{name}.") for one in found)
    ] == []
    assert [(name, texts - found.get(name, set())) for name, texts in STORED.items()
            if texts - found.get(name, set())] == []  # fmt: skip


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('raise CommandError("没有发布")', ["没有发布"]),
        ('f"第{run}号"', ["第", "号"]),
        ('_("评价")', []),
        ('_lazy("评价").format(a="甲")', ["甲"]),
        ('def f():\n    """评价。"""\n    # 评价', []),
        ('ngettext("{n}户", "{n}户", n)', []),
    ],
)
def test_chinese_outside_marks_is_found(source: str, found: list[str]) -> None:
    assert [text for _number, text in chinese.unmarked(source)] == found


def test_no_template_shows_chinese_that_is_not_marked() -> None:
    wrong = [
        f"{path.relative_to(TEMPLATES)}: {found}"
        for path in TEMPLATES.rglob("*.html")
        if path.name != "language.html"  # names each language in that language
        for found in unmarked(path.read_text("utf-8"))
    ]

    assert wrong == []


def unmarked(template: str) -> list[str]:
    """Chinese that stands outside translation tags and comments."""
    bare = re.sub(
        r"{% blocktrans(?:late)?\b.*?{% endblocktrans(?:late)? %}", "", template, flags=re.S
    )
    bare = re.sub(r"{% comment\b.*?{% endcomment %}|{#.*?#}|<!--.*?-->", "", bare, flags=re.S)
    bare = re.sub(r"""{%.*?%}|{{.*?}}""", "", bare, flags=re.S)
    return re.findall(r"[\u4e00-\u9fff]+", bare)


@pytest.mark.parametrize(
    ("template", "found"),
    [
        ("<p>评价</p>", ["评价"]),
        ('<p>{% translate "评价" %}</p>', []),
        ("{% blocktranslate %}共 {{ n }} 条{% endblocktranslate %}", []),
        ("{# 说明 #}{% comment %}说明{% endcomment %}", []),
    ],
)
def test_unmarked_finds_bare_chinese(template: str, found: list[str]) -> None:
    assert unmarked(template) == found


def test_what_the_admin_itself_says_is_chinese() -> None:
    folder = Path(admin.__file__).parent / "templates" / "admin"
    said = {
        sentence
        for page in folder.rglob("*.html")
        if page.parent.name != "user"  # of accounts that Django keeps; the portal has its own
        for sentence in re.findall(r"""translate ['"]([^'"]+)['"]""", page.read_text("utf-8"))
    }
    with override("zh-hans"):
        assert len(said) > 50
        assert [one for one in sorted(said) if not CHINESE.search(gettext(one))] == []
