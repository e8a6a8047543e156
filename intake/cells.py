"""What the text of a cell means: names, codes, dates, amounts, yes and no.

Pure functions of one text; the reader hands every cell over as text. A number cell of a workbook
carries `NUMBER` in front, because a code that went through a number has lost digits. Each raises
`BadCell(code, **values)`; the sentences stand in `intake/messages.py`.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from operator import mul

NUMBER = "\x01"
"""In front of the text of a cell that was a number in its workbook."""
UNREADABLE = "\ufffd"
"""What the reader puts in place of a control character."""
WITHHELD = "***"
"""What stands in a copy in place of the number of a person's papers. It means empty."""

EMPTY_WORDS = frozenset(
    {
        "",
        "/",
        "\\",
        "//",
        "无",
        "暂无",
        "没有",
        "空",
        "-",
        "--",
        "—",
        "——",
        "null",
        "none",
        "n/a",
        WITHHELD,
    }
)
EMPTY_DATES = frozenset({(1900, 1, 0), (1900, 1, 1), (9999, 9, 9), (9999, 12, 31), (0, 0, 0)})


class BadCell(ValueError):
    """A cell that cannot be taken as it stands; `code` names the reason, `values` its parts."""

    def __init__(self, code: str, **values: object) -> None:
        super().__init__(code)
        self.code = code
        self.values = values


# --- texts -------------------------------------------------------------------------------------

_SPACES = re.compile(r"\s+")
_INVISIBLE = dict.fromkeys(
    [0xAD, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2070), 0xFEFF]
)
"""Without width, or turning the direction of what follows."""
_BETWEEN_CHINESE = re.compile(r"(?<=[\u3400-\u9fff（）]) (?=[\u3400-\u9fff（）])")
_GREEK, _CYRILLIC = "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧοαν", "АВЕЅІЈКМНОРСТУХаеѕіјкорсух"
_LOOKALIKES = re.compile(f"[{_GREEK}{_CYRILLIC}]").findall
_BRACKETS = str.maketrans("()", "（）")


def tidy(value: str) -> str:
    """The text without spaces at its ends, runs of spaces and line breaks as one space.

    Raises BadCell when a character could not be read.
    """
    if value.isprintable() and " " not in value and UNREADABLE not in value:
        return value  # nearly every cell: three looks at the speed of C
    if value[:1] == NUMBER:
        return value[1:]
    value = value.translate(_INVISIBLE)
    if UNREADABLE in value:
        raise BadCell("cell.unreadable")
    return _SPACES.sub(" ", value).strip()


def means_empty(value: str) -> bool:
    """Whether a tidied text is one of the ways offices write "nothing". Source: issue 1."""
    return value in EMPTY_WORDS or value.casefold() in EMPTY_WORDS


def text(value: str) -> str:
    """A free text; "" where the cell means empty."""
    value = tidy(value)
    return "" if len(value) < 5 and means_empty(value) else value


def name(value: str) -> str:
    """The name of an enterprise or an office as it is kept.

    Spaces between Chinese characters go, brackets in a Chinese name become full-width; nothing
    else of the name changes. Width is never an identity: the code is. Raises BadCell for letters
    of another script that look like Latin ones: who looks for the name would not find it.
    """
    value = text(value)
    if value.isascii():
        return value
    if found := _LOOKALIKES(value):
        raise BadCell("name.foreign_letters", letters="、".join(dict.fromkeys(found)))
    if "(" in value or ")" in value:
        value = value.translate(_BRACKETS)
    if " " in value:
        value = _BETWEEN_CHINESE.sub("", value)
    return value


def limited(characters: int, parse: Callable[[str], str] = text) -> Callable[[str], str]:
    """A text, or a name, of at most so many characters."""

    def parse_limited(value: str) -> str:
        value = parse(value)
        if len(value) > characters:
            raise BadCell("cell.too_long", length=len(value), limit=characters)
        return value

    return parse_limited


def narrow(value: str) -> str:
    """Full-width letters, digits and signs as half-width ones, for codes, dates and amounts."""
    return value if value.isascii() else unicodedata.normalize("NFKC", value)


def words(value: str) -> tuple[str, ...]:
    """The parts of a cell that lists several things: 警告、罚款；没收违法所得."""
    return tuple(part for part in re.split(r"[、,，;；\n/|]+", text(value)) if part.strip())


# --- codes -------------------------------------------------------------------------------------

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28, 1)
_SHAPE = re.compile(rf"[{ALPHABET}]{{2}}[0-9]{{6}}[{ALPHABET}]{{10}}").fullmatch
_INDEX = bytes(max(ALPHABET.find(chr(byte)), 0) for byte in range(256))
_SCIENTIFIC = re.compile(r"[0-9]+(\.[0-9]+)?[Ee]\+?[0-9]+").fullmatch


def is_unified_code(code: str) -> bool:
    """Whether a bare text is a unified code, check character included. GB 32100-2015."""
    return bool(_SHAPE(code)) and _check(code)


def bare_code(value: str) -> str:
    """A tidied code without what protects it in a spreadsheet, widths, spaces and hyphens."""
    return re.sub(r"[\s\-]", "", narrow(_unwrapped(value))).upper()


def unified_code(value: str) -> str:
    """A unified social credit code with its check character; "" where the cell is empty.

    Lower case and full-width characters are put right, spaces and hyphens removed. A number cell
    is refused: a workbook keeps fifteen digits of it and invents the rest.
    Source: GB 32100-2015, domain facts 3.
    """
    if _SHAPE(value) and _check(value):
        return value
    return _unusual_code(value)


def _check(code: str) -> bool:
    return sum(map(mul, code.encode().translate(_INDEX), _WEIGHTS)) % 31 == 0


def _unusual_code(value: str) -> str:
    if value[:1] == NUMBER:
        raise BadCell("code.number_cell")
    value = tidy(value)
    if value == WITHHELD:
        raise BadCell("code.personal")
    code = bare_code(value)
    if means_empty(code):
        return ""
    if is_unified_code(code):
        return code
    if _SHAPE(code):
        raise BadCell("code.check_character")
    if _SCIENTIFIC(code):
        raise BadCell("code.number_cell")
    if len(code) == 15 and code.isdigit():
        raise BadCell("code.registration_number")
    if len(code) != 18:
        raise BadCell("code.length", length=len(code))
    odd = "、".join(sorted({letter for letter in code if letter not in ALPHABET}))
    if not odd.replace("、", "").isascii():
        raise BadCell("code.foreign_letters", letters=odd)
    if odd:
        raise BadCell("code.letters", letters=odd)
    raise BadCell("code.division")


def _unwrapped(value: str) -> str:
    """A code written ="9113…" or '9113… to keep a spreadsheet from counting with it."""
    if value[:2] == '="' and value[-1:] == '"':
        return value[2:-1]
    return value.removeprefix("'")


def short_code(value: str) -> str:
    """A region or industry code; a number cell is accepted, for it is short. "" when empty.

    >>> short_code(NUMBER + "130102")
    '130102'
    """
    value = _unwrapped(tidy(value))
    if means_empty(value):
        return ""
    value = narrow(value).replace(" ", "").upper()
    if value.endswith(".0"):
        value = value[:-2]
    if not value.isalnum():
        raise BadCell("code.not_a_code")
    return value


def registration_number(value: str) -> str:
    """The 15-digit registration number of older data; "" when empty."""
    if value[:1] == NUMBER and len(value) > 16:
        raise BadCell("code.number_cell")
    value = narrow(_unwrapped(tidy(value))).replace(" ", "")
    if means_empty(value):
        return ""
    if len(value) not in (13, 15) or not value.isalnum():
        raise BadCell("code.not_a_registration_number")
    return value


# --- dates -------------------------------------------------------------------------------------

_DATE = re.compile(
    r"(\d{4})(?:[-/.](\d{1,2})[-/.](\d{1,2})|年(\d{1,2})月(\d{1,2})日?|(\d{2})(\d{2}))"
    r"(?:[ T]*\d{1,2}[:时]\d{1,2}.*)?"
).fullmatch
_SHORT_DATE = re.compile(r"\d{4}[-/.年]?\d{0,2}[-/.月]?").fullmatch
_SERIAL = re.compile(r"(\d{1,7})(?:\.\d+)?").fullmatch
_SERIAL_ZERO = dt.date(1899, 12, 30)
_SERIAL_SENSIBLE = range(18_264, 73_051)  # 1950 to 2099


def date(value: str) -> dt.date | None:
    """A day in any of the ways offices write one; None where the cell means empty.

    2023-05-01, 2023/5/1, 2023年5月1日, 20230501, 2023.5.1, with or without a time of day; also the
    serial of a spreadsheet (45047), which in a CSV has five digits and in a column of dates can
    be nothing else. Raises BadCell for days that do not exist.
    Source: issue 1, domain facts 4.
    """
    is_number = value[:1] == NUMBER
    value = narrow(tidy(value))
    if means_empty(value):
        return None
    if (serial := _SERIAL(value)) and (is_number or len(serial[1]) == 5):
        return _from_serial(int(serial[1]))
    found = _DATE(value.replace(" ", "") if "年" in value else value)
    if not found:
        raise BadCell("date.incomplete" if _SHORT_DATE(value) else "date.unknown_form")
    year, month, day = (int(part) for part in found.groups() if part is not None)
    return _day(year, month, day)


def _day(year: int, month: int, day: int) -> dt.date | None:
    if (year, month, day) in EMPTY_DATES:
        return None
    if not 1900 <= year <= 2199:
        raise BadCell("date.year", year=year)
    if not 1 <= month <= 12:
        raise BadCell("date.month", month=month)
    try:
        return dt.date(year, month, day)
    except ValueError:
        raise BadCell("date.no_such_day", year=year, month=month, day=day) from None


def _from_serial(serial: int) -> dt.date | None:
    if serial <= 1 or serial >= 2_958_101:  # 1900-1-1 and the year 9999
        return None
    if serial not in _SERIAL_SENSIBLE:
        raise BadCell("date.serial", serial=serial)
    return _SERIAL_ZERO + dt.timedelta(days=serial)


# --- amounts -----------------------------------------------------------------------------------

YUAN_PER = {"元": Decimal(1), "万元": Decimal(10_000), "亿元": Decimal(100_000_000)}
_UNITS = {
    "": "", "元": "元", "圆": "元", "元整": "元", "人民币": "", "rmb": "",
    "万": "万元", "万元": "万元", "万元整": "万元", "亿": "亿元", "亿元": "亿元",
}  # fmt: skip
_AMOUNT = re.compile(
    r"(?P<sign>[-−]?)(?P<number>[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?\d+)?)(?P<unit>\D*)"
)
_GROUPS = re.compile(r"\d{1,3}(,\d{3})+(\.\d+)?\D*").fullmatch
SIX_PLACES = Decimal("0.000001")
_TOO_MUCH = Decimal(10) ** 12


def amount(unit: str) -> Callable[[str], Decimal | None]:
    """A sum of money in `unit` (the unit of the column), six decimals; None when empty.

    A unit written in the cell is honoured: in a column of 万元, 5000元 is 0.5.
    """
    per = YUAN_PER[unit]

    def parse(value: str) -> Decimal | None:
        is_number = value[:1] == NUMBER
        value = narrow(tidy(value)).replace(" ", "")
        if means_empty(value):
            return None
        written = unit
        if value[0] in "¥￥$":
            if value[0] == "$":
                raise BadCell("amount.currency")
            value, written = value[1:], "元"
        value = value.removeprefix("人民币")
        if "," in value:
            if not _GROUPS(value):
                raise BadCell("amount.unknown_form")
            value = value.replace(",", "")
        found = _AMOUNT.fullmatch(value)
        if not found or (word := found["unit"].casefold()) not in _UNITS:
            raise BadCell("amount.unknown_form")
        if found["sign"]:
            raise BadCell("amount.negative")
        return _in_unit(found["number"], _UNITS[word] or written, per, rounded=is_number)

    return parse


def _in_unit(number: str, written: str, per: Decimal, *, rounded: bool) -> Decimal:
    try:
        value = Decimal(number) * YUAN_PER[written] / per
    except InvalidOperation:
        raise BadCell("amount.unknown_form") from None
    if value >= _TOO_MUCH:
        raise BadCell("amount.too_large")
    result = value.quantize(SIX_PLACES)
    if result != value and not rounded:
        raise BadCell("amount.too_many_decimals")
    return result


# --- choices -----------------------------------------------------------------------------------

_YES = frozenset({"是", "有", "y", "yes", "true", "1", "√", "✓", "1.0"})
_NO = frozenset(
    {"否", "非", "n", "no", "false", "0", "×", "x", "0.0", "不是", "未造成", "没有", "无"}
)


def yes_no(value: str) -> bool | None:
    """是 or 否; None where the cell is blank. 无 says no here."""
    word = narrow(tidy(value)).casefold()
    if word in _YES or word == "造成":
        return True
    if word in _NO:
        return False
    if means_empty(word):
        return None
    raise BadCell("choice.yes_no")


def choice(
    meanings: Mapping[str, object], *, empty: object = None, blank_words: bool = True
) -> Callable[[str], object]:
    """One of the written forms in `meanings`; `empty` where the cell means empty.

    With `blank_words` off only a really blank cell is empty, so that 无 can be a meaning.
    """
    known = {choice_key(form): meaning for form, meaning in meanings.items()}
    first_forms = {repr(meaning): form for form, meaning in reversed(list(meanings.items()))}
    allowed = "、".join(form for form in meanings if form in first_forms.values())

    def parse(value: str) -> object:
        word = choice_key(tidy(value))
        if word in known:
            return known[word]
        if not word or (blank_words and means_empty(word)):
            return empty
        raise BadCell("choice.unknown", allowed=allowed)

    return parse


def choice_key(value: str) -> str:
    """A choice without width, spaces, case and the decimal point of a number cell."""
    value = narrow(value).replace(" ", "").casefold()
    return value.removesuffix(".0") if value[:-2].isdigit() else value


def heading_key(value: str) -> str:
    """A heading without marks of order and obligation, widths, spaces and line breaks."""
    value = unicodedata.normalize("NFKC", value.translate(_INVISIBLE).removeprefix(NUMBER))
    value = "".join(value.split()).casefold().strip("*:：")
    return value.removesuffix("(必填)").removesuffix("(选填)").strip("*:：")


class Memo(dict):
    """Answers of a parser for columns with few distinct values; looks up at the speed of a dict.

    >>> list(map(Memo(date).__getitem__, ["2023-5-1", "2023-5-1"]))[0]
    datetime.date(2023, 5, 1)
    """

    SIZE = 20_000

    def __init__(self, parse: Callable[[str], object]) -> None:
        super().__init__()
        self.parse = parse

    def __missing__(self, key: str) -> object:
        answer = self.parse(key)
        if len(self) >= self.SIZE:
            self.clear()
        self[key] = answer
        return answer


__all__ = [
    "NUMBER",
    "UNREADABLE",
    "WITHHELD",
    "BadCell",
    "Memo",
    "amount",
    "bare_code",
    "choice",
    "choice_key",
    "date",
    "heading_key",
    "is_unified_code",
    "limited",
    "means_empty",
    "name",
    "narrow",
    "registration_number",
    "short_code",
    "text",
    "tidy",
    "unified_code",
    "words",
    "yes_no",
]
