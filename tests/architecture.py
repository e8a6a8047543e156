"""Reads the rooms' sources and says what imports what; nothing is run."""

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("credit_portal", "grading", "records", "roster", "intake", "workdays", "audit")
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


def model_strings(source: str) -> Iterator[tuple[int, str]]:
    """Line and room of every string that names a model or a module: get_model, import_module."""
    for node in ast.walk(ast.parse(source)):
        if not (isinstance(node, ast.Call) and node.args):
            continue
        called = getattr(node.func, "attr", getattr(node.func, "id", ""))
        argument = node.args[0]
        if (
            called in ("get_model", "get_app_config", "import_module", "import_string")
            and isinstance(argument, ast.Constant)
            and isinstance(argument.value, str)
            and (room := room_of(argument.value))
        ):
            yield node.lineno, room


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
