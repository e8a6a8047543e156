"""The printed sheet of demo accounts, as wide as a terminal."""

from __future__ import annotations

import unicodedata
from pathlib import Path

from roster.enums import Role
from roster.models import Posting, Region, Representative

from . import people, samples

ACCOUNT, UNIT = 22, 34


def account_sheet(folder: Path) -> str:
    """Who can sign in, with what, what to try first, and where the sample files are."""
    if not people.are_there():
        return "还没有演示数据。请先运行：manage.py demo"
    lines = [
        f"  演示账号（密码都是 {people.PASSWORD}；企业和人员均为虚构）",
        "",
        _row("账号", "单位", "岗位"),
        *(_seat(posting) for posting in _seats("changan")),
        "",
        f"  试一试：用 {people.CLERK} 登录，导入样例中的名录和行政处罚，发起评价，",
        f"          审核结论；再用 {people.APPROVER} 登录发布，打开一家 C 级企业看原因。",
        "",
        "  下列单位有同样的岗位，把 changan 换成这里的前缀：",
        *_other_units(),
        *(_row(name, "", str(role.label)) for name, role in people.ADMINISTRATORS),
        _row(people.REPRESENTATIVE, _represented(), str(Role.REPRESENTATIVE.label)),
        "",
        f"  样例文件在 {_shown(folder)}，先看其中的 {samples.GUIDE}",
    ]
    return "\n".join(lines)


def width(text: str) -> int:
    """Columns a text takes in a terminal: Chinese characters take two."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def _padded(text: str, columns: int) -> str:
    return text + " " * max(columns - width(text), 1)


def _row(account: str, unit: str, post: str) -> str:
    return f"  {_padded(account, ACCOUNT)}{_padded(unit, UNIT)}{post}"


def _seats(unit: str) -> list[Posting]:
    wanted = [f"{unit}.{seat.ending}" for seat in people.SEATS]
    found = Posting.objects.filter(user__username__in=wanted).select_related("user", "agency")
    return sorted(found, key=lambda posting: wanted.index(posting.user.username))


def _seat(posting: Posting) -> str:
    unit = posting.agency.name.removesuffix("部门").removesuffix("社会信用体系建设牵头")
    return _row(posting.user.username, unit, posting.get_role_display())


def _other_units() -> list[str]:
    named = dict(Region.objects.values_list("code", "name"))
    return [_row(unit, named[code], "") for unit, code in people.UNITS.items() if unit != "changan"]


def _represented() -> str:
    found = Representative.objects.filter(user__username=people.REPRESENTATIVE)
    return found.values_list("enterprise__name", flat=True).first() or ""


def _shown(folder: Path) -> str:
    """The folder as short as it can be written from here."""
    here = Path.cwd()
    return str(folder.relative_to(here)) if folder.is_relative_to(here) else str(folder)
