"""Parts of pages that every room uses: `{% load portal %}`.

All of them write classes and attributes only, never a style or a script: the content security
policy is `default-src 'self'`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django import template
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from credit_portal import policy
from credit_portal.pulse import worker_state
from roster.enums import Role

register = template.Library()

# The names of the four classes, 四(一); a scheme with other grades passes its own words.
WORDS = {"A": _("守信"), "B": _("一般失信"), "C": _("严重失信"), "D": _("“黑名单”")}
FILE_STEPS = (_("上传"), _("核对"), _("确认"), _("报告"))

# A thinner slice is drawn this wide, so that a handful of D among thousands can still be seen.
LEAST_PERCENT = 0.7
LETTER_FITS_FROM_PERCENT = 5


@register.inclusion_tag("portal/grade.html")
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


@register.inclusion_tag("portal/distribution.html")
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


@register.inclusion_tag("portal/distribution_bar.html")
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


@register.inclusion_tag("portal/progress.html")
def progress_bar(done: int, total: int, label: str = "", state: str = "") -> dict[str, Any]:
    """How much of a job is done. `state` may be "done" or "stopped"; an unknown total is 0."""
    return {
        "done": done,
        "total": total,
        "label": label or _("进度"),
        "state": state,
        "percent": 100 * done // total if total else None,
    }


@register.inclusion_tag("portal/count_card.html")
def count_card(
    title: str, count: int, url: str = "", note: str = "", overdue: bool = False
) -> dict[str, Any]:
    """One figure that waits for somebody: "等我处理 3". Zero is shown quietly, overdue loudly."""
    tone = "none" if not count else "overdue" if overdue else "waiting"
    return {"title": title, "count": count, "url": url, "note": note, "tone": tone}


@register.inclusion_tag("portal/steps.html")
def stepper(current: int, names: Iterable[Any] = FILE_STEPS) -> dict[str, Any]:
    """Where one is between 上传 and 报告. `current` counts from 1; one past the end: all done."""
    return {
        "steps": [
            {"name": name, "done": number < current, "current": number == current}
            for number, name in enumerate(names, 1)
        ]
    }


@register.inclusion_tag("portal/notice.html")
def notice(tone: str, title: str, text: str = "", url: str = "", link: str = "") -> dict[str, Any]:
    """A box with something to know: tone "info", "success", "warning" or "error"."""
    return {"tone": tone, "title": title, "text": text, "url": url, "link": link}


@register.inclusion_tag("portal/worker_notice.html")
def worker_notice() -> dict[str, Any]:
    """A warning where somebody waits for work that no worker seems to be doing."""
    return {"workers": worker_state(at=timezone.now())}


@register.simple_tag
def reading(number: str) -> policy.Reading:
    """What the portal does where the policy is silent: `{% reading "G1" as open_point %}`."""
    return policy.reading(number)


@register.simple_tag
def clause(number: str) -> SafeString:
    """The clause of a requirement as a link into the policy page: `{% clause "R35" %}`.

    Raises KeyError for a number outside R1–R66.
    """
    item = policy.requirement(number)
    return format_html(
        '<a class="clause-link" href="{}#{}" title="{}">{}</a>',
        reverse("policy"),
        number,
        item.text,
        item.clause,
    )


@register.filter
def post_names(user: Any) -> str:
    """Where a signed-in person works and as what: "石家庄市行政审批局 · 牵头部门经办人"."""
    posts = user.posts() if hasattr(user, "posts") else ()
    return "；".join(f"{post.agency_name} · {Role(post.role).label}" for post in posts)


@register.filter
def thousands(count: int) -> str:
    """A count as the offices print it, "2,921,415", in every language."""
    return f"{count:,}"


@register.filter
def share(count: int, total: int) -> str:
    """Percent with two decimals, as the offices print it: "4.24%"; of nothing: "–"."""
    return f"{100 * count / total:.2f}%" if total else "–"


def _tone(grade: str) -> str:
    """The style class of a grade: its first letter, so that "A-" looks like an A."""
    letter = grade[:1].lower()
    return letter if letter in {"a", "b", "c", "d"} else "none"
