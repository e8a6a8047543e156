"""Cases of the demo county, at every point of their way, and one who asks to speak for an enterprise."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.hashers import make_password
from PIL import Image, ImageDraw

from audit.acts import act, note
from grading.models import Proposal
from intake.evidence import Evidence, examine
from objections import deciding, filing, handling
from objections.deciding import Decision
from objections.filing import Content, Item
from objections.handling import Found
from objections.models import Case, Verification
from records.enums import Category, Shape
from records.models import Record
from roster import bindings
from roster.accounts import represent
from roster.models import Enterprise, Representative, User
from roster.scope import Actor

from . import people
from .offices import code_of

COUNTY = people.UNITS["changan"]
MARKET = f"{people.CLERK.partition('.')[0]}.market"
OF_MARKET = code_of(COUNTY, "market")
OTHERS = "enterprise.others"
"""Speaks for the other enterprises that bring cases; nobody signs in as this one."""
FULL_NAME = "示例代表"


@dataclass(frozen=True)
class Story:
    """What somebody brought so many days ago, and what the offices did, each a day later."""

    days: int
    statement: str
    goes: Sequence[str] = ()
    ground: str = "wrong"
    kind: str = "objection"
    claims: Mapping[str, str] = field(default_factory=dict)


FINE = {"field": "fine_wan", "is": "见公示", "should": "1"}
STORIES = (
    Story(6, "违法事实的表述与决定书不符。", ("accept", "send")),
    Story(0, "该处罚决定不是对本企业作出的，请核对决定书。", ground="wrong_subject"),
    Story(9, "罚款金额多录了一位。", ("accept", "send", "answer"), claims=FINE),
    Story(80, "罚款金额录入有误。", ("accept", "send", "answer", "correct"), claims=FINE),
    Story(6, "决定书已经复议机关撤销，仍在公示。", ("ask_papers",), ground="not_public"),
    Story(60, "罚款金额与决定书不一致。", ("accept", "send", "answer", "correct"), claims=FINE),
    Story(30, "已经缴清罚款并完成整改。", ("accept", "send", "answer", "repair"), "made_good", "repair"),
    Story(5, "同一决定登记了两次。", ("accept",), ground="duplicate"),
    Story(40, "认为处罚过重，要求撤销处罚。", ("refuse",)),
    Story(50, "对处罚不服。", ("accept", "send", "deny", "reject")),
    Story(1, "罚款金额与决定书不一致。", claims=FINE),
    Story(4, "已经缴清罚款并完成整改。", (), "made_good", "repair"),
    Story(1, "信用修复需要准备哪些材料？", kind="help"),
    Story(20, "等级多久更新一次？", ("reply",), kind="help"),
)  # fmt: skip
"""Those that a demo with few enterprises needs most come first."""


def bring_cases(*, by: Actor, today: dt.date) -> int:
    """Cases of enterprises on the demo county's roster; how many. Does nothing when there are any."""
    records = _disputable()
    if Case.objects.exists() or not records:
        return 0
    speaker = _speaker(by=by, since=today - dt.timedelta(days=400), records=records)
    for story, record in zip(STORIES, records, strict=False):
        _Told(story, record, speaker, today).tell()
    _ask_to_speak(speaker, today=today)
    return Case.objects.count()


def _disputable() -> list[Record]:
    """Published penalties of the county's departments, the market regulator's first, the latest of
    each enterprise of its roster; none of the demo representative's, or with a correction under way.
    """
    taken = Representative.objects.values("enterprise")
    waiting = Proposal.objects.values("record__enterprise")
    rows = (
        Record.objects.published()
        .filter(
            enterprise__keeper=COUNTY, authority__region=COUNTY,
            kind__category=Category.GENERAL, kind__shape=Shape.DECISION, marks__isnull=True,
        )
        .exclude(enterprise__in=taken)
        .exclude(enterprise__in=waiting)
        .select_related("authority")
        .order_by("enterprise_id", "decided_on")
    )  # fmt: skip
    by_enterprise = {row.enterprise_id: row for row in rows}
    return sorted(by_enterprise.values(), key=lambda row: row.authority.code != OF_MARKET)


@act("demo.speaker_added")
def _speaker(*, by: Actor, since: dt.date, records: Sequence[Record]) -> User:
    speaker = User.objects.create(
        username=OTHERS, full_name=FULL_NAME, password=make_password(None)
    )
    note(target=speaker)
    for record in records[: len(STORIES)]:
        represent(by=by, user=speaker, code=record.enterprise_id, since=since)
    return speaker


def _ask_to_speak(speaker: User, *, today: dt.date) -> None:
    """For one more enterprise of the roster; the clerk decides."""
    spoken_for = Representative.objects.values("enterprise")
    found = (
        Enterprise.objects.filter(keeper=COUNTY).exclude(pk__in=spoken_for).order_by("pk").first()
    )
    if found is not None:
        bindings.ask_binding(
            by=speaker, code=found.pk, name=found.name, proof=_paper("授权委托书"), on=today
        )


class _Told:
    """One story as it happens."""

    def __init__(self, story: Story, record: Record, speaker: User, today: dt.date) -> None:
        self.story, self.record, self.speaker = story, record, speaker
        self.day = today - dt.timedelta(days=story.days)
        self.people = {
            name: User.objects.get(username=name)
            for name in (people.CLERK, people.APPROVER, MARKET)
        }

    def tell(self) -> None:
        self.case = self._file()
        acts: dict[str, Callable[[], object]] = {
            "accept": lambda: handling.accept_case(**self._by_clerk()),
            "ask_papers": lambda: handling.ask_papers(
                **self._by_clerk(), reason="请补交复议决定书。"
            ),
            "refuse": lambda: handling.refuse_case(
                **self._by_clerk(), code="outside", reason="对处罚决定不服的，请依法申请行政复议。"
            ),
            "send": lambda: handling.send_case(**self._by_clerk(), question="请核对决定书原件。"),
            "answer": lambda: self._answer("true"),
            "deny": lambda: self._answer("false"),
            "reply": lambda: handling.reply(**self._by_clerk(), reason="请看“我的信息”中的说明。"),
        }
        for name in self.story.goes:
            self.day += dt.timedelta(days=1)
            acts.get(name, lambda outcome=name: self._decide(outcome))()  # type: ignore[misc]

    def _file(self) -> Case:
        story = self.story
        claims = [story.claims] if story.claims else []
        items = () if story.kind == "help" else (Item(self.record.pk, story.ground, claims),)
        content = Content(items=items, statement=story.statement, committed=True)
        draft = filing.begin_draft(
            by=self.speaker, code=self.record.enterprise_id, kind=story.kind, content=content,
            on=self.day,
        )  # fmt: skip
        role = "proof" if story.kind == "repair" else "evidence"
        filing.keep_draft(
            by=self.speaker, draft_id=draft.pk, content=content, files=[(_paper("证明"), role)]
        )
        return filing.file_case(by=self.speaker, draft_id=draft.pk, on=self.day)

    def _by_clerk(self) -> dict[str, Any]:
        return {
            "by": self.people[people.CLERK], "case_id": self.case.pk, "version": None, "on": self.day,
        }  # fmt: skip

    def _answer(self, finding: str) -> None:
        asked = Verification.objects.get(case=self.case)
        right = {"fine_wan": "1"} if self.story.claims else {}
        found = [
            Found(item.pk, finding, "经与决定书原件核对。", right) for item in self.case.items.all()
        ]
        answers = MARKET if asked.agency.code == OF_MARKET else people.CLERK
        handling.answer(
            by=self.people[answers], verification_id=asked.pk, found=found,
            opinion="已核对决定书原件。", on=self.day,
        )  # fmt: skip

    def _decide(self, outcome: str) -> None:
        decisions = [
            Decision(item.pk, outcome, "以信息来源部门的核查结果为准。")
            for item in self.case.items.all()
        ]
        deciding.decide(
            by=self.people[people.APPROVER], case_id=self.case.pk, version=None, on=self.day,
            decisions=decisions, reason="信息来源部门已核对决定书原件。",
        )  # fmt: skip


def _paper(title: str) -> Evidence:
    """A picture of a sheet of paper that says nothing."""
    sheet = Image.new("RGB", (620, 877), "white")
    draw = ImageDraw.Draw(sheet)
    draw.rectangle((60, 80, 560, 90), fill="#888888")
    for line in range(12):
        draw.rectangle((60, 140 + line * 40, 540 - line % 3 * 60, 150 + line * 40), fill="#dddddd")
    data = io.BytesIO()
    sheet.save(data, "PNG")
    data.seek(0)
    return examine(data, name=f"{title}.png")
