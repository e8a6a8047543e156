"""What each step tells whom: notices in the inbox, letters with a number. Source: R29, 三(四)."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Callable, Sequence
from typing import ParamSpec

from django.utils.translation import override

from grading.regrading import current_rating
from notices.enums import LetterKind
from notices.letters import LetterContent, issue
from notices.models import Letter
from notices.services import To, tell
from records.models import Record
from roster.enums import Permission
from roster.models import User
from roster.rules.placing import PROVINCE
from roster.scope import Actor
from workdays.enums import Unit
from workdays.queries import deadline, limit
from workdays.rules import CalendarGap

from .enums import CaseKind, RefusalReason, State, Target
from .models import Case, CaseItem, Verification

P = ParamSpec("P")

# --- notices -----------------------------------------------------------------------------------


def filed(case: Case, *, by: Actor) -> None:
    """The unit has something new; the enterprise has its receipt."""
    _to_unit(case, "filed", by=by)
    _to_enterprise(case, "receipt", by=by)


def supplied(case: Case, *, by: Actor) -> None:
    _to_unit(case, "supplied", by=by)


def withdrawn(case: Case, *, by: Actor) -> None:
    _to_unit(case, "withdrawn", by=by)


def source_asked(asked: Verification, *, by: Actor) -> None:
    _tell(
        asked.case, "source_asked", by=by, about=asked,
        to=To(agency=asked.agency, permission=Permission.VERIFY_CASES),
    )  # fmt: skip


def source_dropped(asked: Verification, *, by: Actor) -> None:
    """The case ended without the answer."""
    _tell(
        asked.case, "source_dropped", by=by, about=asked,
        to=To(agency=asked.agency, permission=Permission.VERIFY_CASES),
    )  # fmt: skip


def extended(asked: Verification, *, by: Actor) -> None:
    _to_unit(asked.case, "extended", by=by)


def verified(case: Case, *, by: Actor) -> None:
    """Somebody other than who verified has to decide now."""
    to = To(agency=case.office, permission=Permission.DECIDE_CASES)
    _tell(case, "verified", by=by, about=case, to=to)


def sent_back(case: Case, *, by: Actor) -> None:
    _to_unit(case, "sent_back", by=by)


def replied(case: Case, *, by: Actor) -> None:
    _to_enterprise(case, "replied", by=by)


def reminded(
    case: Case, *, by: Actor, when: str, last: dt.date, to: To, about: Case | Verification
) -> None:
    """Two days before and on the day, each once for each day that binds."""
    _tell(case, when, by=by, about=about, to=to, last=last.isoformat(), tail=f"{last}")


def _to_unit(case: Case, what: str, *, by: Actor) -> None:
    to = To(agency=case.office, permission=Permission.HANDLE_CASES)
    _tell(case, what, by=by, about=case, to=to)


def _to_enterprise(case: Case, what: str, *, by: Actor, letter: Letter | None = None) -> None:
    said = {"letter": letter.number} if letter else {}
    _tell(case, what, by=by, about=case, to=To(enterprise=case.enterprise), **said)


def _tell(
    case: Case, what: str, *, by: Actor, about: Case | Verification, to: To, tail: str = "",
    **said: str,
) -> None:  # fmt: skip
    """Once for each time the case came to this state: its version tells them apart."""
    values = {
        "number": case.number, "kind": case.kind, "enterprise": case.enterprise.name,
        "agency": case.office.name, **said,
    }  # fmt: skip
    who = to.user.pk if to.user else to.permission or "enterprise"
    key = f"{about._meta.label_lower} {about.pk} {what} {who} {tail or case.version}"
    tell(by=by, to=to, kind=f"objections.{what}", about=about, values=values, key=key)


# --- letters -----------------------------------------------------------------------------------


def in_chinese(write: Callable[P, None]) -> Callable[P, None]:
    """A letter says what choices are called; in Chinese, whatever the language of who acts."""

    @functools.wraps(write)
    def written(*args: P.args, **kwargs: P.kwargs) -> None:
        with override("zh-hans"):
            write(*args, **kwargs)

    return written


@in_chinese
def accepted(case: Case, *, by: Actor, on: dt.date) -> None:
    paragraphs = (
        f"你单位于{day(case.submitted_on)}提出的{_what(case)}（编号：{case.number}），"
        f"经审查，决定于{day(on)}予以受理。",
        *_meanwhile(case),
    )
    _letter(case, LetterKind.ACCEPTANCE, "accepted", paragraphs, rows=_about(case), by=by, on=on)


def _meanwhile(case: Case) -> tuple[str, ...]:
    if case.matter == CaseKind.REPAIR:
        return ("在作出决定之前，所涉信息仍公示，仍计入信用评价。",)
    if not case.items.filter(record__isnull=False).exists():
        return ("在作出决定之前，现行评价结果不变。",)
    return ("所涉信息已作异议标注。在作出决定之前，不停止公示，仍计入信用评价。",)


@in_chinese
def papers_asked(case: Case, *, by: Actor, reason: str, on: dt.date) -> None:
    paragraphs = (
        f"你单位于{day(case.submitted_on)}提出的{_what(case)}（编号：{case.number}），"
        "经审查，材料不齐全，请补正以下材料：",
        reason.strip(),
        f"请{_within('objection.supply', on)}补正。补正期间不计入办理期限；"
        "逾期未补正又没有其他证明材料的，不予受理。",
    )
    _letter(case, LetterKind.PAPERS, "papers_asked", paragraphs, by=by, on=on)


@in_chinese
def refused(case: Case, *, by: Actor, code: str, reason: str, on: dt.date) -> None:
    paragraphs = (
        f"你单位于{day(case.submitted_on)}提出的{_what(case)}（编号：{case.number}），"
        "经审查，决定不予受理。",
    )
    rows = (("理由", str(RefusalReason(code).label)), ("说明", reason.strip()))
    _letter(
        case, LetterKind.REFUSAL, "refused", paragraphs, rows=rows, remedies=_remedies(case, on=on),
        by=by, on=on,
    )  # fmt: skip


@in_chinese
def referred(case: Case, *, by: Actor, reason: str, on: dt.date) -> None:
    examine, correct = limit("court_listing.examine", on=on), limit("court_listing.correct", on=on)
    paragraphs = (
        f"你单位于{day(case.submitted_on)}提出的{_what(case)}（编号：{case.number}）所涉信息，"
        "由人民法院列入和纠正。请向作出列入决定的执行法院申请纠正。",
        reason.strip(),
        f"人民法院自收到书面纠正申请之日起{examine.days}{_unit(examine.unit)}内审查，理由成立的，"
        f"在{correct.days}{_unit(correct.unit)}内纠正。",
    )
    _letter(case, LetterKind.REFERRAL, "referred", paragraphs, rows=_about(case), by=by, on=on)


@in_chinese
def decided(
    case: Case, *, items: Sequence[CaseItem], reason: str, again_on: dt.date | None, by: Actor,
    on: dt.date,
) -> None:  # fmt: skip
    """The decision with what was found and decided of each item, what it does to the grade, and what
    can be done about it."""
    is_review = case.kind == CaseKind.REVIEW
    paragraphs = (
        f"你单位于{day(case.submitted_on)}提出的{_what(case)}（编号：{case.number}），经核查，"
        "现作出如下决定。",
    )
    _letter(
        case,
        LetterKind.REVIEW if is_review else LetterKind.DECISION,
        "decided",
        paragraphs,
        rows=tuple(row for item in items for row in _decided(item)),
        reasons=(reason.strip(), *_grade(case), *_again(again_on)),
        remedies=_remedies(case, on=on),
        by=by,
        on=on,
    )


def _decided(item: CaseItem) -> tuple[tuple[str, str], ...]:
    found = f"{item.get_finding_display()}：{item.finding_reason}" if item.finding else "—"
    return (
        ("事项", named(item)),
        ("核查结果", found),
        ("处理", f"{item.get_outcome_display()}：{item.outcome_reason}"),
    )


def _grade(case: Case) -> tuple[str, ...]:
    """With the standard it was graded by. Domain facts 1."""
    before, after = case.effect.get("before"), case.effect.get("after")
    if not before:
        return ("你单位目前没有信用等级，处理结果计入下次评价。",)
    rating = current_rating(case.enterprise_id)
    by = f"按{rating.verdict.run.scheme}，" if rating else ""
    if before == after:
        return (f"{by}处理结果不改变你单位现行信用等级（{after}级）。",)
    return (
        f"{by}根据处理结果，你单位的信用等级由{before}级变更为{after}级，自本决定作出之日起执行。",
    )


def _again(again_on: dt.date | None) -> tuple[str, ...]:
    return (f"未获准修复的，{day(again_on)}起可以再次申请。",) if again_on else ()


def _remedies(case: Case, *, on: dt.date) -> tuple[str, ...]:
    """A review by the level above within its limit, once; and, always, the law."""
    law = "对作出认定的行政决定本身有争议的，可以依法申请行政复议或者提起行政诉讼。"
    if case.kind == CaseKind.REVIEW:
        what = "复核申请不予受理" if case.state == State.REFUSED else "本决定为复核决定"
        return (f"{what}，不再复核。", law)
    return (
        f"对本决定不服的，可以{_within('review.file', on)}，通过本系统向{_reviewer(case)}。",
        law,
    )


def _reviewer(case: Case) -> str:
    """To whom one turns for a review: the level above; of the province, other people of its own.
    Default, no source."""
    if case.unit_id == PROVINCE:
        return "本单位申请复核，由未参与本次办理的人员办理"
    return "上一级社会信用体系建设牵头部门申请复核"


def _within(code: str, on: dt.date) -> str:
    """Up to which day, and how many days that are; the days alone where the calendar is missing."""
    found = limit(code, on=on)
    days = f"自本文书作出之日起{found.days}{_unit(found.unit)}内"
    try:
        return f"{days}（{day(deadline(code, start=on))}前，含当日）"
    except CalendarGap:
        return days


def _letter(
    case: Case, kind: LetterKind, what: str, paragraphs: tuple[str, ...], *, by: Actor,
    on: dt.date, rows: tuple[tuple[str, str], ...] = (), reasons: tuple[str, ...] = (),
    remedies: tuple[str, ...] = (),
) -> None:  # fmt: skip
    """Issue a letter and tell the enterprise of it; drawn by the next sweep."""
    content = LetterContent(
        to=f"{case.enterprise.name}（统一社会信用代码 {case.enterprise_id}）",
        paragraphs=paragraphs, rows=rows, reasons=tuple(filter(None, reasons)), remedies=remedies,
    )  # fmt: skip
    letter = issue(
        by=by, kind=kind, agency=case.office, enterprise=case.enterprise, about=case,
        content=content, key=f"objections.case {case.pk} {kind} {case.version}", on=on,
    )  # fmt: skip
    _to_enterprise(case, what, by=by, letter=letter)


# --- words of letters, in Chinese whatever the reader's language ----------------------------------

KINDS = {
    CaseKind.OBJECTION: "异议",
    CaseKind.REPAIR: "信用修复申请",
    CaseKind.REVIEW: "复核申请",
    CaseKind.HELP: "咨询",
}
UNITS = {Unit.WORKDAYS: "个工作日", Unit.DAYS: "日", Unit.MONTHS: "个月"}


def _what(case: Case) -> str:
    return KINDS[CaseKind(case.kind)]


def _unit(unit: str) -> str:
    return UNITS[Unit(unit)]


def day(on: dt.date) -> str:
    """2026年3月2日."""
    return f"{on.year}年{on.month}月{on.day}日"


def _about(case: Case) -> tuple[tuple[str, str], ...]:
    return tuple(("所涉信息", named(item)) for item in case.items.select_related("record__kind"))


def named(item: CaseItem) -> str:
    """What an item is about, as a letter says it."""
    if item.target == Target.RATING or item.record is None:
        return "信用评价结果"
    record: Record = item.record
    return f"{record.kind.name} {record.number or day(record.decided_on)}（{record.authority}）"


def handler_of(case: Case) -> User | None:
    """The account that has the case; None before somebody took it up, and when that person no
    longer handles cases in the unit."""
    user = User.objects.filter(username=case.handler).first() if case.handler else None
    handles = user is not None and any(
        post.grants(Permission.HANDLE_CASES) and case.held_by(post, Permission.HANDLE_CASES)
        for post in user.posts()
    )
    return user if handles else None


__all__ = [
    "accepted",
    "decided",
    "extended",
    "filed",
    "handler_of",
    "papers_asked",
    "referred",
    "refused",
    "reminded",
    "replied",
    "sent_back",
    "source_asked",
    "source_dropped",
    "supplied",
    "verified",
    "withdrawn",
]
