"""Every address of the portal, what it is about, and whom the oracle lets in.

The addresses come from the resolver; one that is not said here stops the tests.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.contrib import admin
from django.urls import URLPattern, get_resolver

from objections.models import CaseFile, DraftFile
from records.models import Record

from .oracle import (
    APPROVERS,
    BUSINESS,
    CLERKS,
    PROVINCE,
    SEES_CASES,
    SEES_RECORDS,
    Person,
    Thing,
    owns,
    sees,
)

Asks = Callable[[Person], bool]


def _role(*roles: str) -> Asks:
    return lambda person: bool(person.with_role(*roles))


def _provincial(role: str) -> Asks:
    return lambda person: any(post.region == PROVINCE for post in person.with_role(role))


def _posted(person: Person) -> bool:
    return bool(person.posts)


def _nobody(person: Person) -> bool:
    return False


def _everybody(person: Person) -> bool:
    return True


def _speaks(person: Person) -> bool:
    return bool(person.speaks_for)


STANDARD, KEEPER = _provincial("lead_clerk"), _provincial("system_admin")
REFERENCE = "reference"


@dataclass(frozen=True)
class Table:
    """A table of the admin: who may look at it at all, and who may add to it."""

    looks: Asks
    adds: Asks
    is_reference: bool = False


TABLES = {
    "roster.enterprise": Table(_role(*BUSINESS), _role("lead_clerk")),
    "roster.rosterentry": Table(_role(*BUSINESS), _nobody),
    "intake.batch": Table(_role(*BUSINESS), _role(*CLERKS)),
    "records.record": Table(_role(*SEES_RECORDS), _role(*CLERKS)),
    "grading.proposal": Table(_role(*SEES_RECORDS), _nobody),
    "grading.run": Table(_role(*BUSINESS), _role("lead_clerk")),
    "grading.rosterrun": Table(_role(*BUSINESS), _nobody),
    "grading.rating": Table(_role(*BUSINESS), _nobody),
    "audit.event": Table(_role("audit_admin"), _nobody),
    "roster.user": Table(_role("security_admin"), _role("security_admin")),
    "roster.posting": Table(_role("security_admin"), _role("security_admin")),
    "roster.representative": Table(_provincial("security_admin"), _provincial("security_admin")),
    "roster.binding": Table(_role("lead_clerk", "lead_approver"), _nobody),
    "objections.case": Table(_role(*SEES_CASES), _nobody),
    "objections.caseitem": Table(_role(*SEES_CASES), _nobody),
    "objections.verification": Table(_role(*SEES_CASES), _nobody),
    "notices.notice": Table(_role(*SEES_CASES), _nobody),
    "notices.letter": Table(_role(*SEES_CASES), _nobody),
    "grading.scheme": Table(_posted, _nobody, is_reference=True),
    "grading.runschedule": Table(_posted, STANDARD, is_reference=True),
    "records.kind": Table(_posted, STANDARD, is_reference=True),
    "roster.region": Table(_posted, KEEPER, is_reference=True),
    "roster.reporting": Table(_posted, KEEPER, is_reference=True),
    "roster.industry": Table(_posted, KEEPER, is_reference=True),
    "roster.agency": Table(_posted, KEEPER, is_reference=True),
    "workdays.limit": Table(_posted, KEEPER, is_reference=True),
    "workdays.calendarday": Table(_posted, _nobody, is_reference=True),
    "workdays.calendaryear": Table(_posted, _nobody, is_reference=True),
}

LIST, ADD, ROW, EXPORT, TABLE_PAGE = "list", "add", "row", "export", "table page"
OWN = "own"
"""A page of the enterprises one speaks for."""
PAGES = {"changelist": LIST, "add": ADD, "change": ROW, "history": ROW, "export": EXPORT}


@dataclass(frozen=True)
class Door:
    """One address: what kind of page, of which table, and who has any business there.

    by: the name of the place that a key stands at, and the table the key is of. beside: a second
    place of the address.
    """

    name: str
    kind: str
    model: str
    opens: Asks
    by: str = ""
    beside: str = ""

    def has(self, person: Person, thing: Thing) -> bool:
        """Whether a row of it is there for a person."""
        return owns(person, thing) if self.kind == OWN else sees(person, thing)

    def places(self, key: str) -> dict[str, str]:
        """What stands in the address of a row: its key, and in a second place what goes with it."""
        return {self.by: key} | ({self.beside: _beside(self, key)} if self.beside else {})


NOT_THERE = str(10**9)
FILES = {
    "objections.case": (CaseFile, "case"),
    "objections.verification": (CaseFile, "case__verifications"),
    "objections.draft": (DraftFile, "draft"),
}


def _beside(door: Door, key: str) -> str:
    if door.beside == "file":
        model, row = FILES[door.model]
        found = model.objects.filter(**{row: key}).values_list("pk", flat=True).first()  # type: ignore[attr-defined]
        return str(found or NOT_THERE)
    if door.beside == "code":
        codes = Record.objects.filter(pk=key).values_list("enterprise_id", flat=True)
        return str(codes.first() or NOT_THERE)
    return "help"


ACTS = {
    "roster_enterprise_place": ("roster.enterprise", _role("lead_clerk")),
    "roster_enterprise_release": ("roster.enterprise", _role("lead_clerk")),
    "grading_proposal_registration": ("roster.enterprise", _role("lead_clerk")),
    "grading_rating_explain": ("roster.enterprise", _role(*BUSINESS)),
    "records_record_withdraw": ("records.record", _role(*CLERKS)),
    "records_record_retract": ("records.record", _role(*CLERKS)),
    "records_record_consequence": (
        "records.record",
        _role("lead_approver", "department_approver"),
    ),
    "grading_proposal_decide": ("grading.proposal", _role("lead_approver", "department_approver")),
    "grading_run_progress": ("grading.run", _role(*BUSINESS)),
    "grading_run_stop": ("grading.run", _role("lead_clerk")),
    "grading_run_resume": ("grading.run", _role("lead_clerk")),
    "grading_rosterrun_review": ("grading.rosterrun", _role("lead_clerk", "lead_approver")),
    "grading_rosterrun_publish": ("grading.rosterrun", _role("lead_approver")),
    "grading_rosterrun_ask_withdrawal": (
        "grading.rosterrun",
        _role("lead_clerk", "lead_approver"),
    ),
    "grading_rosterrun_withdraw": ("grading.rosterrun", _role("lead_approver")),
    "grading_rosterrun_drop_withdrawal": (
        "grading.rosterrun",
        _role("lead_clerk", "lead_approver"),
    ),
    "grading_scheme_copy": ("grading.scheme", STANDARD),
    "grading_scheme_edit": ("grading.scheme", STANDARD),
    "roster_user_second_factor": ("roster.user", _role("security_admin")),
    "roster_user_password": ("roster.user", _role("security_admin")),
    "roster_posting_end": ("roster.posting", _role("security_admin")),
    "roster_binding_decide": ("roster.binding", _role("lead_clerk", "lead_approver")),
    "roster_binding_proof": ("roster.binding", _role("lead_clerk", "lead_approver")),
    "roster_binding_end": ("roster.binding", _role("lead_clerk", "lead_approver")),
    "roster_representative_end": ("roster.representative", _provincial("security_admin")),
    **{
        f"objections_case_{act}": ("objections.case", _role("lead_clerk"))
        for act in ("accept", "ask_papers", "refuse", "send", "refer", "reply", "verify")
    },
    "objections_case_send_back": ("objections.case", _role("lead_approver")),
    "objections_case_decide": ("objections.case", _role("lead_approver")),
    "objections_case_clock": ("objections.case", _role(*SEES_CASES)),
    "objections_case_file": ("objections.case", _role(*SEES_CASES)),
    "objections_verification_answer": (
        "objections.verification",
        _role(*CLERKS, "department_approver"),
    ),
    "objections_verification_extend": (
        "objections.verification",
        _role(*CLERKS, "department_approver"),
    ),
    "objections_verification_file": ("objections.verification", _role(*SEES_CASES)),
    "notices_notice_open": ("notices.notice", _role(*SEES_CASES)),
    "notices_letter_pdf": ("notices.letter", _role(*SEES_CASES)),
    "intake_batch_progress": ("intake.batch", _role(*BUSINESS)),
    "intake_batch_errors": ("intake.batch", _role(*BUSINESS)),
    "intake_batch_ask_back": ("intake.batch", _role(*CLERKS)),
    "intake_batch_decide_back": ("intake.batch", _role(*CLERKS, *APPROVERS)),
    "intake_batch_confirm": ("intake.batch", _role(*CLERKS)),
    "intake_batch_cancel": ("intake.batch", _role(*CLERKS)),
}
"""Pages of one row besides its change page and history: of which table the key is."""

OWN_PAGES = {
    **{
        f"enterprise_{page}": ("roster.enterprise", "code", beside)
        for page, beside in (("page", ""), ("grade", ""), ("apply", "kind"))
    },
    "enterprise_record": ("records.record", "pk", "code"),
    **{
        f"enterprise_{page}": ("objections.draft", "pk", beside)
        for page, beside in (("draft", ""), ("draft_check", ""), ("draft_drop", ""), ("draft_file", "file"))
    },
    **{
        f"enterprise_{page}": ("objections.case", "pk", beside)
        for page, beside in (
            ("case", ""), ("case_supply", ""), ("case_withdraw", ""), ("case_review", ""),
            ("case_file", "file"),
        )
    },
    "enterprise_letter": ("notices.letter", "pk", ""),
    "enterprise_notice": ("notices.notice", "pk", ""),
}  # fmt: skip
"""Pages of a representative: of which table the key is, where it stands, and what stands beside."""

TABLE_PAGES = {
    "objections_case_statistics": _role(*SEES_CASES),
    "objections_case_leg": _role(*SEES_CASES),
    "grading_run_period": _role("lead_clerk"),
    "intake_batch_template": _role(*CLERKS),
    "workdays_calendarday_load": KEEPER,
    "records_kind_import": STANDARD,
    "roster_region_import": KEEPER,
    "roster_reporting_import": KEEPER,
    "roster_industry_import": KEEPER,
    "roster_agency_import": KEEPER,
    "workdays_limit_import": KEEPER,
}
"""Pages of a whole table."""

ELSEWHERE = {
    "home": _everybody,
    "policy": _everybody,
    "policy_original": _everybody,
    "healthz": _everybody,
    "readyz": _everybody,
    "set_language": _everybody,
    "sign_out": _everybody,
    "enterprise_home": _everybody,
    "enterprise_notices": _speaks,
    "letter_check": _everybody,
    "openid_connect_login": _everybody,
    "openid_connect_callback": _everybody,
    "enterprise_register": _everybody,
    "enterprise_bind": _everybody,
    "enterprise_bind_withdraw": _everybody,
    "enterprise_forgotten": _everybody,
    "enterprise_reset": _everybody,
    "account_login": _everybody,
    "account_reauthenticate": _everybody,
    "mfa_authenticate": _everybody,
    "mfa_activate_totp": _everybody,
    "mfa_index": _everybody,
    "mfa_deactivate_totp": _everybody,
    "mfa_view_recovery_codes": _everybody,
    "mfa_generate_recovery_codes": _everybody,
    "admin:index": _posted,
    "admin:app_list": _posted,
    "admin:jsi18n": _everybody,
    "admin:login": _everybody,
    "admin:logout": _posted,
    "admin:password_change": _everybody,
    "admin:password_change_done": _everybody,
    "admin:autocomplete": _posted,
    "admin:view_on_site": _posted,
    "admin:django.contrib.admin.sites.catch_all_view": _posted,
}
"""Pages of no table."""


def addresses() -> Iterator[tuple[str, URLPattern]]:
    """Every name of the resolver, with its pattern."""
    yield from _flat(get_resolver().url_patterns, "")


def _flat(patterns: list, prefix: str) -> Iterator[tuple[str, URLPattern]]:
    for pattern in patterns:
        if isinstance(pattern, URLPattern):
            name = pattern.name or f"{pattern.callback.__module__}.{pattern.callback.__name__}"
            yield prefix + name, pattern
        else:
            space = getattr(pattern, "namespace", None)
            yield from _flat(pattern.url_patterns, prefix + (f"{space}:" if space else ""))


def doors() -> list[Door]:
    """What the oracle says of every address. Raises LookupError for one it says nothing of."""
    return [found for name, pattern in addresses() if (found := _door(name, pattern)) is not None]


def _door(name: str, pattern: URLPattern) -> Door | None:
    if name in ELSEWHERE:
        return None
    places = list(pattern.pattern.converters)
    page = name.removeprefix("admin:")
    if page in OWN_PAGES:
        model, by, beside = OWN_PAGES[page]
        return Door(name, OWN, model, _speaks, by, beside)
    if page in ACTS:
        model, opens = ACTS[page]
        return Door(name, ROW, model, opens, places[0], *places[1:])
    if page in TABLE_PAGES:
        app, table, _rest = page.split("_", 2)
        by = places[0] if places else ""
        return Door(name, TABLE_PAGE, f"{app}.{table}", TABLE_PAGES[page], by)
    app, table, kind = page.split("_", 2) if page.count("_") == 2 else ("", "", "")
    rules = TABLES.get(f"{app}.{table}")
    if rules is None or kind not in PAGES:
        raise LookupError(f"{name}: nobody has said in tests/side_doors/doors.py whose page it is.")
    opens = rules.adds if kind == "add" else rules.looks
    return Door(name, PAGES[kind], f"{app}.{table}", opens, by=places[0] if places else "")


def registered() -> set[str]:
    """The tables of the admin."""
    return {model._meta.label_lower for model in admin.site._registry}
