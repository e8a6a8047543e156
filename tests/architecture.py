"""Reads the rooms' sources and says what imports what; nothing is run."""

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ROOMS = (
    "credit_portal", "objections", "grading", "records", "notices", "roster", "intake", "workdays",
    "audit",
)  # fmt: skip
"""A room may import any room to its right."""

SUPPRESSION = re.compile(r"noqa(: ?[A-Z0-9, ]+)?|type: ignore(\[[a-z-]+\])?")
"""What tools read is no reason."""
IN_BLOCK = re.compile(r"\s*((from|import) |$)")


@dataclass(frozen=True)
class Import:
    """One imported name: by which module, at which line, inside a function or not."""

    module: str
    imported: str
    line: int
    inline: bool
    reasoned: bool

    def __str__(self) -> str:
        return f"{self.module}:{self.line} imports {self.imported}"


def sources() -> Iterator[tuple[str, str, bool]]:
    """Dotted name, text and whether it is a package, of every module of every room."""
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            package = parts[-1] == "__init__"
            yield ".".join(parts[:-1] if package else parts), path.read_text("utf-8"), package


def all_imports() -> list[Import]:
    return [found for source in sources() for found in imports(*source)]


def imports(module: str, source: str, package: bool = False) -> Iterator[Import]:
    """Every import of a module, the inline ones and those under TYPE_CHECKING too."""
    lines = source.splitlines()
    tree = ast.parse(source)
    inline = {
        id(node)
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(function)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            for name in _names(node, module, package):
                reasoned = _has_reason(lines, node.lineno)
                yield Import(module, name, node.lineno, id(node) in inline, reasoned)


def _names(node: ast.Import | ast.ImportFrom, module: str, package: bool) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
        return
    base = node.module or ""
    if node.level:
        parts = module.split(".")
        kept = len(parts) - node.level + (1 if package else 0)
        base = ".".join([*parts[:kept], *([base] if base else [])])
    yield from (f"{base}.{alias.name}" for alias in node.names)


def _has_reason(lines: list[str], number: int) -> bool:
    """A comment on the line, or above the block of imports that the line belongs to."""
    if SUPPRESSION.sub("", lines[number - 1].partition("#")[2]).strip(" -#"):
        return True
    above = number - 2
    while above >= 0 and IN_BLOCK.match(lines[above]):
        above -= 1
    return above >= 0 and lines[above].lstrip().startswith("#")


def room_of(name: str) -> str | None:
    """The room a dotted name belongs to; None for everything that is not ours."""
    first = name.partition(".")[0]
    return first if first in ROOMS else None


def goes_up(importing: str, imported: str) -> bool:
    """Whether the second room stands to the left of the first."""
    return ROOMS.index(imported) < ROOMS.index(importing)


def upward(found: Iterable[Import]) -> list[Import]:
    return [
        one
        for one in found
        if (imported := room_of(one.imported)) and goes_up(one.module.partition(".")[0], imported)
    ]


NAMING = (
    "get_model", "get_app_config", "get_app_configs", "import_module", "import_string", "__import__",
)  # fmt: skip
CLOCKS = ("today", "now", "utcnow", "localdate", "localtime")


def model_strings(source: str) -> Iterator[tuple[int, str]]:
    """Line and room of every string that names a model or a module: get_model, import_module."""
    for node in _calls(source, NAMING):
        for argument in (*node.args[:1], *(keyword.value for keyword in node.keywords)):
            if (
                isinstance(argument, ast.Constant)
                and isinstance(argument.value, str)
                and (room := room_of(argument.value))
            ):
                yield node.lineno, room


def clock_readings(source: str) -> list[int]:
    """Lines that ask what time or day it is."""
    return [node.lineno for node in _calls(source, CLOCKS)]


def _calls(source: str, names: Iterable[str]) -> Iterator[ast.Call]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            called = getattr(node.func, "attr", getattr(node.func, "id", ""))
            if called in names:
                yield node


# --- templates -----------------------------------------------------------------------------------

SITE = "credit_portal"
TAG = re.compile(r"{%\s*(load|extends|include|url)\s+(.+?)\s*%}")


def templates() -> Iterator[tuple[str, str]]:
    """Name and text of every template."""
    folder = ROOT / "templates"
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield str(path.relative_to(folder)), path.read_text("utf-8")


def room_of_template(name: str) -> str:
    """By its first folder, or by the second below admin/. The rest is the site's own: the frame
    (admin/base_site.html and its like), the portal's pages, the pages for faults."""
    parts = name.split("/")
    folder = parts[1] if parts[0] == "admin" and len(parts) > 2 else parts[0]
    return folder if folder in ROOMS else SITE


def is_frame(name: str) -> bool:
    """What every page may stand in or take in: the templates of the admin itself, and the shell of
    the pages outside it."""
    return name == "portal/base.html" or (name.startswith("admin/") and name.count("/") == 1)


def template_arrows(name: str, text: str, libraries: dict[str, str]) -> Iterator[tuple[str, str]]:
    """What a template names, and the room of that. `libraries` says whose a tag library is.

    Names of the site's own addresses (home, policy, admin:index) are like those of Django's: a
    page of any room may lead there, and asks nothing of the room by it.
    """
    for tag, said in TAG.findall(text):
        if tag == "load":
            for library in said.partition(" from ")[2].split() or said.split():
                if library in libraries:
                    yield library, libraries[library]
            continue
        named = re.match(r"""["']([^"']+)["']""", said)
        if named is None:
            continue
        if tag == "url":
            room = named[1].removeprefix("admin:").partition("_")[0]
            if named[1].startswith("admin:") and room in ROOMS:
                yield named[1], room
        elif not is_frame(named[1]):
            yield named[1], room_of_template(named[1])


def module_graph(found: Iterable[Import], modules: set[str]) -> dict[str, set[str]]:
    """Who imports whom while being loaded; `from a import b` means a.b where that is a module."""
    graph: dict[str, set[str]] = {module: set() for module in modules}
    for one in found:
        if one.inline:
            continue
        target = one.imported
        if target not in modules:
            target = target.rpartition(".")[0]
        if target in modules and target != one.module:
            graph[one.module].add(target)
    return graph


def cycle(graph: dict[str, set[str]]) -> list[str]:
    """One round trip, if there is any."""
    done: set[str] = set()
    path: list[str] = []

    def visit(module: str) -> list[str]:
        if module in path:
            return [*path[path.index(module) :], module]
        if module in done:
            return []
        path.append(module)
        for target in sorted(graph[module]):
            if around := visit(target):
                return around
        path.pop()
        done.add(module)
        return []

    for module in sorted(graph):
        if around := visit(module):
            return around
    return []


def template_names_in(source: str) -> Iterator[str]:
    """Every string of a module that names a template."""
    for node in ast.walk(ast.parse(source)):
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and re.fullmatch(r"[a-z_/]+\.html", node.value)
        ):
            yield node.value
