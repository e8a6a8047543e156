"""Hebei in small: two cities, counties of each, those that report past their city, and everybody
who works there. Every row carries texts that stand nowhere else, so that a page gives it away."""

from __future__ import annotations

import datetime as dt
import io
import json
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.utils.timezone import localdate

from audit.models import Event
from grading import corrections
from grading import reference as grading_reference
from grading import services as grading
from grading.enums import ProposalKind
from grading.models import Proposal, Rating, RosterRun, Run, Scheme
from grading.schemes import copy_scheme
from intake import evidence, taking_back
from intake import services as intake
from intake.models import Batch
from notices.models import Letter, Notice
from objections.models import Case, CaseItem, CaseStep, Draft, Verification
from records import services as records
from records.models import Record
from records.services import Given
from roster import accounts, bindings
from roster import reference as roster_reference
from roster.models import Agency, Binding, Enterprise, Posting, Representative, RosterEntry, User
from roster.registering import register_account
from roster.services import register_enterprise
from tests.factories.evidence import pdf
from tests.factories.files import PENALTIES, ROSTER
from tests.factories.intake import csv_file
from tests.factories.roster import (
    LONG_AGO,
    OPERATOR,
    PASSWORD,
    code,
    department,
    lead,
    post,
)
from workdays.services import load_reference as load_workdays

from . import oracle
from .filings import Filings
from .oracle import (
    BAODING,
    CHANGAN,
    DEPARTMENT,
    DINGZHOU,
    LEAD,
    LUNAN,
    PROVINCE,
    QIAOXI,
    RONGCHENG,
    SHIJIAZHUANG,
    TANGSHAN,
    XINJI,
    XIONGAN,
    Person,
    Placed,
)

TEXTS = re.compile(
    r"/admin/[a-z]+/[a-z]+/[^/\"?]+/|[\u4e00-\u9fff]\d{4}某|zh\d{3}q|庚\d{3}辛|91[0-9A-Z]{16}"
    r"|冀信[\u4e00-\u9fff]{1,2}〔\d{4}〕[0-9A-Z]+-\d{4}"
)
"""What the texts look like by which things are known."""
REFERENCE = dt.date(2025, 12, 31)
DECIDED = dt.date(2025, 6, 1)
ENDED = dt.date(2025, 9, 1)
COUNTIES = (CHANGAN, QIAOXI, LUNAN, DINGZHOU, XINJI, RONGCHENG)
ENVIRONMENT = "生态环境部门"
AT_LEAD = (
    "lead_clerk", "lead_approver", "reader", "inspector", "system_admin", "security_admin",
    "audit_admin",
)  # fmt: skip
AT_DEPARTMENT = (
    "department_clerk", "department_approver", "reader", "inspector", "inspection_supervisor",
)  # fmt: skip
EVERY_ROLE = (CHANGAN, SHIJIAZHUANG, PROVINCE)
"""A county, its city and the province have somebody in every role."""
OTHERS = {
    **dict.fromkeys(
        (QIAOXI, LUNAN),
        (("lead_clerk", "lead_approver", "security_admin", "audit_admin"), AT_DEPARTMENT[:2]),
    ),
    **dict.fromkeys(
        (DINGZHOU, XINJI, RONGCHENG), (("lead_clerk", "lead_approver"), AT_DEPARTMENT[:2])
    ),
    TANGSHAN: (("lead_clerk", "security_admin"), ()),
    BAODING: (("lead_clerk", "security_admin"), ()),
    XIONGAN: (("lead_clerk",), ()),
}


def _cast() -> dict[str, tuple[tuple[str, str, str], ...]]:
    """Everybody with one post, and those with two, by a name that says where and what."""
    found = {}
    for region in EVERY_ROLE:
        for role in AT_LEAD:
            found[f"{region}-{LEAD}-{role}"] = ((role, region, LEAD),)
        for role in AT_DEPARTMENT:
            found[f"{region}-{DEPARTMENT}-{role}"] = ((role, region, DEPARTMENT),)
    for region, (leads, departments) in OTHERS.items():
        found |= {f"{region}-{LEAD}-{role}": ((role, region, LEAD),) for role in leads}
        found |= {
            f"{region}-{DEPARTMENT}-{role}": ((role, region, DEPARTMENT),) for role in departments
        }
    return found | {
        "environment": (("department_clerk", CHANGAN, ENVIRONMENT),),
        "reads-there-inspects-here": (
            ("reader", LUNAN, DEPARTMENT),
            ("inspector", CHANGAN, LEAD),
        ),
        "clerk-of-two": (
            ("department_clerk", CHANGAN, DEPARTMENT),
            ("department_clerk", LUNAN, DEPARTMENT),
        ),
        "clerk-here-reads-there": (("lead_clerk", CHANGAN, LEAD), ("reader", LUNAN, LEAD)),
    }


POSTED = _cast()
WITHOUT = (
    "former", "coming", "switched-off", "idle", "agency-ended", "speaks", "spoke", "speaks-there",
    "speaks-for-two",
)  # fmt: skip
"""Those who hold no post today, for the one reason or the other."""
CAST = (*POSTED, *WITHOUT)
WALK = (
    *(name for name in POSTED if name.startswith(CHANGAN)),
    *(f"{SHIJIAZHUANG}-lead-{role}" for role in ("lead_clerk", "security_admin", "audit_admin")),
    f"{SHIJIAZHUANG}-department-department_clerk",
    *(f"{PROVINCE}-lead-{role}" for role in ("lead_clerk", "lead_approver", *AT_LEAD[4:])),
    f"{PROVINCE}-department-department_clerk",
    *(f"{region}-lead-lead_clerk" for region in (QIAOXI, LUNAN, TANGSHAN, BAODING, DINGZHOU, XINJI, XIONGAN)),
    f"{LUNAN}-department-department_clerk", f"{QIAOXI}-lead-security_admin",
    "environment", "reads-there-inspects-here", "clerk-of-two", "clerk-here-reads-there", "former",
    "switched-off", "speaks",
)  # fmt: skip
"""Who stands where nobody else does with the same rights; the others act, and walk when all do."""
SPEAKING = ("speaks", "speaks-there", "speaks-for-two")
EXHAUSTIVE = os.environ.get("SIDE_DOORS") == "all"
"""Everybody, every row and every value, by hand."""
HANDS = CAST if EXHAUSTIVE else (
    *(f"{CHANGAN}-lead-{role}" for role in AT_LEAD if role != "inspector"),
    *(f"{CHANGAN}-department-{role}" for role in AT_DEPARTMENT[:3]),
    *(f"{SHIJIAZHUANG}-lead-{role}" for role in ("lead_clerk", "security_admin")),
    *(f"{PROVINCE}-lead-{role}" for role in ("lead_clerk", "lead_approver", "security_admin")),
    *(f"{LUNAN}-{role}" for role in ("lead-lead_clerk", "department-department_clerk")),
    f"{DINGZHOU}-lead-lead_clerk", "clerk-of-two", "former", "speaks", "speaks-there",
)  # fmt: skip
"""Of those who walk, who try every act: each kind of hand, here and there."""
ON_SQLITE = connection.vendor == "sqlite"
WALKERS = CAST if EXHAUSTIVE else WALK if ON_SQLITE else HANDS
"""On PostgreSQL each kind of hand: its statements are others, who may what is the same."""


@dataclass
class World:
    """Who is there as the portal has them and as the oracle has them, and what is there."""

    users: dict[str, User] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)
    things: list[Placed] = field(default_factory=list)
    numbers: int = 0
    typed: dict[int, frozenset[str]] = field(default_factory=dict)
    """What stands in the files that were sent in."""
    texts: frozenset[str] = frozenset()
    """Every text that gives a thing away."""

    @classmethod
    def make(cls) -> World:
        world = cls()
        for load in (
            roster_reference.load_reference, load_workdays, records.load_reference,
            grading_reference.load_reference,
        ):  # fmt: skip
            load(by=OPERATOR)
        world._people()
        world._rows()
        world.look()
        return world

    # --- people -----------------------------------------------------------------------------------

    def _people(self) -> None:
        for name, posts in POSTED.items():
            user = self._account(name)
            for role, region, kind in posts:
                post(user, _agency(region, kind), role)
        for name in WITHOUT:
            self._account(name)
        gone = Agency.objects.create(
            code="gone", name="已撤并部门", region_id=CHANGAN, kind="department", until=ENDED
        )
        post(self.users["former"], lead(CHANGAN), "lead_clerk")
        post(self.users["coming"], lead(CHANGAN), "lead_clerk", since=dt.date(2999, 1, 1))
        post(self.users["switched-off"], lead(CHANGAN), "lead_clerk")
        post(self.users["agency-ended"], gone, "reader")

    def _account(self, name: str) -> User:
        number = len(self.users)
        self.users[name] = User.objects.create_user(
            f"zh{number:03d}q", password=PASSWORD, full_name=f"庚{number:03d}辛"
        )
        return self.users[name]

    def person(self, name: str) -> User:
        """The account as somebody signed in afresh has it."""
        return User.objects.get(pk=self.users[name].pk)

    # --- rows -------------------------------------------------------------------------------------

    def _rows(self) -> None:
        for region in COUNTIES:
            self.fill(region)
        self.register(PROVINCE, CHANGAN, affiliation="central")
        self.register(PROVINCE, LUNAN, affiliation="central")
        self.register(SHIJIAZHUANG, CHANGAN, affiliation="city")
        self.register(TANGSHAN, LUNAN, affiliation="city")
        self.register(XIONGAN, RONGCHENG, affiliation="city")
        goes, comes = self.register(CHANGAN), self.register(LUNAN)
        left = self.register(CHANGAN)
        self.give(CHANGAN, goes)
        self.give(LUNAN, comes)
        there = Enterprise.objects.filter(keeper=LUNAN).earliest("code").pk
        here = Enterprise.objects.filter(keeper=CHANGAN).earliest("code").pk
        self.give(CHANGAN, there)  # about an enterprise of another city
        self.give(LUNAN, here)
        self.give(CHANGAN, here, kind=ENVIRONMENT, by="environment")
        strays = self.give(LUNAN, self.register(LUNAN))
        self._runs()
        self._standard()
        self.change(CHANGAN, goes, region_id=LUNAN)
        self.change(LUNAN, goes, name=self.text("改"))
        self.change(LUNAN, comes, region_id=CHANGAN)
        self.change(CHANGAN, left, status="4", status_on=DECIDED)
        self._moved_record(strays, here)
        beside = Enterprise.objects.filter(keeper=QIAOXI).earliest("code").pk
        hidden = self.register(LUNAN)
        self._moved_record(self.give(LUNAN, beside), hidden)
        self._moved_record(self.give(LUNAN, beside), hidden, decided=False)
        moving = self.register(CHANGAN)
        provincial = Enterprise.objects.filter(keeper=PROVINCE).earliest("code").pk
        self._speakers(here, there, provincial, moving)
        Filings(self).make(here, there, provincial, moving)
        self.change(CHANGAN, moving, region_id=LUNAN)
        self.change(LUNAN, moving, name=self.text("改"))
        self._requests()
        self.file("former", "roster", [ROSTER, self._line(here)])
        self.file("clerk-of-two", "penalties", [PENALTIES, self._penalty(LUNAN, there)])
        self.file(f"{CHANGAN}-lead-lead_clerk", "roster", [ROSTER, self._line(there)])
        self._files_taken_in(here, there)
        accounts.change_own_password(by=self.person("clerk-of-two"), password="own-word-2026-x")
        Posting.objects.filter(user=self.users["former"]).update(until=ENDED)
        User.objects.filter(pk=self.users["switched-off"].pk).update(is_active=False)

    def fill(self, region: str) -> None:
        """One of everything that a county has."""
        own, second = self.register(region), self.register(region)
        department_clerk = f"{region}-department-department_clerk"
        first, taken_down = self.give(region, own), self.give(region, own)
        self.give(region, own, serious_claimed=True)
        records.retract_record(
            by=self.person(department_clerk), record_id=taken_down, reason=self.text("撤")
        )
        corrections.change_record(
            by=self.person(department_clerk), record_id=first, kind=ProposalKind.WITHDRAW,
            changes={}, reason=self.text("议"), on=localdate(),
        )  # fmt: skip
        corrections.change_registration(
            by=self.person(f"{region}-lead-lead_clerk"), code=second, reason=self.text("登"),
            changes={"status": "2", "status_on": DECIDED}, on=localdate(), version=1,
        )  # fmt: skip
        self.file(f"{region}-lead-lead_clerk", "roster", [ROSTER, self._line(own), self._bad(own)])
        self.file(department_clerk, "penalties", [PENALTIES, self._penalty(region, own)])

    def text(self, sign: str) -> str:
        """A text that stands nowhere else."""
        self.numbers += 1
        return f"{sign}{self.numbers:04d}某"

    def register(self, unit: str, region: str = "", **given: Any) -> str:
        """A new enterprise on a unit's roster, registered by the unit's own clerk."""
        self.numbers += 1
        key = code(self.numbers)
        register_enterprise(
            by=self.person(f"{unit}-lead-lead_clerk"), code=key, on=localdate(),
            source="页面登记",
            given={
                "name": self.text("企"), "address": self.text("址"),
                "legal_representative": self.text("法"), "region_id": region or unit, **given,
            },
        )  # fmt: skip
        return key

    def change(self, unit: str, enterprise: str, **given: Any) -> None:
        """News about an enterprise of a unit's roster."""
        register_enterprise(
            by=self.person(f"{unit}-lead-lead_clerk"), code=enterprise, given=given, on=localdate(),
            source="页面登记", version=Enterprise.objects.get(pk=enterprise).version,
        )  # fmt: skip

    def give(
        self,
        region: str,
        enterprise: str,
        *,
        kind: str = DEPARTMENT,
        by: str = "",
        kind_id: str = "penalty_other",
        **given: Any,
    ) -> int:
        """A penalty by an authority of a region."""
        authority = _agency(region, kind).pk
        said = Given(
            enterprise_id=enterprise, kind_id=kind_id, authority_id=authority,
            provider_id=authority, decided_on=DECIDED, number=self.text("罚"),
            facts=self.text("实"), **given,
        )  # fmt: skip
        clerk = self.person(by or f"{region}-department-department_clerk")
        return records.give_record(by=clerk, given=said, source="页面登记", on=localdate()).pk

    def file(self, name: str, layout: str, rows: list[list[object]]) -> int:
        """A file of somebody's, checked, that waits for its confirmation."""
        told = " ".join(str(cell) for row in rows for cell in row)
        batch = intake.receive(
            by=self.person(name), layout_key=layout, name=f"{self.text('表')}.csv",
            stream=csv_file(rows),
        )  # fmt: skip
        self.typed[batch.pk] = frozenset(TEXTS.findall(told))
        return intake.check_batch(batch.pk, pause=0).pk

    def _line(self, enterprise: str) -> list[object]:
        row = Enterprise.objects.get(pk=enterprise)
        return [row.name, row.pk, row.region_id, "歇业", "2019-05-06"]

    def _bad(self, enterprise: str) -> list[object]:
        return [self.text("误"), enterprise[:-1], "", "存续", "2019-05-06"]

    def _penalty(self, region: str, enterprise: str) -> list[object]:
        name = Enterprise.objects.get(pk=enterprise).name
        authority = _agency(region, DEPARTMENT).name
        return [
            name, enterprise, "", self.text("罚"), "罚款", "罚款一千元", "2025-07-01", authority, "",
        ]  # fmt: skip

    def _runs(self) -> None:
        """The province's yearly run in every state a part can have, and a trial run of 唐山's own."""
        run = grading.open_run(
            by=self.person(f"{PROVINCE}-lead-lead_clerk"), kind="annual",
            reference_date=REFERENCE, on=localdate(),
        )  # fmt: skip
        grading.work(run.pk)
        for region in (PROVINCE, CHANGAN, LUNAN, DINGZHOU):
            part = RosterRun.objects.get(run=run, region=region)
            clerk = self.person(f"{region}-lead-lead_clerk")
            grading.review_part(by=clerk, part_id=part.pk, digest=part.digest)
            if region != DINGZHOU:
                approver = self.person(f"{region}-lead-lead_approver")
                grading.publish_part(by=approver, part_id=part.pk, digest=part.digest)
        grading.ask_withdrawal(
            by=self.person(f"{LUNAN}-lead-lead_clerk"),
            part_id=RosterRun.objects.get(run=run, region=LUNAN).pk, reason=self.text("废"),
        )  # fmt: skip
        trial = grading.open_run(
            by=self.person(f"{TANGSHAN}-lead-lead_clerk"), kind="ad_hoc", on=localdate(),
            reference_date=dt.date(2026, 1, 31), regions=[LUNAN],
        )  # fmt: skip
        grading.work(trial.pk)

    def _files_taken_in(self, here: str, there: str) -> None:
        """Files that were taken in: one at the server, one that may be asked back, and two that
        wait for their second person. An enterprise of the last has since gone to another city."""
        intake.take_in(by=OPERATOR, layout_key="penalties", name=f"{self.text('表')}.csv",
                       stream=csv_file([PENALTIES, self._penalty(LUNAN, there)]))  # fmt: skip
        goes = self.register(CHANGAN)
        files = [
            self.taken_in(
                f"{LUNAN}-department-department_clerk", "penalties", self._penalty(LUNAN, there)
            ),
            self.taken_in("clerk-of-two", "penalties", self._penalty(CHANGAN, here)),
            self.taken_in(f"{CHANGAN}-lead-lead_clerk", "roster", self._line(goes)),
        ]
        self.change(CHANGAN, goes, region_id=LUNAN)
        self.change(LUNAN, goes, name=self.text("改"))
        for batch in files[1:]:
            uploader = User.objects.get(username=Batch.objects.get(pk=batch).uploader)
            taking_back.ask(by=uploader, batch_id=batch, reason=self.text("退"))
            taking_back.weigh(batch)

    def taken_in(self, name: str, layout: str, line: list[object]) -> int:
        """A file that its uploader has confirmed and a worker has written."""
        batch = self.file(name, layout, [ROSTER if layout == "roster" else PENALTIES, line])
        key = Batch.objects.get(pk=batch).confirm_key
        intake.confirm_batch(by=self.person(name), batch_id=batch, key=key)
        return intake.merge_batch(batch).pk

    def _standard(self) -> None:
        clerk = self.person(f"{PROVINCE}-lead-lead_clerk")
        draft = copy_scheme(by=clerk, scheme_id=Scheme.objects.newest_published().pk)
        Scheme.objects.filter(pk=draft.pk).update(title=self.text("标"))

    def _moved_record(self, record: int, to: str, *, decided: bool = True) -> None:
        """A record given about the wrong enterprise: put right, it is another city's business."""
        waiting = corrections.change_record(
            by=self.person(f"{LUNAN}-department-department_clerk"), record_id=record,
            kind=ProposalKind.CORRECT, changes={"enterprise_id": to}, reason=self.text("误"),
            on=localdate(),
        )  # fmt: skip
        assert isinstance(waiting, Proposal)
        if not decided:
            return
        corrections.decide_change(
            by=self.person(f"{LUNAN}-department-department_approver"), proposal_id=waiting.pk,
            agree=True, reason="", on=localdate(),
        )  # fmt: skip

    def _speakers(self, here: str, there: str, *two: str) -> None:
        security = self.person(f"{PROVINCE}-lead-security_admin")
        pairs = [("speaks", here), ("spoke", here), ("speaks-there", there)]
        for name, enterprise in (*pairs, *(("speaks-for-two", one) for one in two)):
            accounts.represent(by=security, user=self.users[name], code=enterprise, since=LONG_AGO)
        Representative.objects.filter(user=self.users["spoke"]).update(until=ENDED)

    def _requests(self) -> None:
        """To speak for enterprises of two cities, of the province and of nobody; in two counties one
        that was granted and one that was refused as well."""
        for region in (CHANGAN, LUNAN):
            clerk = self.person(f"{region}-lead-lead_clerk")
            first, second, third = Enterprise.objects.filter(keeper=region).order_by("pk")[:3]
            self.ask(first.pk)
            granted, refused = self.ask(second.pk), self.ask(third.pk)
            bindings.approve_binding(by=clerk, binding_id=granted, on=localdate())
            bindings.refuse_binding(
                by=clerk, binding_id=refused, refusal="other", reason=self.text("拒")
            )
        self.ask(Enterprise.objects.filter(keeper=PROVINCE).earliest("code").pk)
        self.numbers += 1
        self.ask(code(self.numbers))

    def ask(self, enterprise: str) -> int:
        """A request by somebody who has registered for it."""
        proof = evidence.examine(io.BytesIO(pdf()), name=f"{self.text('证')}.pdf")
        return bindings.ask_binding(
            by=register_account(full_name="某人", password=PASSWORD), code=enterprise,
            name=self.text("称"), proof=proof, on=localdate(),
        ).pk  # fmt: skip

    # --- as the oracle has it ---------------------------------------------------------------------

    def look(self) -> None:
        """Read the rows again and say of each what it is and by which texts it is known."""
        self._called = {user.username: user.full_name for user in User.objects.all()}
        self.people = {name: self._as_person(name) for name in CAST}
        enterprises = self._enterprises()
        parts = {part.pk: _part(part) for part in RosterRun.objects.all()}
        self.things = [
            *(self._enterprise(row, enterprises) for row in Enterprise.objects.all()),
            *(self._stay(row, enterprises) for row in RosterEntry.objects.all()),
            *(self._record(row, enterprises) for row in _records()),
            *(self._proposal(row, enterprises) for row in Proposal.objects.all()),
            *(self._part(row, parts) for row in RosterRun.objects.all()),
            *(self._run(row, parts) for row in Run.objects.all()),
            *(self._rating(row, enterprises, parts) for row in _ratings()),
            *(self._batch(row) for row in Batch.objects.all()),
            *(self._user(row) for row in User.objects.all()),
            *(self._posting(row) for row in Posting.objects.select_related("agency", "user")),
            *(self._representation(row) for row in Representative.objects.select_related("user")),
            *(self._scheme(row) for row in Scheme.objects.all()),
            *(self._request(row) for row in Binding.objects.select_related("user", "proof")),
            *self._of_cases(enterprises),
        ]
        self.things += [self._event(event) for event in Event.objects.all()]
        self.texts = frozenset().union(*(one.marks for one in self.things))

    def texts_in(self, page: str) -> set[str]:
        """The texts on a page that give a thing away."""
        return set(TEXTS.findall(page)) & self.texts

    def readable(self, person: Person) -> frozenset[str]:
        """The texts that may stand on a person's page: of what the person sees, and the own name."""
        own = next(name for name, one in self.people.items() if one == person)
        seen = (one.marks for one in self.things if oracle.sees(person, one.thing))
        theirs = (one.own_marks for one in self.things if oracle.owns(person, one.thing))
        return self._names(self.users[own].username).union(*seen, *theirs)

    def grounds(self, code: str) -> frozenset[str]:
        """What the reasons of a grade name beside the enterprise: the records it was made from,
        and why it was made again. A grade and its reasons belong together."""
        about = Record.objects.filter(enterprise=code)
        told = about.values_list("number", "retract_reason")
        causes = Rating.objects.filter(enterprise=code, correction__isnull=False)
        people = causes.values_list("correction__cause", "correction__made_by")
        return frozenset(text for row in (*told, *people) for text in row) - {""}

    def of(self, model: str) -> list[Placed]:
        return [one for one in self.things if one.model == model]

    def _as_person(self, name: str) -> Person:
        account = self.users[name].username
        posts = tuple(
            oracle.Post(role, region, _agency(region, kind).code, kind == LEAD)
            for role, region, kind in POSTED.get(name, ())
        )
        spoken = name in SPEAKING
        codes = Representative.objects.filter(user__username=account) if spoken else ()
        return Person(account, posts, frozenset(row.enterprise_id for row in codes))

    def _names(self, *accounts: str) -> frozenset[str]:
        """The accounts and the names of people who had a part in something."""
        called = {self._called[one] for one in accounts if one in self._called}
        return frozenset({one for one in accounts if one in self._called} | called)

    def _actors(self, row: Any) -> frozenset[str]:
        """Everybody whom the history of a row names."""
        told = Event.objects.for_target(row).values_list("actor", flat=True)
        return self._names(*told)

    def _enterprises(self) -> dict[str, oracle.Enterprise]:
        return {
            row.pk: oracle.Enterprise(
                code=row.pk,
                home=row.keeper_id or row.region_id or PROVINCE,
                region=row.region_id or PROVINCE,
                deciders=frozenset(
                    Record.objects.filter(enterprise=row.pk, retracted_at=None).values_list(
                        "authority__code", flat=True
                    )
                ),
            )
            for row in Enterprise.objects.all()
        }

    def _enterprise(self, row: Enterprise, known: dict[str, oracle.Enterprise]) -> Placed:
        people = row.registrations.values_list("recorded_by", flat=True)
        texts = {row.pk, row.name, row.address, row.legal_representative, _url(row)}
        texts |= set(row.registrations.values_list("name", flat=True))
        texts |= _decided(case__enterprise=row)
        names = self._names(*people) | self._actors(row)
        return Placed(
            known[row.pk], "roster.enterprise", row.pk, frozenset(texts) | names,
            frozenset(texts - {_url(row)}),
        )  # fmt: skip

    def _stay(self, row: RosterEntry, known: dict[str, oracle.Enterprise]) -> Placed:
        stay = oracle.Stay(known[row.enterprise_id], row.region_id)
        texts = frozenset({row.enterprise_id, _url(row)}) | self._names(row.recorded_by)
        return Placed(stay, "roster.rosterentry", str(row.pk), texts)

    def _record(self, row: Record, known: dict[str, oracle.Enterprise]) -> Placed:
        record = _as_record(row, known)
        texts = {row.number, row.facts, row.enterprise_id, row.enterprise.name, _url(row)}
        texts |= {row.retract_reason} - {""}
        texts |= _told(list(row.marks.values_list("reference", flat=True)))
        texts |= _decided(case__items__record=row)
        names = self._names(row.recorded_by, row.retracted_by) | self._actors(row)
        return Placed(
            record, "records.record", str(row.pk), frozenset(texts) | names,
            frozenset(texts - {_url(row)}),
        )  # fmt: skip

    def _proposal(self, row: Proposal, known: dict[str, oracle.Enterprise]) -> Placed:
        about = _as_record(row.record, known) if row.record else known[row.enterprise_id]
        texts = {row.reason, row.enterprise_id, row.enterprise.name, _url(row)}
        texts |= {row.record.number, _url(row.record)} if row.record else set()
        names = self._names(row.proposed_by, row.decided_by) | self._actors(row)
        return Placed(
            oracle.Proposal(about, row.proposed_by), "grading.proposal", str(row.pk),
            frozenset(texts) | names,
        )  # fmt: skip

    def _part(self, row: RosterRun, known: dict[int, oracle.Part]) -> Placed:
        texts = {_url(row), *(rating.enterprise_id for rating in row.ratings.all())}
        texts |= {row.withdraw_reason} - {""}
        names = self._actors(row) | self._names(row.run.started_by)
        return Placed(known[row.pk], "grading.rosterrun", str(row.pk), frozenset(texts) | names)

    def _run(self, row: Run, known: dict[int, oracle.Part]) -> Placed:
        run = oracle.Run(tuple(known[part.pk] for part in row.parts.all()))
        texts = frozenset({_url(row)}) | self._names(row.started_by)
        return Placed(run, "grading.run", str(row.pk), texts)

    def _rating(
        self, row: Rating, known: dict[str, oracle.Enterprise], parts: dict[int, oracle.Part]
    ) -> Placed:
        rating = oracle.Rating(known[row.enterprise_id], parts[row.part_id])
        texts = {_url(row), row.enterprise_id, row.enterprise.name}
        texts |= _told(row.correction.cause) if row.correction else set()
        return Placed(
            rating, "grading.rating", str(row.pk), frozenset(texts),
            frozenset(texts - {_url(row)}),
        )  # fmt: skip

    def _batch(self, row: Batch) -> Placed:
        agencies = frozenset(row.units.strip("|").split("|")) - {""}
        topic = "roster" if row.layout == "roster" else "records"
        asked = row.take_backs.first()
        batch = oracle.Batch(topic, agencies, row.uploader, asked.proposed_by if asked else "")
        texts = {row.name.removesuffix(".csv"), _url(row)} | self.typed.get(row.pk, set())
        texts |= {asked.reason} if asked else set()
        return Placed(
            batch, "intake.batch", str(row.pk), frozenset(texts) | self._names(row.uploader)
        )

    def _user(self, row: User) -> Placed:
        posts = list(row.postings.select_related("agency"))
        lasting = [one for one in posts if one.until is None]
        homes = {one.agency.region_id for one in lasting or posts} or {PROVINCE}
        places = {one.agency.region_id for one in posts}
        account = oracle.Account(row.username, frozenset(places), frozenset(homes))
        texts = frozenset({_url(row)}) | self._names(row.username) | self._actors(row)
        return Placed(account, "roster.user", str(row.pk), texts)

    def _posting(self, row: Posting) -> Placed:
        posting = oracle.Posting(row.user.username, row.agency.region_id)
        texts = frozenset({_url(row)}) | self._names(row.user.username) | self._actors(row)
        return Placed(posting, "roster.posting", str(row.pk), texts)

    def _representation(self, row: Representative) -> Placed:
        texts = frozenset({_url(row), row.enterprise_id}) | self._names(row.user.username)
        return Placed(
            oracle.Representation(row.user.username), "roster.representative", str(row.pk), texts
        )

    def _request(self, row: Binding) -> Placed:
        known = Enterprise.objects.filter(pk=row.code).first()
        texts = {_url(row), row.name, row.code, row.proof.name.removesuffix(".pdf"), row.reason}
        names = self._names(row.user.username, row.decided_by)
        return Placed(
            oracle.Request((known and known.keeper_id) or PROVINCE), "roster.binding", str(row.pk),
            frozenset(texts - {""}) | names,
        )  # fmt: skip

    # --- cases and what goes with them --------------------------------------------------------------

    def _of_cases(self, known: dict[str, oracle.Enterprise]) -> Iterable[Placed]:
        cases = {row.pk: _as_case(row, known) for row in Case.objects.all()}
        yield from (self._case(row, cases) for row in Case.objects.all())
        yield from (self._item(row, cases) for row in CaseItem.objects.all())
        yield from (self._verification(row, cases) for row in Verification.objects.all())
        yield from (self._draft(row) for row in Draft.objects.all())
        yield from (self._notice(row) for row in Notice.objects.all())
        yield from (self._letter(row) for row in Letter.objects.all())

    def _case(self, row: Case, known: dict[int, oracle.Case]) -> Placed:
        asked, letters = list(row.verifications.all()), list(Letter.objects.about(row))
        steps = list(row.steps.all())
        applicant = self._names(row.applicant.username)
        texts = _said_in(row) | _told(
            [step.reason for step in steps], [letter.number for letter in letters],
            row.reviewed_case and row.reviewed_case.number,
        )  # fmt: skip
        deeds = _told([(one.question, one.opinion, one.extension_reason) for one in asked])
        people = self._names(*(step.taken_by for step in steps)).union(
            *(self._actors(one) for one in (row, *asked))
        )
        links = {_url(one) for one in (row, *asked, *letters)}
        return Placed(
            known[row.pk], "objections.case", str(row.pk),
            texts | deeds | people | applicant | links,
            texts | deeds | frozenset({row.applicant.full_name}),
        )  # fmt: skip

    def _item(self, row: CaseItem, known: dict[int, oracle.Case]) -> Placed:
        record = row.record and (row.record.number, row.record.authority.name)
        texts = _told(row.case.number, row.case.enterprise.name, row.case.enterprise_id, record)
        return Placed(known[row.case_id], "objections.caseitem", str(row.pk), texts | {_url(row)})

    def _verification(self, row: Verification, known: dict[int, oracle.Case]) -> Placed:
        """Of the case what is said of the department's own records, and no more."""
        asked = oracle.Verification(known[row.case_id], row.agency.code, row.agency.region_id)
        texts = _said_in(row.case, of=row.agency) | _told(
            row.question, row.opinion, row.extension_reason
        )
        people = self._names(row.asked_by, row.answered_by) | self._actors(row)
        return Placed(asked, "objections.verification", str(row.pk), texts | people | {_url(row)})

    def _draft(self, row: Draft) -> Placed:
        enterprise = row.enterprise
        texts = _told(
            row.content, [one.file.name for one in row.files.all()], enterprise.pk,
            enterprise.name, row.case and row.case.number,
            row.reviewed_case and row.reviewed_case.number,
        )  # fmt: skip
        draft = oracle.Draft(row.enterprise_id, row.user.username)
        return Placed(draft, "objections.draft", str(row.pk), texts, texts)

    def _notice(self, row: Notice) -> Placed:
        told = oracle.Notice(
            row.enterprise_id or "", row.agency.code if row.agency else "", row.permission,
            row.user.username if row.user else "",
        )  # fmt: skip
        texts = _told(row.said)
        about = f"/admin/{row.about_type.replace('.', '/')}/{row.about_id}/"
        return Placed(told, "notices.notice", str(row.pk), texts | {_url(row), about}, texts)

    def _letter(self, row: Letter) -> Placed:
        letter = oracle.Letter(row.enterprise_id, row.agency.region_id)
        texts = _told(row.number, row.enterprise_id, row.enterprise.name)
        return Placed(letter, "notices.letter", str(row.pk), texts | {_url(row)}, texts)

    def _scheme(self, row: Scheme) -> Placed:
        texts = frozenset({_url(row), row.title} if row.is_draft else ())
        return Placed(oracle.Reference(row.is_draft), "grading.scheme", str(row.pk), texts)

    def _event(self, row: Event) -> Placed:
        told = json.dumps([row.details, row.target_label, row.target_id], ensure_ascii=False)
        regions = frozenset(row.region.split("、")) - {""}
        texts = frozenset({*TEXTS.findall(told), _url(row)}) | self._names(row.actor)
        return Placed(oracle.Event(regions), "audit.event", str(row.pk), texts)


def _agency(region: str, kind: str) -> Agency:
    if kind == LEAD:
        return lead(region)
    return department(region) if kind == DEPARTMENT else department(region, kind)


def _url(row: Any) -> str:
    """Where a row's pages are: its key as every link has it."""
    return f"/admin/{row._meta.label_lower.replace('.', '/')}/{row.pk}/"


def _part(row: RosterRun) -> oracle.Part:
    return oracle.Part(
        row.region_id, row.published_at is not None, row.reviewed_by, row.withdrawn_by
    )


def _told(*said: Any) -> frozenset[str]:
    """The texts in something that is said."""
    return frozenset(TEXTS.findall(json.dumps(said, ensure_ascii=False, default=str)))


def _decided(**of: Any) -> frozenset[str]:
    """Why cases about something were decided as they were: it stands in the history of what was
    marked, corrected and graded by that."""
    steps = CaseStep.objects.filter(action="decide", **of)
    return _told(list(steps.values_list("reason", "case__number")))


def _said_in(case: Case, *, of: Agency | None = None) -> frozenset[str]:
    """What a case says; of the records of one department alone, when one is named."""
    items = case.items.select_related("record")
    if of is not None:
        items = items.filter(record__authority=of)
    told = [
        (
            item.claims, item.explanation, item.finding_reason, item.corrections,
            item.outcome_reason, item.record and (item.record.number, item.record.facts),
        )
        for item in items
    ]  # fmt: skip
    files = [row.file.name for row in case.files.select_related("file")]
    enterprise = case.enterprise
    return _told(
        told, files, case.number, case.statement, case.agent, enterprise.pk, enterprise.name
    )


def _as_case(row: Case, known: dict[str, oracle.Enterprise]) -> oracle.Case:
    verified = row.steps.filter(action__in=("verify", "answer"))
    first = row.reviewed_case.steps.all() if row.reviewed_case else ()
    return oracle.Case(
        known[row.enterprise_id], row.unit_id,
        frozenset(step.taken_by for step in verified), frozenset(step.taken_by for step in first),
    )  # fmt: skip


def _records() -> Iterable[Record]:
    return Record.objects.select_related("enterprise", "authority")


def _ratings() -> Iterable[Rating]:
    return Rating.objects.select_related("enterprise", "correction")


def _as_record(row: Record, known: dict[str, oracle.Enterprise]) -> oracle.Record:
    return oracle.Record(
        known[row.enterprise_id], row.authority.code, row.authority.region_id, row.recorded_by
    )
