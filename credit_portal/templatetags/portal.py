"""Parts of the admin home: `{% load portal %}`."""

from typing import Any

from django import template

register = template.Library()


@register.inclusion_tag("portal/count_card.html")
def count_card(
    title: str, count: int, url: str = "", note: str = "", overdue: bool = False
) -> dict[str, Any]:
    """One figure that waits for somebody: "等我处理 3". Zero is shown quietly, overdue loudly."""
    tone = "none" if not count else "overdue" if overdue else "waiting"
    return {"title": title, "count": count, "url": url, "note": note, "tone": tone}
