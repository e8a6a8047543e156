"""The printed sheet of demo accounts, as wide as a terminal."""

from __future__ import annotations

import unicodedata
from pathlib import Path

from roster.models import Posting, Region, Representative

from . import people, samples

COLUMN = 20


def account_sheet(folder: Path) -> str:
    """Who can sign in, with what, what to try first, and where the sample files are."""
    if not people.are_there():
        return "还没有演示数据。请先运行：manage.py demo"
    lines = [f"  演示账号（口令都是 {people.PASSWORD}，企业和人员均为虚构）", ""]
    lines += [_row("账号", "单位", "岗位")]
    lines += [_seat(posting) for posting in _seats("changan")]
    lines += [
        "",
        f"  试一试：用 {people.CLERK} 登录，导入样例名录和行政处罚，发起评价，看进度，审核结论；",
        f"          再用 {people.APPROVER} 登录发布，打开样例说明中的企业，看它为什么是 C。",
        "",
        f"  其他单位有同样的岗位，把 changan 换成：{_other_units()}",
        f"  管理员：{_administrators()}",
        f"  企业代表：{people.REPRESENTATIVE}{_represented()}",
        f"  样例文件：{_shown(folder)}（先看 {samples.GUIDE}）",
    ]
    return "\n".join(lines)


def width(text: str) -> int:
    """Columns a text takes in a terminal: Chinese characters take two."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def _padded(text: str, columns: int) -> str:
    return text + " " * max(columns - width(text), 1)


def _row(account: str, unit: str, post: str) -> str:
    return f"  {_padded(account, COLUMN)}{_padded(unit, 46)}{post}"


def _seats(unit: str) -> list[Posting]:
    wanted = [f"{unit}.{seat.ending}" for seat in people.SEATS]
    found = Posting.objects.filter(user__username__in=wanted).select_related("user", "agency")
    return sorted(found, key=lambda posting: wanted.index(posting.user.username))


def _seat(posting: Posting) -> str:
    return _row(posting.user.username, posting.agency.name, posting.get_role_display())


def _other_units() -> str:
    named = dict(Region.objects.values_list("code", "name"))
    return "、".join(
        f"{unit}（{named[code]}）" for unit, code in people.UNITS.items() if unit != "changan"
    )


def _administrators() -> str:
    return "、".join(f"{name}（{role.label}）" for name, role in people.ADMINISTRATORS)


def _represented() -> str:
    found = (
        Representative.objects.filter(user__username=people.REPRESENTATIVE)
        .select_related("enterprise")
        .first()
    )
    return f"（{found.enterprise.name}）" if found else ""


def _shown(folder: Path) -> str:
    """The folder as short as it can be written from here."""
    here = Path.cwd()
    return str(folder.relative_to(here)) if folder.is_relative_to(here) else str(folder)
