"""The one table that says what each role may do. Where it may do it is `scope`'s business."""

from __future__ import annotations

from .enums import Permission as P
from .enums import Role

READING = frozenset({P.VIEW_ROSTER, P.VIEW_RATINGS, P.VIEW_REFERENCE})

PERMISSIONS: dict[str, frozenset[str]] = {
    Role.LEAD_CLERK: READING
    | {
        P.EDIT_ROSTER,
        P.VIEW_RECORDS,
        P.GIVE_RECORDS,
        P.CORRECT_RECORDS,
        P.START_RUN,
        P.REVIEW_PART,
        P.EDIT_SCHEME,
        P.EDIT_KINDS,
        P.VIEW_CASES,
        P.HANDLE_CASES,
        P.VERIFY_CASES,
        P.DECIDE_BINDINGS,
    },
    Role.LEAD_APPROVER: READING
    | {
        P.VIEW_RECORDS,
        P.CONFIRM_CORRECTIONS,
        P.CONFIRM_CONSEQUENCES,
        P.REVIEW_PART,
        P.PUBLISH_PART,
        P.VIEW_CASES,
        P.DECIDE_CASES,
        P.DECIDE_BINDINGS,
    },
    Role.DEPARTMENT_CLERK: READING
    | {P.VIEW_RECORDS, P.GIVE_RECORDS, P.CORRECT_RECORDS, P.VIEW_CASES, P.VERIFY_CASES},
    Role.DEPARTMENT_APPROVER: READING
    | {
        P.VIEW_RECORDS,
        P.CONFIRM_CORRECTIONS,
        P.CONFIRM_CONSEQUENCES,
        P.VIEW_CASES,
        P.VERIFY_CASES,
    },
    Role.INSPECTION_SUPERVISOR: READING,
    Role.INSPECTOR: READING,
    Role.READER: READING | {P.VIEW_RECORDS},
    Role.SYSTEM_ADMIN: frozenset({P.VIEW_REFERENCE, P.MANAGE_REFERENCE, P.MANAGE_SYSTEM}),
    Role.SECURITY_ADMIN: frozenset({P.VIEW_REFERENCE, P.MANAGE_ACCOUNTS, P.MANAGE_REPRESENTATIVES}),
    Role.AUDIT_ADMIN: frozenset({P.VIEW_REFERENCE, P.VIEW_AUDIT}),
    Role.REPRESENTATIVE: frozenset({P.OWN_ENTERPRISE}),
}

PROVINCE_ONLY = frozenset(
    {P.EDIT_SCHEME, P.EDIT_KINDS, P.MANAGE_REFERENCE, P.MANAGE_REPRESENTATIVES}
)
"""One standard, one composition table, one set of reference tables (R20, R24, R30); one place that
says who speaks for an enterprise, wherever it moves."""

LEAD_ROLES = frozenset({Role.LEAD_CLERK, Role.LEAD_APPROVER})
ADMIN_ROLES = frozenset({Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN})
"""Three administrators, never one person in two of the roles, none with any business role."""
