"""Clauses and readings of the policy: `{% load policy %}`."""

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from grading import policy

register = template.Library()


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
