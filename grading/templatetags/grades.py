"""Grades and how many enterprises have them: `{% load grades %}`.

They write classes and attributes only, never a style or a script: the content security policy is
`default-src 'self'`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django import template
from django.utils.translation import gettext_lazy as _

from intake.templatetags.parts import share

register = template.Library()

# The names of the four classes, 四(一); a scheme with other grades passes its own words.
WORDS = {"A": _("守信"), "B": _("一般失信"), "C": _("严重失信"), "D": _("“黑名单”")}

# A thinner slice is drawn this wide, so that a handful of D among thousands can still be seen.
LEAST_PERCENT = 0.7
LETTER_FITS_FROM_PERCENT = 5


@register.inclusion_tag("grading/grade.html")
def grade_badge(grade: str, word: str = "", size: str = "") -> dict[str, Any]:
    """Letter and word of a grade; the colour only repeats them. `size` may be "large".

    An enterprise without a rating has the grade "" and is shown as not yet graded.
    """
    grade = str(grade or "")
    return {
        "letter": grade or "–",
        "word": word or WORDS.get(grade, "" if grade else _("尚未评价")),
        "tone": _tone(grade),
        "size": size,
    }


@dataclass(frozen=True)
class Slice:
    """One grade in a distribution: where it lies in the picture (percent) and what the key says."""

    grade: str
    word: Any
    count: int
    percent: str
    tone: str
    x: str
    width: str
    middle: str
    shows_letter: bool


@register.inclusion_tag("grading/distribution.html")
def distribution(
    counts: Mapping[str, int] | Iterable[tuple[str, Any, int]], label: str = ""
) -> dict[str, Any]:
    """A stacked bar of how many enterprises have which grade, with a key in words and figures.

    `counts` is {"A": 12, …} in the order to draw, or (grade, word, count) for other schemes.
    """
    if isinstance(counts, Mapping):
        rows = [(grade, WORDS.get(grade, ""), count) for grade, count in counts.items()]
    else:
        rows = list(counts)
    total = sum(count for _grade, _word, count in rows)
    return {"slices": _slices(rows, total), "total": total, "label": label or _("等级分布")}


@register.inclusion_tag("grading/distribution_bar.html")
def distribution_bar(counts: Iterable[tuple[str, Any, int]]) -> dict[str, Any]:
    """The picture of a distribution alone, small, for a line of a table; the figures are its title."""
    rows = list(counts)
    return {"slices": _slices(rows, sum(count for *_rest, count in rows))}


def _slices(rows: list[tuple[str, Any, int]], total: int) -> list[Slice]:
    drawn = [max(100 * count / total, LEAST_PERCENT) if count else 0.0 for *_rest, count in rows]
    scale = 100 / sum(drawn) if total else 0.0
    slices, left = [], 0.0
    for (grade, word, count), wide in zip(rows, drawn, strict=True):
        width = wide * scale
        slices.append(
            Slice(
                grade=grade,
                word=word,
                count=count,
                percent=share(count, total),
                tone=_tone(grade),
                x=f"{left:.3f}%",
                width=f"{width:.3f}%",
                middle=f"{left + width / 2:.3f}%",
                shows_letter=width >= LETTER_FITS_FROM_PERCENT,
            )
        )
        left += width
    return slices


def _tone(grade: str) -> str:
    """The style class of a grade: its first letter, so that "A-" looks like an A."""
    letter = grade[:1].lower()
    return letter if letter in {"a", "b", "c", "d"} else "none"
