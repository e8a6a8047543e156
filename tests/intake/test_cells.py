import datetime as dt
import random
from decimal import Decimal

import pytest
from stdnum.cn import uscc

from intake import cells
from intake.cells import NUMBER, BadCell
from tests.factories.intake import GOOD_CODE, code_number

MAY_FIRST = dt.date(2023, 5, 1)


@pytest.mark.parametrize(
    "text",
    [
        "2023-05-01", "2023/5/1", "2023年5月1日", "20230501", "2023.5.1", " 2023-05-01 ",
        "２０２３－０５－０１", "2023-05-01 00:00:00", "2023年05月01日 10时30分", "2023/5/1 9:30",
        NUMBER + "45047", NUMBER + "45047.75", NUMBER + "20230501", "45047", "2023 年 5 月 1 日",
    ],
)  # fmt: skip
def test_date_in_every_way_offices_write_it(text):
    assert cells.date(text) == MAY_FIRST


@pytest.mark.parametrize(
    "text",
    ["", " ", "/", "无", "暂无", "1900-1-1", "1900/01/01", "9999-9-9", "9999年9月9日", "9999-12-31", "-",
     NUMBER + "1", NUMBER + "2958465"],
)  # fmt: skip
def test_date_that_means_empty(text):
    assert cells.date(text) is None


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("2023-02-29", "date.no_such_day"),
        ("2023-13-01", "date.month"),
        ("2023-4-31", "date.no_such_day"),
        ("2023-05", "date.incomplete"),
        ("2023年", "date.incomplete"),
        ("23-5-1", "date.unknown_form"),
        ("4504701", "date.unknown_form"),
        ("99999", "date.serial"),
        ("1-5-2023", "date.unknown_form"),
        ("0203-05-01", "date.year"),
        (NUMBER + "2023", "date.serial"),
        ("明天", "date.unknown_form"),
    ],
)
def test_date_that_does_not_exist_is_refused(text, code):
    with pytest.raises(BadCell) as caught:
        cells.date(text)
    assert caught.value.code == code


def test_date_29_february_of_a_leap_year():
    assert cells.date("2024-2-29") == dt.date(2024, 2, 29)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.5", "0.5"), ("5000元", "0.5"), ("0.5万元", "0.5"), ("１．５", "1.5"), ("1,234.5", "1234.5"),
        ("¥5000", "0.5"), ("0.5 万", "0.5"), ("1亿元", "10000"), ("0", "0"), ("人民币5000元整", "0.5"),
        (NUMBER + "0.30000000000000004", "0.3"), ("0.000001", "0.000001"),
    ],
)  # fmt: skip
def test_amount_in_ten_thousand_yuan(text, value):
    assert cells.amount("万元")(text) == Decimal(value)


@pytest.mark.parametrize("text", ["", "/", "无", "暂无", "—"])
def test_amount_that_means_empty(text):
    assert cells.amount("万元")(text) is None


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("伍仟元", "amount.unknown_form"), ("-1", "amount.negative"), ("$5", "amount.currency"),
        ("1,2345", "amount.unknown_form"), ("5千", "amount.unknown_form"), ("1.2.3", "amount.unknown_form"),
        ("9" * 20, "amount.too_large"), ("0.0000001", "amount.too_many_decimals"), ("5-6", "amount.unknown_form"),
    ],
)  # fmt: skip
def test_amount_that_is_none_is_refused(text, code):
    with pytest.raises(BadCell) as caught:
        cells.amount("万元")(text)
    assert caught.value.code == code


def test_amount_in_yuan_column_is_converted_the_other_way():
    assert cells.amount("元")("0.5万元") == 5000


@pytest.mark.parametrize(
    "text",
    [GOOD_CODE, GOOD_CODE.lower(), f" {GOOD_CODE} ", "9111 0000 6000 3734 1L", f"'{GOOD_CODE}",
     f'="{GOOD_CODE}"', "９１１１００００６０００３７３４１Ｌ", "91110000-600037341L", f"\ufeff{GOOD_CODE}\u200b"],
)  # fmt: skip
def test_code_is_put_right(text):
    assert cells.unified_code(text) == GOOD_CODE


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (NUMBER + "911100006000373000", "code.number_cell"),
        ("9.11E+17", "code.number_cell"),
        (GOOD_CODE[:-1] + "X", "code.check_character"),
        ("91110000600037341", "code.length"),
        ("130102000012345", "code.registration_number"),
        ("9111OOOO600037341L", "code.letters"),
        ("91A10000600037341L", "code.division"),
        ("９１１１００００６０００３７３４１l\ufffd", "cell.unreadable"),
    ],
)
def test_code_with_a_fault_says_which(text, code):
    with pytest.raises(BadCell) as caught:
        cells.unified_code(text)
    assert caught.value.code == code


@pytest.mark.parametrize("text", ["", "/", "无", " 暂无 "])
def test_code_that_means_empty(text):
    assert cells.unified_code(text) == ""


def test_code_agrees_with_an_independent_check():
    chance = random.Random(7)
    seen = {True: 0, False: 0}
    for number in range(2_000):
        good = code_number(chance.randrange(10**9))
        place = chance.randrange(8, 18)
        text = (
            good if number % 2 else good[:place] + chance.choice(cells.ALPHABET) + good[place + 1 :]
        )
        try:
            ours = cells.unified_code(text) == text
        except BadCell:
            ours = False
        assert ours == uscc.is_valid(text)
        seen[ours] += 1
    assert min(seen.values()) > 500


@pytest.mark.parametrize(
    ("text", "value"),
    [("130102", "130102"), (NUMBER + "130102", "130102"), ("130102.0", "130102"), ("１３０１０２", "130102"),
     ("c", "C"), ("", ""), ("无", "")],
)  # fmt: skip
def test_short_code_from_text_or_number_cell(text, value):
    assert cells.short_code(text) == value


def test_short_code_refuses_other_signs():
    with pytest.raises(BadCell):
        cells.short_code("1301*02")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("河北某某(集团)有限公司", "河北某某（集团）有限公司"),
        ("  河北 某某\u3000有限公司\n", "河北某某有限公司"),
        ("ABC (China) Co., Ltd.", "ABC (China) Co., Ltd."),
        ("ABC（中国）Trading Co 有限公司", "ABC（中国）Trading Co 有限公司"),
        (NUMBER + "360", "360"),
        ("", ""),
    ],
)
def test_name_changes_only_width_and_spaces(text, value):
    assert cells.name(text) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [("是", True), ("否", False), ("有", True), ("无", False), ("", None), ("/", None), ("TRUE", True), ("Ｙ", True), (NUMBER + "1", True)],
)  # fmt: skip
def test_yes_no(text, value):
    assert cells.yes_no(text) is value


def test_yes_no_refuses_the_rest():
    with pytest.raises(BadCell) as caught:
        cells.yes_no("可能")
    assert caught.value.code == "choice.yes_no"


def test_choice_takes_any_width_and_says_what_is_allowed():
    parse = cells.choice({"央企": "central", "其他": "other", "1": "central"}, empty="other")
    assert [parse(text) for text in ("央企", " 央 企", "", "1", NUMBER + "1")] == [
        "central", "central", "other", "central", "central",
    ]  # fmt: skip
    with pytest.raises(BadCell) as caught:
        parse("县属")
    assert caught.value.values["allowed"] == "央企、其他"


def test_text_keeps_what_it_says_and_refuses_what_could_not_be_read():
    assert cells.text(" 罚款\n5000 元 ") == "罚款 5000 元"
    assert cells.text("无") == ""
    assert cells.limited(3)("一二三") == "一二三"
    with pytest.raises(BadCell) as caught:
        cells.limited(3)("一二三四")
    assert caught.value.values == {"length": 4, "limit": 3}
    with pytest.raises(BadCell):
        cells.text("罚\ufffd款")


@pytest.mark.parametrize(
    "heading",
    ["罚款金额(万元)", "罚款金额（万元）", "罚款金额 (万元)", "\ufeff罚款金额（万元）", "罚款\n金额（万元）*", "罚款金额（万元）：",
     "*罚款金额（万元）（必填）"],
)  # fmt: skip
def test_heading_key_does_not_mind_width_spaces_or_marks(heading):
    assert cells.heading_key(heading) == "罚款金额(万元)"


def test_memo_answers_again_and_stays_small():
    calls = []
    memo = cells.Memo(lambda text: calls.append(text) or text.upper())
    assert [memo["a"], memo["a"]] == ["A", "A"]
    assert calls == ["a"]
    for number in range(cells.Memo.SIZE + 5):
        memo[str(number)]
    assert len(memo) <= cells.Memo.SIZE


def test_code_with_a_letter_of_another_script_is_told_from_one_with_a_wrong_letter():
    for letter, code in (("\u041e", "code.foreign_letters"), ("O", "code.letters")):
        with pytest.raises(BadCell) as caught:
            cells.unified_code(f"9111{letter}000600037341L"[:18])
        assert (caught.value.code, caught.value.values["letters"]) == (code, letter)


@pytest.mark.parametrize(
    ("written", "kept"),
    [("ＡＢＣ贸易有限公司", "ＡＢＣ贸易有限公司"), ("阿尔法β科技", "阿尔法β科技"), ("\u202e甲\u2066公司\u00ad", "甲公司")],
)  # fmt: skip
def test_name_keeps_its_letters_and_loses_what_cannot_be_seen(written, kept):
    assert cells.name(written) == kept


@pytest.mark.parametrize("letter", ["\u0410", "\u0391", "\u043e"])
def test_name_with_a_letter_that_only_looks_latin_is_refused(letter):
    with pytest.raises(BadCell, match="foreign_letters"):
        cells.name(f"{letter}BC贸易有限公司")
