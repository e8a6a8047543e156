"""Letters: numbered, drawn, kept, confirmed. Source: R29, R64; domain facts 7."""

import contextlib
import datetime as dt
import io
import json
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import transaction
from pypdf import PdfReader

from audit.refusal import Refused
from grading.system import SYSTEM
from notices import letters
from notices.enums import LetterKind
from notices.letters import LetterContent, confirm, draw_due, issue, pdf
from notices.models import Letter, Rendering, Series
from notices.numbers import take_number
from roster.models import Agency, Enterprise
from tests.factories.grading import OPERATOR, TODAY
from tests.factories.objections import OWN, Office
from tests.languages import in_english
from tests.pdfs import text_of

CONTENT = LetterContent(
    to="虚构企业有限公司",
    paragraphs=("经审查，决定予以受理。",),
    rows=(("所涉信息", "行政处罚 测字〔2025〕1号"),),
    reasons=("理由如下。",),
    remedies=("可以自收到之日起15日内申请复核。",),
)


@pytest.fixture
def office(db, tmp_path, settings) -> Office:
    settings.STORE_DIR = tmp_path
    settings.PUBLIC_URL = "https://portal.example"
    return Office.open()


def letter(office, kind=LetterKind.DECISION, key="k", content=CONTENT) -> Letter:
    enterprise = Enterprise.objects.get(pk=OWN)
    return issue(
        by=OPERATOR, kind=kind, agency=office.agency, enterprise=enterprise, about=enterprise,
        content=content, key=key, on=TODAY,
    )  # fmt: skip


def test_letters_of_a_kind_are_numbered_without_a_gap(office):
    numbers = [letter(office, key=str(n)).number for n in range(3)]

    assert numbers == [f"冀信决〔2026〕130102-000{n}号" for n in (1, 2, 3)]
    assert letter(office, LetterKind.REFUSAL, "x").number == "冀信不受〔2026〕130102-0001号"


def test_number_that_was_rolled_back_is_given_again(office):
    with transaction.atomic():
        take_number("冀信决", region="130102", on=TODAY)
        transaction.set_rollback(True)

    assert letter(office).number.endswith("0001号")
    assert Series.objects.get(prefix="冀信决").last == 1


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("不成立😀", "不成立〓(U+1F600)"),
        ("ﷺ", "〓(U+FDFA)"),
        ("ไทย", "〓(U+0E44)〓(U+0E17)〓(U+0E22)"),
        ("某\U0003134f公司", "某〓(U+3134F)公司"),
        ("甲\u200d乙\ufe0f", "甲乙"),
        ("㐂 é ½", "㐂é½"),
        ("甲\x07乙\x01", "甲〓(U+0007)乙〓(U+0001)"),
        ("甲\r\n乙", "甲乙"),
        ("ที่", "〓(U+0E17)〓(U+0E35)〓(U+0E48)"),
    ],
)
def test_characters_the_typeface_lacks_are_named_by_their_code(office, typed, shown):
    one = letter(office, content=replace(CONTENT, reasons=(typed,)))

    assert shown in text_of(pdf(one))
    assert typed in json.loads(one.content)["reasons"]


def test_letter_that_cannot_be_drawn_keeps_no_other_from_it(office):
    broken, whole = letter(office, key="1"), letter(office, key="2")
    Letter.objects.filter(pk=broken.pk).update(template=99)

    with pytest.raises(ExceptionGroup, match="1 of 2"):
        draw_due(by=SYSTEM)

    assert Rendering.objects.get().letter == whole


def test_letters_that_cannot_be_drawn_do_not_stand_before_those_that_can(office):
    broken = [letter(office, key=str(n)) for n in range(2)]
    Letter.objects.filter(pk__in=[one.pk for one in broken]).update(template=99)
    with pytest.raises(ExceptionGroup, match="2 of 2"):
        draw_due(by=SYSTEM, most=2)
    whole = [letter(office, key=f"later {n}") for n in range(2)]

    for _sweep in range(100):
        with contextlib.suppress(ExceptionGroup):
            draw_due(by=SYSTEM, most=2)

    assert {one.letter for one in Rendering.objects.all()} == set(whole)


def test_same_key_is_the_same_letter(office):
    assert letter(office) == letter(office)
    assert Letter.objects.count() == 1


@pytest.mark.parametrize("kind", LetterKind)
def test_every_kind_is_drawn_and_read_back(office, kind):
    one = letter(office, kind, str(kind))

    said = text_of(pdf(one))

    wanted = [one.number, one.get_kind_display(), one.code, office.agency.name, "2026年3月2日",
              CONTENT.to, *CONTENT.paragraphs, *CONTENT.rows[0], *CONTENT.reasons, *CONTENT.remedies]  # fmt: skip
    assert [text for text in wanted if "".join(text.split()) not in said] == []


def test_what_is_typed_is_text_and_no_markup(office):
    hostile = LetterContent(
        to='#panic("x")', paragraphs=("$ 1 + 1 $ *粗* #read(\"/etc/passwd\") <b>", "\\ @x = y"),
        rows=(("#image(\"x\")", "`raw`"),),
    )  # fmt: skip

    said = text_of(pdf(letter(office, content=hostile)))

    assert '#panic("x")' in said
    assert '$1+1$*粗*#read("/etc/passwd")<b>' in said
    assert "root:" not in said


def test_long_letter_has_as_many_pages_as_it_needs(office):
    long = LetterContent(
        to="甲" * 80, paragraphs=("很长的一段。" * 300,), rows=(("项" * 30, "内容" * 200),) * 10
    )

    pages = PdfReader(io.BytesIO(pdf(letter(office, content=long)))).pages

    assert len(pages) > 2


def test_same_letter_gives_the_same_bytes_and_the_first_drawing_is_kept(office, monkeypatch):
    one = letter(office)
    before = pdf(one)

    assert draw_due(by=SYSTEM) == 1
    assert draw_due(by=SYSTEM) == 0
    monkeypatch.setattr(letters, "draw", lambda *args, **kwargs: pytest.fail("drawn again"))
    assert pdf(one) == before


def test_drawing_that_was_changed_or_is_gone_is_not_given_out(office):
    one = letter(office)
    draw_due(by=SYSTEM)
    place: Path = letters.folder() / Rendering.objects.get().stored
    place.write_bytes(place.read_bytes() + b" ")

    for _state in ("changed", "gone"):
        with pytest.raises(Refused) as refused:
            pdf(one)
        assert refused.value.code == "notices.letter_damaged"
        place.unlink(missing_ok=True)


def test_letter_is_confirmed_by_number_and_code_and_says_nothing_more(office):
    one = letter(office)

    found = confirm(one.number, one.code)

    assert vars(found) == {"number": one.number, "kind": "处理决定书", "issued_on": TODAY}


@pytest.mark.parametrize(
    "change",
    [
        lambda number, code: (number.replace("〔", "[").replace("〕", "]"), code.lower()),
        lambda number, code: (f" {number.removesuffix('号')} ", f" {code[:4]} {code[4:]} "),
        lambda number, code: (number.replace("〔", "（").replace("〕", "）"), code),
    ],
)
def test_brackets_spaces_and_case_do_not_matter(office, change):
    one = letter(office)

    assert confirm(*change(one.number, one.code)) is not None


@pytest.mark.parametrize(
    ("number", "code"),
    [(None, "AAAAAAAA"), (None, ""), ("冀信决〔2026〕130102-9999号", None), ("", None)],
)
def test_wrong_code_and_unknown_number_are_one_answer(office, number, code):
    one = letter(office)

    assert (
        confirm(one.number if number is None else number, one.code if code is None else code)
        is None
    )


def test_code_is_told_by_nothing_that_looks_alike(office):
    codes = {letter(office, key=str(n)).code for n in range(20)}

    assert len(codes) == 20
    assert not set("".join(codes)) & set("01IO")


def test_letter_keeps_what_it_said(office):
    one = letter(office)
    Enterprise.objects.filter(pk=OWN).update(name="改名以后")

    assert json.loads(Letter.objects.get(pk=one.pk).content)["to"] == CONTENT.to
    assert one.issued_on == dt.date(2026, 3, 2)


# --- whatever the language of who acts and who reads ------------------------------------------------


def test_letter_is_in_chinese_whatever_the_language_of_who_draws_it(office):
    one = letter(office)
    before = pdf(one)

    with in_english():
        assert "处理决定书" in text_of(pdf(one))
        assert pdf(one) == before


def test_letter_is_signed_with_the_name_the_office_had(office):
    one = letter(office)
    name = office.agency.name
    Agency.objects.filter(pk=office.agency.pk).update(name="改名以后的局")

    said = text_of(pdf(Letter.objects.get(pk=one.pk)))

    assert name in said
    assert "改名以后的局" not in said


@pytest.mark.parametrize("lines", range(1, 26, 3))
def test_signature_never_stands_alone_on_a_page(office, lines):
    content = LetterContent(
        to="虚构企业有限公司", paragraphs=("决定如下。",), reasons=("理由。",) * lines,
        remedies=("可以申请复核。", "可以提起诉讼。"),
    )  # fmt: skip

    pages = PdfReader(io.BytesIO(pdf(letter(office, content=content)))).pages

    last = "".join(pages[-1].extract_text().split())
    assert "可以提起诉讼。" in last
    assert last.index("可以提起诉讼。") < last.index("2026年3月2日") < last.index("校验码")


def test_pages_are_numbered_out_of_how_many(office):
    long = LetterContent(to="甲", paragraphs=("很长的一段。" * 300,))

    pages = PdfReader(io.BytesIO(pdf(letter(office, content=long)))).pages

    assert [f"{n}/{len(pages)}" in "".join(page.extract_text().split())
            for n, page in enumerate(pages, 1)] == [True] * len(pages)  # fmt: skip


def test_letter_of_the_first_template_is_drawn_by_it(office):
    one = letter(office)
    Letter.objects.filter(pk=one.pk).update(template=1)

    said = text_of(pdf(Letter.objects.get(pk=one.pk)))

    assert f"校验码：{one.code}" in said
    assert "救济途径和期限" not in said


def test_code_to_scan_leads_to_the_check_of_this_letter(office):
    one = letter(office)

    asked = parse_qs(urlsplit(letters.check_address(one)).query)

    assert letters.check_address(one).startswith("https://portal.example/public/letter/?")
    assert confirm(asked["number"][0], asked["code"][0]) is not None
