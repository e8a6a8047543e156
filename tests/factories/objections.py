"""A county with a graded enterprise, the people of its side and of the offices, for tests of cases."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from intake.evidence import Evidence, examine
from objections import deciding, filing, handling
from objections.deciding import Decision
from objections.filing import Content, Item
from objections.handling import Found
from objections.models import Case, CaseItem, Verification
from records.models import Record
from roster.models import Agency, Representative, User
from tests.factories import evidence as files_of
from tests.factories.grading import TODAY, County, code, load_reference, person

OWN, OTHER = code(1), code(2)
INSIDE = "2025-02-03"
CITY = "130100"


class Office(County):
    """长安区: `OWN` is C by a revoked licence and one fine; a representative, the source department's
    clerk, and above it the city's two officers."""

    severe: Record
    fine: Record
    rep: User
    source: User
    second: User
    city_clerk: User
    city_approver: User

    @classmethod
    def open(cls) -> Office:
        load_reference()
        office: Any = cls.make()
        office.register([OWN, OTHER])
        office.severe = office.give(OWN, "licence_revoked", INSIDE, measures="吊销许可证件")
        office.fine = office.give(OWN, "penalty_other", INSIDE, measures="罚款")
        office.publish(office.run())
        office.rep = speaks_for("rep", OWN)
        office.source = person("source", office.authority, "department_clerk")
        office.second = person("second-approver", office.agency, "lead_approver")
        city = Agency.objects.create(
            code=f"lead-{CITY}", name="石家庄市牵头部门", region_id=CITY, kind="lead"
        )
        office.city_clerk = person("city-clerk", city, "lead_clerk")
        office.city_approver = person("city-approver", city, "lead_approver")
        return office

    # --- the enterprise's side ------------------------------------------------------------------

    def draft(
        self, *items: Item, kind: str = "objection", files: Sequence[str] = (), by: User | None = None,
        **said: Any,
    ) -> Any:  # fmt: skip
        """A draft with everything it needs; by default about the severe record."""
        user = by or self.rep
        chosen = items or (Item(self.severe.pk, "wrong_subject"),)
        content = Content(
            items=() if kind == "help" else chosen,
            **{"statement": "不是本企业的信息", "committed": True, **said},
        )
        enterprise = user.representations.get(until=None).enterprise_id
        draft = filing.begin_draft(
            by=user, code=enterprise, kind=kind, content=Content(), on=TODAY
        )  # what it is about is held against the rules when it is filed
        given = [(proof(), role) for role in files]
        return filing.keep_draft(by=user, draft_id=draft.pk, content=content, files=given)

    def file(self, *items: Item, on: dt.date = TODAY, by: User | None = None, **said: Any) -> Case:
        draft = self.draft(*items, by=by, **said)
        return filing.file_case(by=by or self.rep, draft_id=draft.pk, on=on)

    # --- the offices' side ----------------------------------------------------------------------

    def accept(self, case: Case, *, by: User | None = None, on: dt.date = TODAY) -> Case:
        return handling.accept_case(by=by or self.clerk, case_id=case.pk, version=None, on=on)

    def verify(
        self, case: Case, finding: str = "true", *, by: User | None = None, on: dt.date = TODAY,
        corrections: Mapping[str, str] | None = None,
    ) -> Case:  # fmt: skip
        found = found_of(case.items.all(), finding, corrections)
        return handling.verify_alone(
            by=by or self.clerk, case_id=case.pk, version=None, found=found, on=on
        )

    def send(self, case: Case, *, by: User | None = None, on: dt.date = TODAY) -> Verification:
        handling.send_case(by=by or self.clerk, case_id=case.pk, version=None, question="", on=on)
        return case.verifications.waiting().order_by("pk")[0]

    def answer(
        self, asked: Verification, finding: str = "true", *, on: dt.date = TODAY,
        corrections: Mapping[str, str] | None = None,
    ) -> Verification:  # fmt: skip
        own = asked.items
        return handling.answer(
            by=self.source, verification_id=asked.pk, opinion="已核查",
            found=found_of(own, finding, corrections), on=on,
        )  # fmt: skip

    def decide(
        self, case: Case, outcome: str = "delete", *, by: User | None = None, on: dt.date = TODAY,
        **more: Any,
    ) -> Case:  # fmt: skip
        decisions = [Decision(item.pk, outcome, "理由", **more) for item in case.items.all()]
        return deciding.decide(
            by=by or self.approver, case_id=case.pk, version=None, decisions=decisions,
            reason="经核查", on=on,
        )  # fmt: skip

    def upheld(
        self, *items: Item, outcome: str = "delete", on: dt.date = TODAY, **said: Any
    ) -> Case:
        """A case from filing to a decision, verified by the unit itself."""
        case = self.file(*items, on=on, **said)
        self.accept(case, on=on)
        self.verify(case, on=on)
        return self.decide(case, outcome, on=on)

    def repair(self, on: dt.date = TODAY) -> Case:
        """A repair of an old fine that can be asked for."""
        old = self.give(OWN, "penalty_other", "2024-01-05")
        return self.file(Item(old.pk, "made_good"), kind="repair", files=["proof"], on=on)

    def review(self, first: Case, on: dt.date = TODAY, without: Collection[int] = ()) -> Case:
        """The level above is asked to look at a case again, but for some of its records."""
        draft = filing.begin_review(by=self.rep, case_id=first.pk, on=on)
        items = [item for item in Content.of(draft).items if item.record not in without]
        said = Content(items=items, statement="不服", committed=True)
        filing.keep_draft(by=self.rep, draft_id=draft.pk, content=said)
        return filing.file_case(by=self.rep, draft_id=draft.pk, on=on)


def proof() -> Evidence:
    """A small PDF, looked through."""
    return examine(io.BytesIO(files_of.pdf()), name="证明.pdf")


def speaks_for(username: str, enterprise: str) -> User:
    user = User.objects.create_user(username, password="pass", full_name="某代表")
    Representative.objects.create(user=user, enterprise_id=enterprise, since=dt.date(2020, 1, 1))
    return user


def found_of(items: Any, finding: str, corrections: Mapping[str, str] | None = None) -> list[Found]:
    rows: list[CaseItem] = list(items)
    return [Found(item.pk, finding, "核查说明", corrections or {}) for item in rows]
