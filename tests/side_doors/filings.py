"""What enterprises of two cities and of the province brought before their units, in every state a
case can have; by the services, each step by whose it is."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.utils.timezone import localdate

from intake import evidence
from intake.evidence import Evidence
from notices import letters
from notices.services import To
from objections import deciding, filing, handling, telling
from objections.deciding import Decision
from objections.enums import CaseKind
from objections.filing import Content, Item
from objections.handling import Found
from objections.models import Case, Draft, Verification
from roster.models import User
from tests.factories.evidence import pdf
from tests.factories.roster import OPERATOR

from .oracle import CHANGAN, LUNAN, PROVINCE

if TYPE_CHECKING:
    from .world import World

DRAWN = 3
"""Letters that are drawn already; the others are when somebody opens them."""
SPEAKERS = {CHANGAN: "speaks", LUNAN: "speaks-there"}


class Filings:
    """Fills a world with cases."""

    def __init__(self, world: World) -> None:
        self.world, self.today = world, localdate()

    def make(self, here: str, there: str, provincial: str, moving: str) -> None:
        """here, there: enterprises of 长安 and 路南; moving: one that will leave 长安 for 路南."""
        self.of_county(CHANGAN, here, beside=LUNAN)
        self.of_county(LUNAN, there, beside=CHANGAN)
        self.file("speaks-for-two", provincial, self.records(PROVINCE, provincial))
        self.sent(self.file("speaks-for-two", provincial, self.records(CHANGAN, provincial)))
        both = [*self.records(CHANGAN, moving), *self.records(LUNAN, moving)]
        self.sent(self.file("speaks-for-two", moving, both))
        self.begin("speaks-for-two", provincial, self.records(PROVINCE, provincial))
        letters.draw_due(by=OPERATOR, most=DRAWN)

    def of_county(self, region: str, code: str, *, beside: str) -> None:
        """One in every state, and one that a department of another city is asked about as well."""
        name, given = SPEAKERS[region], lambda: self.records(region, code)
        self.file(name, code, given())
        self.papers(self.file(name, code, given()))
        self.accepted(self.file(name, code, given()))
        both = self.sent(self.file(name, code, [*given(), *self.records(beside, code)]))
        self.extended(both)
        self.answered(self.sent(self.file(name, code, given())))
        self.answered(
            self.sent(self.back(self.answered(self.sent(self.file(name, code, given())))))
        )
        self.decided(self.file(name, code, given()))
        begun, reviewed = (self.decided(self.file(name, code, given())) for _ in range(2))
        self.begin_review(name, begun)
        self.review(name, reviewed)
        self.refused(self.file(name, code, given()))
        self.withdrawn(name, self.file(name, code, given()))
        self.file(name, code, self.records(region, code, kind_id="judgment_defaulter"))
        self.file(name, code, given(), kind=CaseKind.REPAIR, ground="made_good", role="proof")
        self.file(name, code, (), kind=CaseKind.HELP)
        self.replied(self.file(name, code, (), kind=CaseKind.HELP))
        self.begin(name, code, given())
        self.begin(name, code, (), kind=CaseKind.HELP)

    def send_one(self, region: str) -> Case:
        """One more, on its way to the source department."""
        name = SPEAKERS[region]
        (code,) = self.world.people[name].speaks_for
        return self.sent(self.file(name, code, self.records(region, code)))

    # --- the enterprise ---------------------------------------------------------------------------

    def records(self, region: str, code: str, **given: str) -> list[int]:
        return [self.world.give(region, code, **given)]

    def paper(self) -> Evidence:
        return evidence.examine(io.BytesIO(pdf()), name=f"{self.world.text('件')}.pdf")

    def begin(
        self, name: str, code: str, records: Sequence[int], *, kind: str = CaseKind.OBJECTION,
        ground: str = "wrong", role: str = "evidence",
    ) -> Draft:  # fmt: skip
        """A draft with all it takes to be filed."""
        by, content = self.world.person(name), self.content(records, ground)
        draft = filing.begin_draft(by=by, code=code, kind=kind, content=content, on=self.today)
        files = [(self.paper(), role)]
        return filing.keep_draft(by=by, draft_id=draft.pk, content=content, files=files)

    def content(self, records: Sequence[int], ground: str) -> Content:
        text = self.world.text
        claims = [{"field": "facts", "is": text("实"), "should": text("应")}]
        items = [Item(key, ground, claims, text("释")) for key in records]
        return Content(items=items, statement=text("述"), committed=True)

    def file(
        self, name: str, code: str, records: Sequence[int], *, kind: str = CaseKind.OBJECTION,
        ground: str = "wrong", role: str = "evidence",
    ) -> Case:  # fmt: skip
        draft = self.begin(name, code, records, kind=kind, ground=ground, role=role)
        return filing.file_case(by=self.world.person(name), draft_id=draft.pk, on=self.today)

    def begin_review(self, name: str, case: Case) -> Draft:
        by = self.world.person(name)
        draft = filing.begin_review(by=by, case_id=case.pk, on=self.today)
        items = Content.of(draft).items
        said = Content(items=items, statement=self.world.text("复"), committed=True)
        return filing.keep_draft(by=by, draft_id=draft.pk, content=said)

    def review(self, name: str, case: Case) -> Case:
        draft = self.begin_review(name, case)
        return filing.file_case(by=self.world.person(name), draft_id=draft.pk, on=self.today)

    def withdrawn(self, name: str, case: Case) -> Case:
        return filing.withdraw_case(
            by=self.world.person(name), case_id=case.pk, version=None, reason=self.world.text("回"),
            on=self.today,
        )  # fmt: skip

    # --- the unit ---------------------------------------------------------------------------------

    def clerk(self, case: Case, role: str = "lead_clerk") -> User:
        return self.world.person(f"{case.unit_id}-lead-{role}")

    def papers(self, case: Case) -> Case:
        return handling.ask_papers(
            by=self.clerk(case), case_id=case.pk, version=None, reason=self.world.text("补"),
            on=self.today,
        )  # fmt: skip

    def accepted(self, case: Case) -> Case:
        by = self.clerk(case)
        case = handling.accept_case(by=by, case_id=case.pk, version=None, on=self.today)
        telling.reminded(
            case, by=OPERATOR, when="due_soon", last=self.today, to=To(user=by), about=case
        )
        return case

    def refused(self, case: Case) -> Case:
        return handling.refuse_case(
            by=self.clerk(case), case_id=case.pk, version=None, code="outside",
            reason=self.world.text("不"), on=self.today,
        )  # fmt: skip

    def sent(self, case: Case) -> Case:
        """Sent to its source departments; accepted before, when nobody has."""
        if case.state == "submitted":
            case = self.accepted(case)
        return handling.send_case(
            by=self.clerk(case), case_id=case.pk, version=None, question=self.world.text("问"),
            on=self.today,
        )  # fmt: skip

    def extended(self, case: Case) -> None:
        asked = case.verifications.latest("pk")
        handling.extend(
            by=self.department(asked), verification_id=asked.pk, reason=self.world.text("延"), on=self.today,
        )  # fmt: skip

    def department(self, asked: Verification) -> User:
        return self.world.person(f"{asked.agency.region_id}-department-department_clerk")

    def answered(self, case: Case) -> Case:
        for asked in case.verifications.waiting():
            items = case.items.filter(record__authority=asked.agency)
            found = [Found(item.pk, "false", self.world.text("查")) for item in items]
            handling.answer(
                by=self.department(asked), verification_id=asked.pk, found=found,
                opinion=self.world.text("见"), on=self.today,
            )  # fmt: skip
        return Case.objects.get(pk=case.pk)

    def back(self, case: Case) -> Case:
        return deciding.send_back(
            by=self.clerk(case, "lead_approver"), case_id=case.pk, version=None,
            reason=self.world.text("退"), on=self.today,
        )  # fmt: skip

    def decided(self, case: Case) -> Case:
        case = self.answered(self.sent(case))
        decisions = [
            Decision(item.pk, "reject", self.world.text("驳")) for item in case.items.all()
        ]
        return deciding.decide(
            by=self.clerk(case, "lead_approver"), case_id=case.pk, version=None,
            decisions=decisions, reason=self.world.text("定"), on=self.today,
        )  # fmt: skip

    def replied(self, case: Case) -> Case:
        return handling.reply(
            by=self.clerk(case), case_id=case.pk, version=None, reason=self.world.text("复"),
            on=self.today,
        )  # fmt: skip
