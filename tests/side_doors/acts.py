"""Every act a page offers on a row: what is sent, to whom the oracle allows it, and when it can
come to anything."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.forms.models import model_to_dict
from django.utils.timezone import localdate

from grading.enums import PartState, ProposalState, RunKind
from grading.models import Proposal, RosterRun, Scheme
from intake.models import Batch
from notices.models import Notice
from objections import deciding
from objections.deciding import Decision
from objections.models import Case, Draft, Verification
from records.enums import MarkKind
from records.models import Record
from roster.models import Binding, Enterprise, Posting, Representative, User
from roster.second_factor import has_second_factor
from tests.factories.roster import OPERATOR, lead

from . import oracle
from .oracle import CHANGAN, QIAOXI, Person, Placed

Form = Mapping[str, Any]


@dataclass(frozen=True)
class Act:
    """One act: the page it is sent to, on which table, who may, what is sent."""

    door: str
    model: type[Model]
    may: Callable[[Person, Any], bool]
    form: Callable[[Any], Form]
    can: Callable[[Any], bool] = lambda row: True
    """Whether it comes to anything for who may."""
    to_table: bool = False
    """Whether the page is one of the table, and the row is named in the form."""

    def row(self, one: Placed) -> Any:
        return self.model._default_manager.get(pk=one.key)  # type: ignore[attr-defined]


def by(act: str) -> Callable[[Person, Any], bool]:
    return lambda person, thing: oracle.may(person, act, thing)


def plain(row: Model, *left_out: str) -> dict[str, Any]:
    """A row as its form has it."""
    given = {name: value for name, value in model_to_dict(row).items() if value is not None}
    return {name: value for name, value in given.items() if name not in left_out}


NO_ROWS_BESIDE = {
    f"{rows}-{count}_FORMS": "0"
    for rows in ("entries", "registrations", "postings")
    for count in ("TOTAL", "INITIAL")
}


def registered(row: Enterprise, **changed: Any) -> Form:
    return {
        **plain(row, "keeper", "version"),
        "_seen": row.version,
        "address": "抢改的地址",
        **NO_ROWS_BESIDE,
        **changed,
    }


def _record_form(row: Record, **changed: Any) -> Form:
    given = plain(row, "id", "provider", "supersedes", "serious_claimed")
    return {
        **given, "enterprise_code": row.enterprise_id, "enterprise_name": row.enterprise.name,
        "remark": "抢改的备注", "reason": "抢改", **changed,
    }  # fmt: skip


def account_form(row: User) -> Form:
    seen = admin.site.get_model_admin(User).seen_state(row)  # type: ignore[attr-defined]
    return {
        "full_name": "抢改的姓名", "is_active": "on", "_seen": seen, "postings-TOTAL_FORMS": "0",
        "postings-INITIAL_FORMS": "0",
    }  # fmt: skip


def _waits(record: Record) -> bool:
    return Proposal.objects.filter(record=record, state=ProposalState.WAITING).exists()


def _is_open(record: Record) -> bool:
    return record.retracted_at is None and not _waits(record)


def _kept(row: Enterprise) -> bool:
    waiting = Proposal.objects.filter(enterprise=row, record=None, state=ProposalState.WAITING)
    return row.keeper_id is not None and not waiting.exists()


def _is_asked(part: RosterRun) -> bool:
    return part.withdrawn_by != "" and part.state != PartState.WITHDRAWN


def _asks(person: Person, part: oracle.Part) -> bool:
    """What somebody else asks already, waits."""
    return part.asked_by in ("", person.account) and oracle.may(person, "review", part)


def _drops(person: Person, part: oracle.Part) -> bool:
    asked = part.asked_by == person.account and oracle.may(person, "review", part)
    return asked or any(one.region == part.roster for one in person.with_role("lead_approver"))


def _withdraws(person: Person, part: oracle.Part) -> bool:
    other = part.asked_by != person.account
    return other and any(one.region == part.roster for one in person.with_role("lead_approver"))


def _starts(person: Person, run: oracle.Run) -> bool:
    posts = person.with_role("lead_clerk")
    return all(any(oracle.within(part.roster, one.region) for one in posts) for part in run.parts)


def _resets(person: Person, account: oracle.Account) -> bool:
    """Nobody the own second step."""
    return account.account != person.account and oracle.may(person, "look_after", account)


def _appoints(person: Person, account: oracle.Account) -> bool:
    """To an agency of 长安区: who looks after the account, and over the agency's region."""
    security = person.with_role("security_admin")
    over = any(oracle.within(CHANGAN, post.region) for post in security)
    return over and oracle.may(person, "look_after", account)


def _can_inspect(user: User) -> bool:
    """An administrator holds no other post, and who speaks for an enterprise none."""
    held = user.postings.filter(until=None)
    excluded = held.filter(role__in=oracle.ADMINISTRATORS) | held.filter(
        role="inspector", agency=lead(CHANGAN)
    )
    return not excluded.exists() and not user.representations.filter(until=None).exists()


def _seconds(person: Person, batch: oracle.Batch) -> bool:
    """Agreeing is for another than who asked; that one can only drop it."""
    return batch.asked_by != person.account and oracle.may(person, "decide_back", batch)


def _agreed(row: Batch) -> Form:
    """With the effect as the page of the file shows it."""
    asked = row.take_backs.first()
    return {"decision": "agree", "digest": asked.fates_digest if asked else ""}


def _edits(person: Person, thing: object) -> bool:
    return oracle.may(person, "edit_standard")


REASON = {"reason": "抢先办理"}
PASSWORD = {"password": "strange-Words-2026", "again": "strange-Words-2026"}


def _reason(row: Any) -> Form:
    return REASON


def _nothing(row: Any) -> Form:
    return {}


def _is(*states: str, but: str = "") -> Callable[[Any], bool]:
    """Whether a case stands where the step begins, and is of a kind that has it."""
    return lambda row: row.state in states and row.kind not in but.split()


def _version(row: Any) -> int:
    return (row.case if isinstance(row, Verification) else row).version


def _why(row: Any, **more: str) -> Form:
    return {**REASON, "_seen": _version(row), **more}


def _own_why(row: Case) -> Form:
    return {**REASON, "_seen": row.version}


def _all_false(row: Case) -> Form:
    return _found(row, row.items.all())


def _answered(row: Verification) -> Form:
    return _found(row, row.case.items.filter(record__authority=row.agency))


def _found(row: Any, items: Any) -> Form:
    """Of every item, that what is said of it is not so."""
    found = [
        {f"item{item.pk}-finding": "false", f"item{item.pk}-reason": "抢先核查"} for item in items
    ]
    return _why(row, **{name: value for one in found for name, value in one.items()})


def _rejected(row: Case) -> Form:
    """Signed, with the effect as the page shows it."""
    items = list(row.items.all())
    said = {f"item{item.pk}-outcome": "reject" for item in items}
    said |= {f"item{item.pk}-reason": "抢先决定" for item in items}
    decisions = [Decision(item.pk, "reject", "抢先决定") for item in items]
    effect = {}
    if row.state == "verified":
        found = deciding.effect_of(by=OPERATOR, case=row, decisions=decisions, on=localdate())
        effect = {"basis": deciding.as_basis(found)}
    return _why(row, _sign="1", **said, **effect)


def _of_a_court(row: Case) -> bool:
    return {item.record.kind_id for item in row.items.all() if item.record} == {
        "judgment_defaulter"
    }


def _can_be_reviewed(row: Case) -> bool:
    """Of what was decided or not accepted, by the unit itself, and not begun yet."""
    begun = Draft.objects.filter(reviewed_case=row).exists()
    return row.state in ("decided", "refused") and row.kind in ("objection", "repair") and not begun


def _of_part(row: RosterRun) -> Form:
    """As the page of the part has it."""
    return {**REASON, "digest": row.digest, "_seen": row.basis}


def _as_read(row: Model, **given: Any) -> Form:
    """With the state the page was read at."""
    return {"_seen": admin.site.get_model_admin(type(row)).seen_state(row), **given}  # type: ignore[attr-defined]


def _as_kept(row: User, **given: Any) -> Form:
    """With the state the pages of password and second step were read at."""
    return {"_seen": admin.site.get_model_admin(User).secrets_state(row), **given}  # type: ignore[attr-defined]


ACTS = [
    Act("admin:roster_enterprise_change", Enterprise, by("keep_roster"), registered),
    Act("admin:roster_enterprise_place", Enterprise, by("keep_roster"),
        lambda row: {"region": CHANGAN if row.keeper_id == QIAOXI else QIAOXI, "reason": "指定", "_seen": row.version},
        lambda row: row.keeper_id is not None),
    Act("admin:roster_enterprise_release", Enterprise, by("keep_roster"),
        lambda row: {"reason": "恢复", "_seen": row.version}, lambda row: False),
    Act("admin:grading_proposal_registration", Enterprise, by("keep_roster"),
        lambda row: registered(row, reason="更正"), _kept),
    Act("admin:records_record_change", Record, by("correct_record"), _record_form, _is_open),
    Act("admin:records_record_add", Record, by("give_record"),
        lambda row: _record_form(row, number="抢〔2025〕9号"), to_table=True),
    Act("admin:records_record_withdraw", Record, by("correct_record"), _reason, _is_open),
    Act("admin:records_record_retract", Record, by("correct_record"), _reason, _is_open),
    Act("admin:records_record_changelist", Record, by("correct_record"),
        lambda row: {"action": "decide_kind", "_selected_action": row.pk, "apply": "1",
                     "kind": "licence_suspended", "reason": "认定"},
        _is_open, to_table=True),
    Act("admin:records_record_consequence", Record, by("confirm_consequence"), _reason,
        lambda row: row.retracted_at is None
        and not row.marks.filter(kind=MarkKind.SERIOUS, retracted_at=None).exists()),
    Act("admin:grading_proposal_decide", Proposal, by("decide"),
        lambda row: {"decision": "refuse", "reason": "不同意", "basis": row.basis},
        lambda row: row.state == ProposalState.WAITING),
    Act("admin:grading_rosterrun_review", RosterRun, by("review"), _of_part, lambda row: row.state == PartState.COMPUTED),
    Act("admin:grading_rosterrun_publish", RosterRun, by("publish"), _of_part,
        lambda row: row.state == PartState.REVIEWED and row.run.kind != RunKind.AD_HOC),
    Act("admin:grading_rosterrun_ask_withdrawal", RosterRun, _asks, _of_part),
    Act("admin:grading_rosterrun_withdraw", RosterRun, _withdraws, _of_part, _is_asked),
    Act("admin:grading_rosterrun_drop_withdrawal", RosterRun, _drops, _of_part, _is_asked),
    Act("admin:grading_run_stop", RosterRun.run.field.related_model, _starts, _reason, lambda row: False),
    Act("admin:grading_run_resume", RosterRun.run.field.related_model, _starts, _reason, lambda row: False),
    Act("admin:grading_scheme_copy", Scheme, _edits, _reason, lambda row: False),
    Act("admin:grading_scheme_edit", Scheme, _edits, _reason, lambda row: False),
    Act("admin:roster_user_change", User, by("look_after"), account_form),
    Act("admin:roster_user_second_factor", User, _resets, _as_kept, has_second_factor),
    Act("admin:roster_user_password", User, by("look_after"), lambda row: _as_kept(row, **PASSWORD)),
    Act("admin:roster_posting_add", User, _appoints,
        lambda row: {"user": row.pk, "agency": lead(CHANGAN).pk, "role": "inspector", "since": "2026-01-01"},
        _can_inspect, to_table=True),
    Act("admin:roster_posting_end", Posting, by("end_post"),
        lambda row: _as_read(row, until=localdate().isoformat()),
        lambda row: row.until is None and row.since <= localdate()),
    Act("admin:roster_representative_add", User, lambda person, thing: oracle.may(person, "represent"),
        lambda row: {"user": row.pk, "code": Enterprise.objects.latest("pk").pk, "since": "2026-01-01"},
        lambda row: not row.postings.filter(until=None).exists(), to_table=True),
    Act("admin:roster_representative_end", Representative,
        lambda person, thing: oracle.may(person, "represent"),
        lambda row: _as_read(row, until=localdate().isoformat()), lambda row: row.until is None),
    Act("admin:roster_binding_decide", Binding, by("decide_request"),
        lambda row: {"decision": "refuse", "refusal": "unfit", "reason": ""}, lambda row: row.is_waiting),
    Act("admin:roster_binding_end", Binding, by("decide_request"), _reason,
        lambda row: row.representative is not None and row.representative.until is None),
    *(
        Act(f"admin:objections_case_{act}", Case, by("handle_case"), form, can)
        for act, form, can in (
            ("accept", _as_read, _is("submitted", but="help")),
            ("ask_papers", _why, _is("submitted", but="help review")),
            ("refuse", lambda row: _why(row, code="outside"), _is("submitted", but="help")),
            ("send", _why, _is("accepted", but="review")),
            ("verify", _all_false, _is("accepted", but="repair")),
            ("refer", _why, lambda row: row.state == "submitted" and _of_a_court(row)),
            ("reply", _why, lambda row: (row.kind, row.state) == ("help", "submitted")),
        )
    ),
    Act("admin:objections_case_send_back", Case, by("send_back_case"), _why, _is("verified")),
    Act("admin:objections_case_decide", Case, by("decide_case"), _rejected, _is("verified")),
    Act("admin:objections_verification_answer", Verification, by("answer_case"), _answered, lambda row: row.waits),
    Act("admin:objections_verification_extend", Verification, by("answer_case"), _why,
        lambda row: row.waits and row.extended_on is None),
    Act("enterprise_case_supply", Case, by("own"), _own_why, _is("papers")),
    Act("enterprise_case_withdraw", Case, by("own"), _own_why,
        _is("submitted", "papers", "accepted", "verifying", "verified")),
    Act("enterprise_case_review", Case, by("own"), _nothing, _can_be_reviewed),
    Act("enterprise_apply", Enterprise, by("own"), _nothing),
    Act("enterprise_draft", Draft, by("own"), lambda row: {"statement": "抢改的理由", "_seen": row.seen}, lambda row: row.case is None),
    Act("enterprise_draft_check", Draft, by("own"), lambda row: {"_seen": row.seen},
        lambda row: row.case is None and row.content["statement"] != ""),
    Act("enterprise_draft_drop", Draft, by("own"), _nothing, lambda row: row.case is None),
    Act("admin:notices_notice_open", Notice, by("read"), _nothing),
    Act("enterprise_notice", Notice, by("own"), _nothing),
    Act("admin:intake_batch_ask_back", Batch, by("ask_back"), _reason, lambda row: row.state == "merged"),
    Act("admin:intake_batch_decide_back", Batch, by("decide_back"),
        lambda row: {"decision": "refuse", "reason": "不同意"}, lambda row: row.state == "weighed"),
    Act("admin:intake_batch_decide_back", Batch, _seconds, _agreed, lambda row: row.state == "weighed"),
    Act("admin:intake_batch_confirm", Batch, by("confirm_file"),
        lambda row: {"key": row.confirm_key}, lambda row: row.state == "checked"),
    Act("admin:intake_batch_cancel", Batch, by("confirm_file"), _reason, lambda row: row.state == "checked"),
]  # fmt: skip
