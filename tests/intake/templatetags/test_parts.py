"""Parts of pages: what they say in words."""

import re

import pytest

from intake import watch
from intake.templatetags import parts
from tests.templates import render as rendered
from tests.templates import words


def render(source: str, **context: object) -> str:
    return rendered("parts", source, **context)


def test_progress_bar_counts_down_to_whole_percent():
    html = render("{% progress_bar 999 1000 '评价中' %}")
    assert words(html) == "评价中 999 / 1,000 · 99%"


def test_progress_bar_with_unknown_total_has_no_value():
    html = render("{% progress_bar 0 0 %}")
    assert words(html) == "进度 准备中"
    assert "value=" not in html


def test_stepper_marks_the_current_step_only():
    html = render("{% stepper 2 %}")
    assert re.findall(r"<li([^>]*)>(..)", html) == [
        (' class="step-done"', "上传"),
        (' aria-current="step"', "核对"),
        ("", "确认"),
        ("", "报告"),
    ]


def test_notice_escapes_its_text():
    assert "<script" not in render("{% notice 'info' title %}", title="<script>")


def test_share_of_nothing_is_a_dash():
    assert (parts.share(0, 0), parts.share(1, 3)) == ("–", "33.33%")


@pytest.mark.parametrize(("silent", "said"), [(True, True), (False, False)])
def test_worker_notice_asks_who_hears_the_workers(monkeypatch, silent: bool, said: bool):
    monkeypatch.setattr(watch, "_asked", [lambda: silent])
    assert ("后台程序没有报告" in render("{% worker_notice %}")) is said
