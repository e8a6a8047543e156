"""The main job in a browser, as `make run` offers it: files in, a county graded, reviewed, published,
and one enterprise that shows why it is a C. Every page keeps its content policy.
"""

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from credit_portal.demo.people import APPROVER, CLERK, PASSWORD
from tests.in_a_browser import sign_in
from tests.workers import worker

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("store_dir"),
]
COUNTY = "石家庄市长安区"
ENTERPRISES = 600
PATIENCE_MS = 60_000


@pytest.fixture
def samples(transactional_db: None, tmp_path: Path) -> Path:
    """A small made-up Hebei, graded last year, and the files to try it with."""
    folder = tmp_path / "samples"
    call_command("demo", enterprises=ENTERPRISES, seed=1, samples=folder, stdout=StringIO())
    return folder


@pytest.fixture
def office(browser_of: Any, live_server: Any, complaints: list[str]) -> Iterator[Any]:
    """Opens the admin in a browser of its own, signed in as somebody; no page breaks its policy."""

    @contextmanager
    def signed_in(username: str) -> Iterator[Any]:
        page = browser_of()
        page.set_default_timeout(PATIENCE_MS)
        sign_in(page, live_server.url, username, PASSWORD)
        yield page
        page.close()

    yield signed_in
    assert complaints == []


def severe_line(samples: Path) -> dict[str, str]:
    """The line of the penalty file that orders an enterprise to stop production."""
    text = (samples / "行政处罚-2019版.csv").read_bytes().decode("gb18030")
    lines = csv.DictReader(text.splitlines())
    return next(line for line in lines if "责令停产停业" in line["处罚类别"])


def test_main_job(samples: Path, office: Any, tmp_path: Path) -> None:
    decision = severe_line(samples)
    with office(CLERK) as page:
        with worker(tmp_path, name="files"):
            load(page, "企业名录", samples / "长安区名录.csv", added=18, changed=6)
            load(page, "行政处罚", samples / "行政处罚-2019版.csv", added=10, changed=0)
        start_run(page)
        with worker(tmp_path, name="run"):
            watch(page)
        part = review(page)
    with office(APPROVER) as page:
        page.goto(part)
        page.get_by_role("button", name="发布", exact=True).click()
        page.get_by_text("已发布，成为该名录的现行评价结果").wait_for()
        read_why(page, decision)


def load(page: Any, kind: str, file: Path, *, added: int, changed: int) -> None:
    """From the home to the report of one file."""
    page.goto("/admin/")
    page.locator("#content-main").get_by_role("link", name="导入文件").click()
    page.get_by_label(kind, exact=True).check()
    page.set_input_files("input[type=file]", file)
    page.get_by_role("button", name="上传并核对").click()

    page.get_by_role("button", name=f"确认写入 {added + changed} 行").wait_for()
    figures = page.locator(".fate dd").all_inner_texts()
    assert figures[:2] == [str(added), str(changed)]
    assert page.locator("#refused tbody tr").count() >= 4  # each with line, column and remedy
    page.get_by_role("button", name="确认写入").click()

    page.get_by_text(f"已写入 {added + changed} 行").wait_for()
    with page.expect_download() as download:
        page.get_by_role("link", name="下载错误报告").click()
    assert download.value.suggested_filename == f"错误报告 {file.stem}.xlsx"


def start_run(page: Any) -> None:
    """The yearly run with what the form proposes; nobody works on it yet."""
    page.goto("/admin/")
    page.locator("#content-main").get_by_role("link", name="发起评价").click()
    page.get_by_role("button", name="发起评价").click()
    page.locator("#run-progress[hx-get]").get_by_text("准备中").wait_for()


def watch(page: Any) -> None:
    """The bar moves to its end by itself."""
    page.locator("#run-progress:not([hx-get])").wait_for()
    bar = page.locator("#run-progress progress")
    assert bar.get_attribute("value") == bar.get_attribute("max") != "0"


def review(page: Any) -> str:
    """The clerk looks through the verdicts of the county and passes them on; the page's address."""
    page.locator("#run-progress").get_by_role("link", name=COUNTY).click()
    verdicts = page.locator("#content-main").inner_text()
    assert "责令停产停业" in verdicts
    assert "四（三）C类" in verdicts
    page.get_by_role("button", name="审核通过").click()
    page.get_by_text("须由另一人发布").wait_for()
    assert page.get_by_role("button", name="发布", exact=True).count() == 0
    return page.url


def read_why(page: Any, decision: dict[str, str]) -> None:
    """From the list of enterprises to the reasons of one: grade, clause, record numbers."""
    name = decision["行政相对人名称"]
    page.goto("/admin/")
    page.get_by_role("searchbox", name="查企业").fill(name)
    page.get_by_role("button", name="查企业").click()
    page.locator("#result_list tbody").get_by_role("link").first.click()
    page.get_by_role("link", name="查看依据，以及等级何时变化").click()

    head = page.locator("#content").inner_text()
    assert name in head
    assert page.locator("#content .grade-letter").first.inner_text() == "C"
    assert "四（三）C类" in head
    counted = page.get_by_role("row").filter(has_text=decision["行政处罚决定书文号"])
    assert "责令停产停业" in counted.first.inner_text()
    assert "严重失信行为" in counted.first.inner_text()
