"""Chinese in Python that no translator will ever see; nothing is run."""

import ast
import re
from collections.abc import Iterator

CHINESE = re.compile(r"[\u4e00-\u9fff]")
MARKS = {
    "_", "_lazy", "gettext", "gettext_lazy", "gettext_noop", "ngettext", "ngettext_lazy",
    "pgettext", "pgettext_lazy", "npgettext", "npgettext_lazy",
}  # fmt: skip


def unmarked(source: str) -> Iterator[tuple[int, str]]:
    """Line and text of every Chinese string outside translation calls and docstrings."""
    tree = ast.parse(source)
    excused = {id(inner) for outer in _excused(tree) for inner in ast.walk(outer)}
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in excused
            and CHINESE.search(node.value)
        ):
            yield node.lineno, node.value


def _excused(tree: ast.AST) -> Iterator[ast.AST]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            yield node  # a docstring, or a comment in its place
        elif isinstance(node, ast.Call):
            called = getattr(node.func, "attr", getattr(node.func, "id", ""))
            if called in MARKS:
                yield node
