"""Who may do what with a case, from which state, within which limit, by which clause.

Source: R29, 三(四) (申请、受理、核查、处理); domain facts 5. The limits are dated data (`workdays`).
"""

from objections.enums import Action as A
from objections.enums import CaseKind, Leg
from objections.enums import State as S
from roster.enums import Permission as P
from roster.rules.steps import Step, Workflow, from_each

R29 = "R29"
R56 = "R56"
WITHDRAWABLE = (S.SUBMITTED, S.PAPERS, S.ACCEPTED, S.VERIFYING, S.VERIFIED)
THEY_VERIFIED = (A.VERIFY, A.ANSWER)

BEGINNING = (
    Step("", A.FILE, S.SUBMITTED, P.OWN_ENTERPRISE, R29, starts=Leg.ACCEPT),
    Step(S.SUBMITTED, A.ACCEPT, S.ACCEPTED, P.HANDLE_CASES, R29, starts=Leg.ALONE),
    Step(S.SUBMITTED, A.ASK_PAPERS, S.PAPERS, P.HANDLE_CASES, R29, starts=Leg.SUPPLY, reason=True),
    Step(S.PAPERS, A.SUPPLY, S.SUBMITTED, P.OWN_ENTERPRISE, R29),
    *from_each(
        (S.SUBMITTED, S.PAPERS), A.REFUSE, S.REFUSED, P.HANDLE_CASES, R29,
        starts=Leg.REVIEW_FILE, reason=True,
    ),
)  # fmt: skip

VERIFYING = (
    Step(S.ACCEPTED, A.SEND, S.VERIFYING, P.HANDLE_CASES, R29, starts=Leg.WITH_SOURCE),
    Step(S.ACCEPTED, A.VERIFY, S.VERIFIED, P.HANDLE_CASES, R29),
    Step(S.VERIFYING, A.EXTEND, S.VERIFYING, P.VERIFY_CASES, R29, reason=True),
    Step(S.VERIFYING, A.ANSWER, S.VERIFYING, P.VERIFY_CASES, R29),
    Step(S.VERIFYING, A.CONCLUDE, S.VERIFIED, P.VERIFY_CASES, R29),
)

DECIDING = (
    Step(
        S.VERIFIED, A.DECIDE, S.DECIDED, P.DECIDE_CASES, R29, starts=Leg.REVIEW_FILE, reason=True,
        apart=THEY_VERIFIED,
    ),
    Step(S.VERIFIED, A.SEND_BACK, S.ACCEPTED, P.DECIDE_CASES, R29, reason=True),
)  # fmt: skip

ENDING = (
    *from_each(WITHDRAWABLE, A.WITHDRAW, S.WITHDRAWN, P.OWN_ENTERPRISE, R29),
    *from_each((S.DECIDED, S.REFUSED), A.ASK_REVIEW, S.IN_REVIEW, P.OWN_ENTERPRISE, R29),
    *from_each((S.DECIDED, S.REFUSED), A.CLOSE, S.CLOSED, P.HANDLE_CASES, R29),
    Step(S.IN_REVIEW, A.REVIEWED, S.CLOSED, P.DECIDE_CASES, R29),
)

TO_COURT = from_each(
    (S.SUBMITTED, S.ACCEPTED), A.REFER, S.REFERRED, P.HANDLE_CASES, R29, reason=True
)
"""A listing by a court is put right by the court. Domain facts 5."""

OBJECTION = Workflow("objection", (*BEGINNING, *VERIFYING, *DECIDING, *ENDING, *TO_COURT))
REPAIR = Workflow("repair", (*BEGINNING, *VERIFYING, *DECIDING, *ENDING))

REVIEW = Workflow(
    "review",
    (
        Step("", A.FILE, S.SUBMITTED, P.OWN_ENTERPRISE, R29, starts=Leg.ACCEPT),
        Step(S.SUBMITTED, A.ACCEPT, S.ACCEPTED, P.HANDLE_CASES, R29, starts=Leg.ALONE),
        Step(S.SUBMITTED, A.REFUSE, S.REFUSED, P.HANDLE_CASES, R29, reason=True),
        *VERIFYING,
        Step(
            S.VERIFIED, A.DECIDE, S.DECIDED, P.DECIDE_CASES, R29, reason=True, apart=THEY_VERIFIED
        ),
        Step(S.VERIFIED, A.SEND_BACK, S.ACCEPTED, P.DECIDE_CASES, R29, reason=True),
        *from_each(
            (S.SUBMITTED, S.ACCEPTED, S.VERIFYING, S.VERIFIED),
            A.WITHDRAW,
            S.WITHDRAWN,
            P.OWN_ENTERPRISE,
            R29,
        ),
    ),
)
"""By the level above; what it decides is final here, and says where one can go to law."""

HELP = Workflow(
    "help",
    (
        Step("", A.FILE, S.SUBMITTED, P.OWN_ENTERPRISE, R56, starts=Leg.REPLY),
        Step(S.SUBMITTED, A.REPLY, S.ANSWERED, P.HANDLE_CASES, R56, reason=True),
        Step(S.SUBMITTED, A.WITHDRAW, S.WITHDRAWN, P.OWN_ENTERPRISE, R56),
    ),
)

WORKFLOWS = {
    CaseKind.OBJECTION: OBJECTION,
    CaseKind.REPAIR: REPAIR,
    CaseKind.REVIEW: REVIEW,
    CaseKind.HELP: HELP,
}

LIMITS = {
    (CaseKind.OBJECTION, Leg.ACCEPT): "objection.accept",
    (CaseKind.OBJECTION, Leg.SUPPLY): "objection.supply",
    (CaseKind.OBJECTION, Leg.ALONE): "objection.decide_alone",
    (CaseKind.OBJECTION, Leg.WITH_SOURCE): "objection.decide_with_source",
    (CaseKind.OBJECTION, Leg.PROVIDER): "objection.provider",
    (CaseKind.OBJECTION, Leg.REVIEW_FILE): "review.file",
    (CaseKind.REPAIR, Leg.ACCEPT): "repair.accept",
    (CaseKind.REPAIR, Leg.SUPPLY): "objection.supply",
    (CaseKind.REPAIR, Leg.ALONE): "repair.decide",
    (CaseKind.REPAIR, Leg.WITH_SOURCE): "repair.decide",
    (CaseKind.REPAIR, Leg.PROVIDER): "objection.provider",
    (CaseKind.REPAIR, Leg.REVIEW_FILE): "review.file",
    (CaseKind.REVIEW, Leg.ACCEPT): "review.accept",
    (CaseKind.REVIEW, Leg.ALONE): "review.decide",
    (CaseKind.REVIEW, Leg.WITH_SOURCE): "review.decide",
    (CaseKind.REVIEW, Leg.PROVIDER): "review.decide",
    (CaseKind.HELP, Leg.REPLY): "help.answer",
}
"""Code of the limit of each leg."""

EXTENDED = {
    CaseKind.OBJECTION: ("objection.provider", "objection.provider_extended"),
    CaseKind.REPAIR: ("repair.decide", "repair.extended"),
    CaseKind.REVIEW: ("objection.provider", "objection.provider_extended"),
}
"""An extension adds what the second limit has more than the first, to the source department's leg
and to the whole."""

OPEN = frozenset({S.SUBMITTED, S.PAPERS, S.ACCEPTED, S.VERIFYING, S.VERIFIED})
"""States in which a decision is still to come."""
