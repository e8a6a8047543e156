"""Parts of pages that every room uses, and figures as they print: `{% load parts %}`.

They write classes and attributes only, never a style or a script: the content security policy is
`default-src 'self'`.
"""

from collections.abc import Iterable
from typing import Any

from django import template
from django.utils.translation import gettext_lazy as _

from intake import watch

register = template.Library()

FILE_STEPS = (_("上传"), _("核对"), _("确认"), _("报告"))


@register.inclusion_tag("intake/progress.html")
def progress_bar(done: int, total: int, label: str = "", state: str = "") -> dict[str, Any]:
    """How much of a job is done. `state` may be "done" or "stopped"; an unknown total is 0."""
    return {
        "done": done,
        "total": total,
        "label": label or _("进度"),
        "state": state,
        "percent": 100 * done // total if total else None,
    }


@register.inclusion_tag("intake/steps.html")
def stepper(current: int, names: Iterable[Any] = FILE_STEPS) -> dict[str, Any]:
    """Where one is between 上传 and 报告. `current` counts from 1; one past the end: all done."""
    return {
        "steps": [
            {"name": name, "done": number < current, "current": number == current}
            for number, name in enumerate(names, 1)
        ]
    }


@register.inclusion_tag("intake/notice.html")
def notice(tone: str, title: str, text: str = "", url: str = "", link: str = "") -> dict[str, Any]:
    """A box with something to know: tone "info", "success", "warning" or "error"."""
    return {"tone": tone, "title": title, "text": text, "url": url, "link": link}


@register.inclusion_tag("intake/worker_notice.html")
def worker_notice() -> dict[str, Any]:
    """A warning where somebody waits for work that no worker seems to be doing."""
    return {"is_silent": watch.is_silent()}


@register.filter
def thousands(count: int) -> str:
    """A count as the offices print it, "2,921,415", in every language."""
    return f"{count:,}"


@register.filter
def share(count: int, total: int) -> str:
    """Percent with two decimals, as the offices print it: "4.24%"; of nothing: "–"."""
    return f"{100 * count / total:.2f}%" if total else "–"
