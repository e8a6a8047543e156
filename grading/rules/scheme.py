"""The first scheme as data: what counts, as what. Source: R22–R23, R34–R37; design §7."""

from __future__ import annotations

from dataclasses import dataclass

from ..enums import Weight


@dataclass(frozen=True)
class Counting:
    """How one kind counts: as what, only within the window, only while not ended."""

    weight: str
    in_window: bool = True
    while_open: bool = False


GENERAL = Counting(Weight.GENERAL)
SEVERE = Counting(Weight.SEVERE)

KINDS_OF_2022: dict[str, Counting] = {
    "registration": Counting(Weight.NONE),
    "registration_change": Counting(Weight.NONE),
    "judgment": Counting(Weight.GENERAL, while_open=True),
    "penalty_other": GENERAL,
    "penalty_undecided": GENERAL,
    "enforcement": GENERAL,
    "abnormal_operation": GENERAL,
    "tax_arrears": GENERAL,
    "abnormal_taxpayer": GENERAL,
    "utility_arrears": GENERAL,
    "broken_commitment": GENERAL,
    "breach_of_contract": GENERAL,
    "licence_suspended": SEVERE,
    "grade_lowered": SEVERE,
    "licence_revoked": SEVERE,
    "operation_restricted": SEVERE,
    "production_stopped": SEVERE,
    "ordered_to_close": SEVERE,
    "employment_restricted": SEVERE,
    "seriously_dishonest": Counting(Weight.LISTED, in_window=False, while_open=True),
    "judgment_defaulter": Counting(Weight.LISTED, in_window=False, while_open=True),
    "business_licence_revoked": Counting(Weight.REVOCATION, in_window=False, while_open=True),
    "corrective_order": Counting(Weight.NONE),
}

GRADES_OF_2022 = (
    ("A", "守信", "1年内无失信行为记录，信用状况良好"),
    ("B", "一般失信", "1年内有5次以下（含5次）一般失信行为记录且未造成严重后果，信用状况一般"),
    ("C", "严重失信", "1年内有5次以上一般失信行为记录或存在严重失信行为记录，信用状况不良"),
    ("D", "“黑名单”", "已被依法吊销营业执照，信用状况差"),
)
