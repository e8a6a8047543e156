"""Grades and their distribution: what they say in words."""

import pytest

from grading.templatetags import grades
from tests.templates import render as rendered
from tests.templates import words


def render(source: str, **context: object) -> str:
    return rendered("grades", source, **context)


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
    slices = grades.distribution({"A": 9_999, "B": 0, "C": 1, "D": 1})["slices"]
    assert sum(float(one.width.rstrip("%")) for one in slices) == pytest.approx(100, abs=0.01)


def test_distribution_shows_one_among_thousands():
    slices = grades.distribution({"A": 99_999, "D": 1})["slices"]
    assert float(slices[1].width.rstrip("%")) > 0.5


def test_distribution_of_nothing_says_so():
    html = render("{% distribution counts %}", counts={"A": 0, "B": 0})
    assert words(html) == "还没有评价结果。"
