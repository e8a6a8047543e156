"""`{% load people %}`: accounts by the names of their people."""

from collections.abc import Mapping

from django import template

register = template.Library()


@register.filter
def called(people: Mapping[str, str], username: str) -> str:
    """The name that `grading.people.names_of` found for an account."""
    return people.get(username, username)
