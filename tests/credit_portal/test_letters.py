"""The public check of letters. Source: domain facts 7."""

import re

import pytest

from credit_portal.models import Tries
from credit_portal.throttle import TRIES, TRIES_OF_A_NETWORK
from notices.enums import LetterKind
from notices.letters import LetterContent, issue
from notices.models import Letter
from roster.models import Enterprise
from tests.browser import Browser
from tests.factories.grading import OPERATOR, TODAY
from tests.factories.objections import OWN, Office

PAGE = "/public/letter/"
NOT_FOUND, FOUND, WAIT = "没有核对上", "文书属实", "核对次数过多"


@pytest.fixture
def letter(db, tmp_path, settings) -> Letter:
    settings.STORE_DIR = tmp_path
    office = Office.open()
    enterprise = Enterprise.objects.get(pk=OWN)
    return issue(
        by=OPERATOR, kind=LetterKind.DECISION, agency=office.agency, enterprise=enterprise,
        about=enterprise, key="k", on=TODAY,
        content=LetterContent(to=enterprise.name, paragraphs=("机密内容",), reasons=("机密理由",)),
    )  # fmt: skip


def ask(client: Browser, number: str, code: str, **extra: str) -> str:
    answer = client.get(PAGE, {"number": number, "code": code}, **extra)
    assert answer.status_code in (200, 429)
    return answer.content.decode()


def body(page: str) -> str:
    """Without the frame, whose links lead back to what was asked for."""
    return page.split("<main", 1)[1].split("</main>", 1)[0]


def test_number_and_code_confirm_number_date_and_kind_and_nothing_more(client, letter):
    said = ask(client, letter.number, letter.code)

    assert FOUND in said
    shown = re.findall(r"<dd>(.*?)</dd>", said)
    assert shown == ["处理决定书", letter.number, "2026-03-02"]
    assert not any(
        secret in said for secret in ("机密", letter.enterprise.name, OWN, letter.agency.name)
    )


def test_wrong_code_and_unknown_number_are_one_answer(client, letter):
    unknown = letter.number.replace("0001", "0999")

    pages = {
        body(ask(client, number, code)).replace(number, "N").replace(code, "C")
        for number, code in (
            (letter.number, "ABCDEFGH"),
            (unknown, letter.code),
            (unknown, "22222222"),
        )
    }

    assert len(pages) == 1
    assert NOT_FOUND in pages.pop()


def test_page_without_a_question_asks_for_one_and_counts_nothing(client, letter):
    assert NOT_FOUND not in client.get(PAGE).content.decode()
    assert NOT_FOUND in ask(client, letter.number, "")
    assert not Tries.objects.exists()


def test_codes_of_a_letter_are_not_guessed(client, letter):
    said = [ask(client, letter.number, f"AAAAAA{n:02}") for n in range(TRIES + 1)]

    assert [WAIT in one for one in said] == [False] * TRIES + [True]
    assert WAIT in ask(client, letter.number, letter.code)


def test_number_written_otherwise_is_the_same_letter_to_guess_at(client, letter):
    """Else brackets and blanks would give as many tries as there are ways to write a number."""
    bare = letter.number.removesuffix("号")
    ways = [letter.number, bare, bare.replace("〔", "[").replace("〕", "]"), f" {bare} ",
            bare.replace("〔", "（").replace("〕", "）"), bare.replace("-", " - ")]  # fmt: skip

    said = [ask(client, way, "AAAAAAAA") for way in ways]

    assert [WAIT in one for one in said] == [False] * TRIES + [True]


def test_who_reads_many_letters_does_not_wait(client, letter):
    assert all(FOUND in ask(client, letter.number, letter.code) for _ in range(2 * TRIES))


def test_network_has_so_many_tries_for_all_letters(client, letter):
    for n in range(TRIES_OF_A_NETWORK):
        ask(client, f"冀信决〔2026〕130102-{n + 1000}号", "AAAAAAAA")

    assert WAIT in ask(client, letter.number, letter.code)
    assert FOUND in ask(client, letter.number, letter.code, REMOTE_ADDR="10.9.9.9")


@pytest.mark.parametrize("value", ["\x00", "甲" * 5000, "<script>", "'; --", "\ud7ff", "﷽" * 60])
def test_strange_values_are_unknown_letters(client, letter, value):
    answer = client.get(PAGE, {"number": value, "code": value})

    assert answer.status_code in (200, 400)
    assert FOUND not in answer.content.decode()
    assert "<script>" not in answer.content.decode().split("<main", 1)[-1]
