"""Clauses of the policy as links."""

from tests.templates import render as rendered
from tests.templates import words


def render(source: str, **context: object) -> str:
    return rendered("policy", source, **context)


def test_clause_links_into_the_policy_page():
    assert 'href="/policy/#R35"' in render('{% clause "R35" %}')
    assert words(render('{% clause "R35" %}')) == "四(三)"
