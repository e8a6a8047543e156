"""The English catalogue, kept without the gettext programs: Babel reads Python, Django its templates.

Chinese is what stands in the source; locale/en/LC_MESSAGES/django.po has every sentence in English.
"""

import io
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.apps import apps
from django.conf import settings
from django.utils.translation.template import templatize

KEYWORDS = DEFAULT_KEYWORDS | {
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext_lazy": (1, 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
Ids = str | tuple[str, ...] | list[str]
ENGLISH = Path("locale/en/LC_MESSAGES/django.po")


def english_file() -> Path:
    return Path(settings.BASE_DIR) / ENGLISH


def rooms() -> list[str]:
    """The packages of this project among the installed ones."""
    root = Path(settings.BASE_DIR)
    found = [config.name for config in apps.get_app_configs() if Path(config.path).parent == root]
    return list(dict.fromkeys(found))


def extracted() -> Catalog:
    """Every sentence marked for translation, with the files it stands in."""
    catalog = Catalog(fuzzy=False)
    for path, source in _sources():
        name = str(path.relative_to(settings.BASE_DIR))
        for _line, ids, _comments, context in extract("python", source, KEYWORDS):
            catalog.add(ids, locations=[(name, 0)], context=context)
    return catalog


def english() -> Catalog:
    """The catalogue as it stands; empty when there is none."""
    path = english_file()
    if not path.exists():
        return Catalog(locale="en")
    with path.open("rb") as file:
        return read_po(file, locale="en")


def missing() -> list[str]:
    """Sentences that have no English yet."""
    known = english()
    return [
        _first(message.id)
        for message in extracted()
        if message.id and not _translated(known, message.id, message.context)
    ]


def unused() -> list[str]:
    """English for sentences that no longer stand anywhere."""
    wanted = extracted()
    return [
        _first(message.id)
        for message in english()
        if message.id and wanted.get(message.id, message.context) is None
    ]


def update() -> None:
    """Bring the file up to date: new sentences come in empty, those that are gone go out."""
    catalog = english()
    catalog.update(extracted(), no_fuzzy_matching=True)
    catalog.obsolete.clear()
    path = english_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    written = io.BytesIO()
    write_po(written, catalog, width=100, sort_by_file=True, include_lineno=False, omit_header=True)
    path.write_bytes(HEADER + written.getvalue())


def compile_catalogs() -> list[Path]:
    """Write django.mo beside every django.po that is newer; the answer names those written."""
    made = []
    for folder in settings.LOCALE_PATHS:
        for source in sorted(Path(folder).glob("*/LC_MESSAGES/django.po")):
            target = source.with_suffix(".mo")
            if target.exists() and target.stat().st_mtime_ns >= source.stat().st_mtime_ns:
                continue
            with source.open("rb") as file:
                catalog = read_po(file, locale=source.parts[-3])
            with target.open("wb") as file:
                write_mo(file, catalog)
            made.append(target)
    return made


HEADER = b"""\
# English for the portal. Bring it up to date with: make messages
msgid ""
msgstr ""
"Language: en\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"

"""


def _sources() -> Iterator[tuple[Path, io.BytesIO]]:
    root = Path(settings.BASE_DIR)
    for room in rooms():
        for path in sorted((root / room).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path, io.BytesIO(path.read_bytes())
    for path in sorted((root / "templates").rglob("*")):
        if path.suffix in (".html", ".txt"):
            marked = templatize(path.read_text(encoding="utf-8"), origin=str(path))
            # The rest of a template reads as X's; indented, they would not be Python.
            flat = "\n".join(line.strip() for line in marked.splitlines())
            yield path, io.BytesIO(flat.encode())


def _translated(catalog: Catalog, ids: Ids, context: str | None) -> bool:
    found = catalog.get(ids, context)
    if found is None or found.fuzzy:
        return False
    return all(found.string) if isinstance(found.string, tuple | list) else bool(found.string)


def _first(ids: Ids) -> str:
    return ids if isinstance(ids, str) else ids[0]
