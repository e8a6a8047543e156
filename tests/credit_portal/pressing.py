"""Every form that changes something, as a person has it before them: opened and filled in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from grading import corrections, services
from grading.enums import ProposalKind, RunState
from grading.models import Proposal, RosterRun, Run, RunSchedule, Scheme
from grading.schemes import copy_scheme
from intake import taking_back
from intake.models import Batch
from intake.services import check_batch, confirm_batch, merge_batch
from records.models import Record
from roster.models import Industry, Posting, Region, Representative, User
from roster.second_factor import set_up_second_factor
from roster.services import override_place
from tests.browser import Browser, Form, forms_of, needs_key
from tests.factories import files
from tests.factories.grading import OPERATOR, TODAY, County, code, load_reference, person
from tests.factories.roster import signed_in


@dataclass
class Filled:
    """A form in somebody's browser, with what they have filled in."""

    who: User
    form: Form
    given: dict[str, Any] = field(default_factory=dict)
    cookie: str = ""

    def sent(self) -> dict[str, Any]:
        """What the browser sends; a file is read again each time."""
        said = {
            name: SimpleUploadedFile(*value) if isinstance(value, tuple) else value
            for name, value in self.given.items()
        }
        return self.form.fields | said

    def press(self) -> Any:
        return self.ready()()

    def ready(self) -> Callable[[], Any]:
        """The person has signed in once, and the finger is on the button: every press comes with
        the cookie of before the first, as after an answer that got lost."""
        browser = Browser()
        if not self.cookie:
            browser = signed_in(User.objects.get(pk=self.who.pk))
            self.cookie = browser.cookies[settings.SESSION_COOKIE_NAME].value
        browser.cookies[settings.SESSION_COOKIE_NAME] = self.cookie
        return lambda: browser.post(self.form.action, self.sent())


class World:
    """A province whose counties are taken one by one, so that no form is in another's way."""

    def __init__(self) -> None:
        load_reference()
        counties = Region.objects.filter(level="county", code__regex="^1301|^1302|^1303|^1304")
        self.left = iter(counties.order_by("code").values_list("code", flat=True))
        self.province = County.make("130000")
        self.system = person("system-admin", self.province.agency, "system_admin")
        self.security = person("security-admin", self.province.agency, "security_admin")

    def county(self) -> County:
        """Another county, with one enterprise on its roster."""
        county = County.make(next(self.left))
        county.register([self.code(county)])
        return county

    def code(self, county: County) -> str:
        """The enterprise of a county."""
        return code(1, division=county.region)

    def browser(self, who: User) -> Browser:
        return signed_in(who)

    def filled(self, who: User, page: str, action: str = "", **given: Any) -> Filled:
        return Filled(who, self.browser(who).form(page, action), given)


def url(name: str, *args: object) -> str:
    return reverse(f"admin:{name}", args=args)


FORMS: dict[str, Callable[[World], Filled]] = {}
"""By what is done: how the form comes about."""
ADDRESSES: dict[str, str] = {}
"""By what is done: the name of the address the form is sent to."""


def form(address: str) -> Callable[[Any], Any]:
    def enter(build: Callable[[World], Filled]) -> Callable[[World], Filled]:
        FORMS[build.__name__], ADDRESSES[build.__name__] = build, address
        return build

    return enter


# --- enterprises -----------------------------------------------------------------------------------


@form("admin:roster_enterprise_add")
def enterprise_added(world: World) -> Filled:
    county = world.county()
    return world.filled(
        county.clerk, url("roster_enterprise_add"), name="新设有限公司", region=county.region,
        code=code(2, division=county.region),
    )  # fmt: skip


@form("admin:roster_enterprise_change")
def enterprise_changed(world: World) -> Filled:
    county = world.county()
    page = url("roster_enterprise_change", world.code(county))
    return world.filled(county.clerk, page, name="改名有限公司")


@form("admin:roster_enterprise_place")
def enterprise_placed(world: World) -> Filled:
    county = world.county()
    page = url("roster_enterprise_place", world.code(county))
    return world.filled(county.clerk, page, region=county.region, reason="开发区企业")


@form("admin:roster_enterprise_release")
def enterprise_released(world: World) -> Filled:
    county = world.county()
    override_place(
        by=county.clerk, code=world.code(county), region=county.region, level="county",
        reason="开发区企业", on=TODAY, version=1,
    )  # fmt: skip
    page = url("roster_enterprise_release", world.code(county))
    return world.filled(county.clerk, page, reason="开发区已撤销")


@form("admin:grading_proposal_registration")
def registration_corrected(world: World) -> Filled:
    county = world.county()
    page = url("grading_proposal_registration", world.code(county))
    return world.filled(county.clerk, page, legal_representative="赵一", reason="登记有误")


@form("admin:grading_proposal_registration")
def registration_proposed(world: World) -> Filled:
    county = world.county()
    page = url("grading_proposal_registration", world.code(county))
    return world.filled(county.clerk, page, status="9", reason="登记有误")


# --- people ----------------------------------------------------------------------------------------


@form("admin:roster_user_add")
def account_opened(world: World) -> Filled:
    return world.filled(
        world.security, url("roster_user_add"), username="fresh", full_name="新人",
        password="a-long-word-1",
    )  # fmt: skip


@form("admin:roster_user_change")
def account_changed(world: World) -> Filled:
    page = url("roster_user_change", world.county().clerk.pk)
    return world.filled(world.security, page, full_name="改名")


@form("admin:roster_user_password")
def password_set(world: World) -> Filled:
    page = url("roster_user_password", world.county().clerk.pk)
    return world.filled(world.security, page, password="new-long-word-7", again="new-long-word-7")


@form("admin:roster_user_second_factor")
def second_factor_reset(world: World) -> Filled:
    clerk = set_up_second_factor(by=world.county().clerk, secret="JBSWY3DPEHPK3PXP" * 2)
    return world.filled(world.security, url("roster_user_second_factor", clerk.pk))


@form("admin:password_change")
def own_password_changed(world: World) -> Filled:
    return world.filled(
        world.county().clerk, url("password_change"), old_password="pass",
        new_password1="my-own-word-42", new_password2="my-own-word-42",
    )  # fmt: skip


@form("admin:roster_posting_add")
def posted(world: World) -> Filled:
    county = world.county()
    user = User.objects.create_user(f"unposted-{county.region}")
    return world.filled(
        world.security, url("roster_posting_add"), user=user.pk, agency=county.agency.pk,
        role="reader", since="2026-01-01",
    )  # fmt: skip


@form("admin:roster_posting_end")
def post_ended(world: World) -> Filled:
    post = Posting.objects.get(user=world.county().clerk)
    return world.filled(world.security, url("roster_posting_end", post.pk), until="2026-01-01")


@form("admin:roster_representative_add")
def representative_added(world: World) -> Filled:
    county = world.county()
    user = User.objects.create_user(f"speaks-{county.region}")
    return world.filled(
        world.security, url("roster_representative_add"), user=user.pk, code=world.code(county),
        since="2026-01-01",
    )  # fmt: skip


@form("admin:roster_representative_end")
def representative_ended(world: World) -> Filled:
    county = world.county()
    row = Representative.objects.create(
        user=User.objects.create_user(f"spoke-{county.region}"),
        enterprise_id=world.code(county), since=dt.date(2025, 1, 1),
    )  # fmt: skip
    page = url("roster_representative_end", row.pk)
    return world.filled(world.security, page, until="2026-01-01")


# --- reference tables ------------------------------------------------------------------------------


@form("admin:roster_region_add")
def region_added(world: World) -> Filled:
    return world.filled(
        world.system, url("roster_region_add"), code="139901", name="新区", full_name="河北省新区",
        level="county", kind="county",
    )  # fmt: skip


@form("admin:roster_region_change")
def region_changed(world: World) -> Filled:
    return world.filled(world.system, url("roster_region_change", "130102"), name="长安")


@form("admin:roster_reporting_add")
def superior_set(world: World) -> Filled:
    return world.filled(
        world.system, url("roster_reporting_add"), region="130102", superior="130200",
        since="2027-01-01",
    )  # fmt: skip


@form("admin:roster_industry_add")
def industry_added(world: World) -> Filled:
    return world.filled(
        world.system, url("roster_industry_add"), code="9999", name="其他未列明", section="T"
    )


@form("admin:roster_industry_change")
def industry_changed(world: World) -> Filled:
    page = url("roster_industry_change", Industry.objects.latest("code").pk)
    return world.filled(world.system, page, name="改名行业")


@form("admin:roster_agency_add")
def agency_added(world: World) -> Filled:
    return world.filled(
        world.system, url("roster_agency_add"), code="dept-new", name="新设部门", region="130102",
        kind="department", field="other",
    )  # fmt: skip


@form("admin:roster_agency_change")
def agency_changed(world: World) -> Filled:
    page = url("roster_agency_change", world.county().authority.pk)
    return world.filled(world.system, page, name="改名部门")


@form("admin:workdays_limit_add")
def limit_set(world: World) -> Filled:
    return world.filled(
        world.system, url("workdays_limit_add"), code="a.limit", name="某时限", days="5",
        unit="workdays", source="某文件", since="2026-01-01",
    )  # fmt: skip


@form("admin:workdays_calendarday_load")
def calendar_loaded(world: World) -> Filled:
    table = "date,kind,festival\n" + "".join(
        f"2035-0{month}-01,休,{name}\n"
        for month, name in enumerate(("元旦", "春节", "清明节", "劳动节", "端午节", "中秋节", "国庆节"), 1)
    )  # fmt: skip
    page = url("workdays_calendarday_load")
    return world.filled(world.system, page, file=("2035.csv", table.encode()), source="国办发明电")


@form("admin:roster_industry_import")
def table_imported(world: World) -> Filled:
    page = url("roster_industry_import")
    browser = world.browser(world.system)
    file = SimpleUploadedFile("行业.csv", "代码,名称,门类\n9998,其他,T\n".encode())
    shown = browser.post(page, {"file": file})
    return Filled(world.system, only_form(shown, page))


def only_form(answer: Any, page: str) -> Form:
    """The form of a page that came as an answer."""
    (found,) = (one for one in forms_of(answer.content.decode(), page) if needs_key(one.action))
    return found


@form("admin:records_kind_add")
def kind_added(world: World) -> Filled:
    return world.filled(
        world.province.clerk, url("records_kind_add"), code="new_kind", name="新类别",
        category="general", shape="decision", counting_date="认定日期", clause="三（一）",
        order="99",
    )  # fmt: skip


@form("admin:records_kind_change")
def kind_changed(world: World) -> Filled:
    page = url("records_kind_change", "penalty_other")
    return world.filled(world.province.clerk, page, note="以公告为准")


# --- records ---------------------------------------------------------------------------------------


def given_record(world: World, kind: str = "penalty_other") -> tuple[County, Record]:
    county = world.county()
    return county, county.give(world.code(county), kind, "2025-03-01")


@form("admin:records_record_add")
def record_given(world: World) -> Filled:
    county = world.county()
    return world.filled(
        county.clerk, url("records_record_add"), enterprise_code=world.code(county),
        enterprise_name=f"虚构企业{world.code(county)[-9:]}", kind="penalty_other",
        authority=county.authority.pk, number="冀监罚〔2025〕8号", decided_on="2025-05-06",
    )  # fmt: skip


@form("admin:records_record_change")
def record_corrected(world: World) -> Filled:
    county, record = given_record(world)
    page = url("records_record_change", record.pk)
    return world.filled(county.clerk, page, content="新的摘要", reason="补录")


@form("admin:records_record_change")
def correction_proposed(world: World) -> Filled:
    county, record = given_record(world, "production_stopped")
    page = url("records_record_change", record.pk)
    return world.filled(county.clerk, page, kind="penalty_other", reason="认定有误")


@form("admin:records_record_withdraw")
def record_withdrawn(world: World) -> Filled:
    county, record = given_record(world)
    return world.filled(county.clerk, url("records_record_withdraw", record.pk), reason="已撤销")


@form("admin:records_record_retract")
def record_retracted(world: World) -> Filled:
    county, record = given_record(world)
    return world.filled(county.clerk, url("records_record_retract", record.pk), reason="重复登记")


@form("admin:records_record_consequence")
def consequence_confirmed(world: World) -> Filled:
    county, record = given_record(world)
    page = url("records_record_consequence", record.pk)
    return world.filled(county.approver, page, reason="造成事故")


@form("admin:records_record_changelist")
def kinds_decided(world: World) -> Filled:
    county, record = given_record(world, "penalty_undecided")
    page = url("records_record_changelist")
    chosen = {ACTION_CHECKBOX_NAME: [record.pk], "action": "decide_kind"}
    shown = world.browser(county.clerk).post(page, chosen)
    given = {"kind": "penalty_other", "reason": "属罚款"}
    return Filled(county.clerk, only_form(shown, page), given)


def waiting(world: World) -> tuple[County, Proposal]:
    county, record = given_record(world)
    proposal = corrections.change_record(
        by=county.clerk, record_id=record.pk, kind=ProposalKind.WITHDRAW, changes={},
        reason="已撤销", on=TODAY,
    )  # fmt: skip
    assert isinstance(proposal, Proposal)
    return county, proposal


@form("admin:grading_proposal_decide")
def correction_agreed(world: World) -> Filled:
    county, proposal = waiting(world)
    page, decide = (url(f"grading_proposal_{name}", proposal.pk) for name in ("change", "decide"))
    return world.filled(county.approver, page, decide, decision="agree")


@form("admin:grading_proposal_decide")
def correction_refused(world: World) -> Filled:
    county, proposal = waiting(world)
    page, decide = (url(f"grading_proposal_{name}", proposal.pk) for name in ("change", "decide"))
    return world.filled(county.approver, page, decide, decision="refuse", reason="依据不足")


# --- runs and parts --------------------------------------------------------------------------------


@form("admin:grading_run_add")
def run_started(world: World) -> Filled:
    page = url("grading_run_add")
    return world.filled(world.county().clerk, page, reference_date="2025-12-31", kind="annual")


def under_way(world: World, state: RunState) -> tuple[County, Run]:
    county = world.county()
    run = services.open_run(
        by=county.clerk, kind="annual", reference_date=dt.date(2025, 12, 31), on=TODAY
    )
    Run.objects.filter(pk=run.pk).update(state=state)
    return county, run


@form("admin:grading_run_stop")
def run_stopped(world: World) -> Filled:
    county, run = under_way(world, RunState.RUNNING)
    return world.filled(
        county.clerk, url("grading_run_change", run.pk), url("grading_run_stop", run.pk)
    )


@form("admin:grading_run_resume")
def run_resumed(world: World) -> Filled:
    county, run = under_way(world, RunState.STOPPED)
    return world.filled(
        county.clerk, url("grading_run_change", run.pk), url("grading_run_resume", run.pk)
    )


def computed(world: World) -> tuple[County, RosterRun]:
    county = world.county()
    return county, county.part(county.run())


def on_part(world: World, who: User, part: RosterRun, act: str, **given: Any) -> Filled:
    page = url("grading_rosterrun_change", part.pk)
    return world.filled(who, page, url(f"grading_rosterrun_{act}", part.pk), **given)


@form("admin:grading_rosterrun_review")
def part_reviewed(world: World) -> Filled:
    county, part = computed(world)
    return on_part(world, county.clerk, part, "review")


@form("admin:grading_rosterrun_publish")
def part_published(world: World) -> Filled:
    county, part = computed(world)
    services.review_part(by=county.clerk, part_id=part.pk, digest=part.digest)
    return on_part(world, county.approver, part, "publish")


@form("admin:grading_rosterrun_ask_withdrawal")
def withdrawal_asked(world: World) -> Filled:
    county, part = computed(world)
    return on_part(world, county.clerk, part, "ask_withdrawal", reason="基准日有误")


def asked(world: World) -> tuple[County, RosterRun]:
    county, part = computed(world)
    services.ask_withdrawal(by=county.clerk, part_id=part.pk, reason="基准日有误")
    return county, part


@form("admin:grading_rosterrun_withdraw")
def part_withdrawn(world: World) -> Filled:
    county, part = asked(world)
    return on_part(world, county.approver, part, "withdraw")


@form("admin:grading_rosterrun_drop_withdrawal")
def withdrawal_dropped(world: World) -> Filled:
    county, part = asked(world)
    return on_part(world, county.approver, part, "drop_withdrawal")


@form("admin:grading_scheme_copy")
def scheme_copied(world: World) -> Filled:
    Scheme.objects.filter(state="draft").delete()
    scheme = Scheme.objects.get()
    return world.filled(
        world.province.clerk, url("grading_scheme_change", scheme.pk),
        url("grading_scheme_copy", scheme.pk),
    )  # fmt: skip


@form("admin:grading_scheme_edit")
def scheme_edited(world: World) -> Filled:
    draft = Scheme.objects.filter(state="draft").first() or copy_scheme(
        by=OPERATOR, scheme_id=Scheme.objects.get().pk
    )
    page = url("grading_scheme_edit", draft.pk)
    return world.filled(world.province.clerk, page, note="试行")


@form("admin:grading_runschedule_add")
def cycle_set(world: World) -> Filled:
    return world.filled(
        world.province.clerk, url("grading_runschedule_add"), kind="quarterly", month="3",
        day="31", since="2026-01-01",
    )  # fmt: skip


@form("admin:grading_runschedule_change")
def cycle_ended(world: World) -> Filled:
    cycle = RunSchedule.objects.filter(kind="annual").get()
    page = url("grading_runschedule_change", cycle.pk)
    return world.filled(world.province.clerk, page, until="2027-01-01")


# --- files -----------------------------------------------------------------------------------------


def roster_file(world: World, county: County) -> bytes:
    line = files.roster_line(
        7, 统一社会信用代码=code(7, division=county.region), 注册地行政区划代码=county.region
    )
    return files.csv_file([files.ROSTER, line]).read()


@form("admin:intake_batch_add")
def file_sent(world: World) -> Filled:
    county = world.county()
    file = ("名录.csv", roster_file(world, county))
    return world.filled(county.clerk, files.page("add"), layout="roster", file=file)


def checked(world: World) -> tuple[County, Batch]:
    county = world.county()
    files.upload(world.browser(county.clerk), "roster", roster_file(world, county))
    return county, check_batch(Batch.objects.latest("pk").pk, pause=0)


@form("admin:intake_batch_confirm")
def file_confirmed(world: World) -> Filled:
    county, batch = checked(world)
    return world.filled(county.clerk, files.page("change", batch), files.page("confirm", batch))


@form("admin:intake_batch_cancel")
def file_cancelled(world: World) -> Filled:
    county, batch = checked(world)
    return world.filled(county.clerk, files.page("change", batch), files.page("cancel", batch))


# --- files taken back ------------------------------------------------------------------------------


def merged(world: World) -> tuple[County, Batch]:
    county, batch = checked(world)
    confirm_batch(by=county.clerk, batch_id=batch.pk, key=batch.confirm_key)
    return county, merge_batch(batch.pk)


def asked_back(world: World) -> tuple[County, Batch]:
    county, batch = merged(world)
    taking_back.ask(by=county.clerk, batch_id=batch.pk, reason="发错了文件")
    return county, taking_back.weigh(batch.pk)


@form("admin:intake_batch_ask_back")
def file_asked_back(world: World) -> Filled:
    county, batch = merged(world)
    return world.filled(county.clerk, files.page("ask_back", batch), reason="发错了文件")


@form("admin:intake_batch_decide_back")
def file_given_back(world: World) -> Filled:
    county, batch = asked_back(world)
    page, decide = files.page("change", batch), files.page("decide_back", batch)
    return world.filled(county.approver, page, decide, decision="agree")


@form("admin:intake_batch_decide_back")
def request_dropped(world: World) -> Filled:
    county, batch = asked_back(world)
    page, decide = files.page("change", batch), files.page("decide_back", batch)
    return world.filled(county.clerk, page, decide, decision="refuse")
