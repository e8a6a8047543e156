"""Parts of the home; and that no part of a page needs a style attribute."""

from tests.credit_portal.html import forbidden
from tests.templates import render as rendered


def render(source: str, **context: object) -> str:
    return rendered("portal grades parts policy", source, **context)


def test_count_card_without_list_is_no_link():
    assert not render("{% count_card '逾期' 0 %}").startswith("<a")


def test_count_card_tells_overdue_from_nothing_overdue():
    assert "count-card-overdue" in render("{% count_card '逾期' 2 '' '' True %}")
    assert "count-card-overdue" not in render("{% count_card '逾期' 0 '' '' True %}")


def test_parts_need_no_inline_style_or_script():
    html = render(
        "{% grade_badge 'A' %}{% distribution counts %}{% progress_bar 1 2 %}{% stepper 1 %}"
        "{% count_card 'x' 1 %}{% notice 'info' 'x' %}{% clause 'R1' %}",
        counts={"A": 5, "B": 5},
    )
    assert forbidden(html) == []
