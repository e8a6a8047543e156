"""What every form that changes something carries."""

from typing import Any

from django import template
from django.template import Context
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from audit.once import KEY, READ, SEEN, last_event, new_key

register = template.Library()


@register.simple_tag(takes_context=True)
def once(context: Context) -> SafeString:
    """The key of a form, and where the page says `seen` the version its row was read at.

    A form that is shown again after a mistake goes on from the same version.
    """
    hidden: list[tuple[str, Any]] = [(KEY, new_key())]
    seen = context.get("seen")
    if seen is not None:
        given = context["request"].POST
        still = given.get(SEEN) == str(seen)
        hidden += [(SEEN, seen), (READ, given.get(READ, "") if still else last_event())]
    # Some browsers fill hidden fields of a page loaded anew with what they held before.
    return format_html_join(
        "", '<input type="hidden" name="{}" value="{}" autocomplete="off">', hidden
    )
