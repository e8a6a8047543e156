"""Parts of pages: what they say in words, and that they need no style attribute."""

import re

import pytest
from django.template import Context, Template

from credit_portal.templatetags import portal
from tests.credit_portal.html import forbidden


def render(source: str, **context: object) -> str:
    return Template("{% load portal %}" + source).render(Context(context)).strip()


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


@pytest.mark.parametrize(
    ("grade", "said", "tone"),
    [
        ("A", "A 守信", "grade-a"),
        ("B", "B 一般失信", "grade-b"),
        ("C", "C 严重失信", "grade-c"),
        ("D", "D “黑名单”", "grade-d"),
        ("", "– 尚未评价", "grade-none"),
    ],
)
def test_grade_badge_says_letter_and_word(grade: str, said: str, tone: str):
    html = render("{% grade_badge grade %}", grade=grade)
    assert words(html) == said
    assert f'class="grade {tone}"' in html


def test_grade_badge_of_another_scheme_takes_its_word():
    assert words(render('{% grade_badge "A-" "良好" %}')) == "A- 良好"


def test_grade_badge_escapes_what_a_scheme_calls_a_grade():
    assert "<b>x" not in render("{% grade_badge 'A' word %}", word="<b>x</b>")


def test_distribution_says_every_count_and_share():
    html = render("{% distribution counts %}", counts={"A": 9_000, "B": 900, "C": 99, "D": 1})
    assert words(html).endswith(
        "A 守信 9,000 90.00% B 一般失信 900 9.00% C 严重失信 99 0.99% D “黑名单” 1 0.01%"
    )


def test_distribution_fills_the_bar_exactly():
    slices = portal.distribution({"A": 9_999, "B": 0, "C": 1, "D": 1})["slices"]
    assert sum(float(one.width.rstrip("%")) for one in slices) == pytest.approx(100, abs=0.01)


def test_distribution_shows_one_among_thousands():
    slices = portal.distribution({"A": 99_999, "D": 1})["slices"]
    assert float(slices[1].width.rstrip("%")) > 0.5


def test_distribution_of_nothing_says_so():
    html = render("{% distribution counts %}", counts={"A": 0, "B": 0})
    assert words(html) == "还没有评价结果。"


def test_progress_bar_counts_down_to_whole_percent():
    html = render("{% progress_bar 999 1000 '评价中' %}")
    assert words(html) == "评价中 999 / 1,000 · 99%"


def test_progress_bar_with_unknown_total_has_no_value():
    html = render("{% progress_bar 0 0 %}")
    assert words(html) == "进度 准备中"
    assert "value=" not in html


def test_count_card_without_list_is_no_link():
    assert not render("{% count_card '逾期' 0 %}").startswith("<a")


def test_count_card_tells_overdue_from_nothing_overdue():
    assert "count-card-overdue" in render("{% count_card '逾期' 2 '' '' True %}")
    assert "count-card-overdue" not in render("{% count_card '逾期' 0 '' '' True %}")


def test_stepper_marks_the_current_step_only():
    html = render("{% stepper 2 %}")
    assert re.findall(r"<li([^>]*)>(..)", html) == [
        (' class="step-done"', "上传"),
        (' aria-current="step"', "核对"),
        ("", "确认"),
        ("", "报告"),
    ]


def test_clause_links_into_the_policy_page():
    assert 'href="/policy/#R35"' in render('{% clause "R35" %}')
    assert words(render('{% clause "R35" %}')) == "四(三)"


def test_notice_escapes_its_text():
    assert "<script" not in render("{% notice 'info' title %}", title="<script>")


def test_share_of_nothing_is_a_dash():
    assert (portal.share(0, 0), portal.share(1, 3)) == ("–", "33.33%")


def test_parts_need_no_inline_style_or_script():
    html = render(
        "{% grade_badge 'A' %}{% distribution counts %}{% progress_bar 1 2 %}{% stepper 1 %}"
        "{% count_card 'x' 1 %}{% notice 'info' 'x' %}{% clause 'R1' %}",
        counts={"A": 5, "B": 5},
    )
    assert forbidden(html) == []
