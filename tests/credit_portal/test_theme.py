"""The colours of the theme: enough contrast to read, and the two dark blocks say the same."""

import re
from pathlib import Path

import pytest

TOKENS = Path(__file__).resolve().parents[2] / "credit_portal/static/portal/tokens.css"

READABLE = 4.5
"""WCAG 2.2, 1.4.3: text against its ground."""
VISIBLE = 3.0
"""WCAG 2.2, 1.4.11: the edge of a field, the mark of focus."""

TEXT_PAIRS = [
    ("--body-fg", "--body-bg"),
    ("--body-quiet-color", "--body-bg"),
    ("--body-quiet-color", "--darkened-bg"),
    ("--body-fg", "--selected-row"),
    ("--link-fg", "--body-bg"),
    ("--link-fg", "--darkened-bg"),
    ("--link-fg", "--selected-row"),
    ("--breadcrumbs-fg", "--breadcrumbs-bg"),
    ("--breadcrumbs-link-fg", "--breadcrumbs-bg"),
    ("--header-color", "--header-bg"),
    ("--header-link-color", "--header-bg"),
    ("--button-fg", "--button-bg"),
    ("--button-fg", "--button-hover-bg"),
    ("--button-fg", "--default-button-bg"),
    ("--button-fg", "--close-button-bg"),
    ("--button-fg", "--delete-button-bg"),
    ("--object-tools-fg", "--object-tools-bg"),
    ("--primary-fg", "--primary"),
    ("--error-fg", "--body-bg"),
    ("--error-fg", "--message-error-bg"),
    ("--body-fg", "--message-success-bg"),
    ("--body-fg", "--message-warning-bg"),
    ("--body-fg", "--message-error-bg"),
    ("--portal-warning", "--message-warning-bg"),
    *[(f"--grade-{g}-on", f"--grade-{g}-fill") for g in ("a", "b", "c", "d", "none")],
    *[(f"--grade-{g}-fg", f"--grade-{g}-bg") for g in ("a", "b", "c", "d", "none")],
]
EDGE_PAIRS = [
    ("--border-color", "--body-bg"),
    ("--portal-focus", "--body-bg"),
    ("--portal-focus", "--darkened-bg"),
]


def block(start: str) -> dict[str, str]:
    """The colours of the rule that begins with these words."""
    text = TOKENS.read_text(encoding="utf-8")
    body = text[text.index(start) :].split("}", 1)[0]
    return dict(re.findall(r"(--[\w-]+):\s*(#[0-9a-f]{6});", body))


LIGHT = block('html[data-theme="light"]')
DARK = LIGHT | block('html[data-theme="dark"]')


def luminance(colour: str) -> float:
    """Relative luminance as WCAG defines it."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def too_faint(colours: dict[str, str], pairs: list[tuple[str, str]], least: float) -> list[str]:
    return [
        f"{text} on {ground}: {contrast(colours[text], colours[ground]):.2f}"
        for text, ground in pairs
        if contrast(colours[text], colours[ground]) < least
    ]


def test_contrast_is_measured_as_the_guideline_says():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_text_can_be_read(colours: dict[str, str]):
    assert too_faint(colours, TEXT_PAIRS, READABLE) == []


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_edges_and_focus_can_be_seen(colours: dict[str, str]):
    assert too_faint(colours, EDGE_PAIRS, VISIBLE) == []


def test_dark_is_the_same_by_choice_and_by_system():
    by_system = block("@media (prefers-color-scheme: dark)")
    assert by_system == block('html[data-theme="dark"]')
    assert len(by_system) > 40
