"""Is every enterprise what the versions in force and the rosters say it is today?

`Enterprise` is kept beside `Registration` and `RosterEntry` for lists; one whose file was taken
back has no version in force and shows what the last one said. Source: R64; design idea 3.
"""

from __future__ import annotations

from django.db import connection

from audit.errors import Wrong
from audit.found import Found
from audit.refusal import explain

from .enums import Status
from .models import Enterprise, RegistrationFacts


def check_enterprises() -> Found:
    """Compare all enterprises with their version in force and their place, in statements that each
    see one moment, however many acts go on meanwhile."""
    checked = Enterprise.objects.count()
    try:
        for code, statement in _statements().items():
            with connection.cursor() as cursor:
                cursor.execute(statement)
                for (enterprise,) in cursor.fetchall():
                    raise Wrong(code, code=enterprise)
    except Wrong as wrong:
        return Found(False, checked, explain(wrong))
    return Found(True, checked)


def _statements() -> dict[str, str]:
    """Each gives the first enterprise that is wrong, by what is wrong with it."""
    differs = "IS NOT" if connection.vendor == "sqlite" else "IS DISTINCT FROM"
    columns = [field.column for field in RegistrationFacts._meta.local_concrete_fields]
    facts, last_facts = (
        " OR ".join(f"e.{column} {differs} r.{column}" for column in columns if column not in but)
        for but in ((), ("status",))
    )
    return {
        "roster.enterprise_differs": f"""
            SELECT e.code FROM roster_enterprise e
            LEFT JOIN roster_registration r
                ON r.enterprise_id = e.code AND r.retracted_at IS NULL AND r.until IS NULL
            WHERE CASE WHEN e.status = '{Status.TAKEN_BACK}' THEN r.id IS NOT NULL
                ELSE r.id IS NULL OR {facts} END
            ORDER BY e.code LIMIT 1
        """,  # noqa: S608  names of ours
        "roster.taken_back_differs": f"""
            SELECT e.code FROM roster_enterprise e
            LEFT JOIN roster_registration r ON r.id = (
                SELECT max(n.id) FROM roster_registration n WHERE n.enterprise_id = e.code
            )
            WHERE e.status = '{Status.TAKEN_BACK}' AND (r.id IS NULL OR {last_facts})
            ORDER BY e.code LIMIT 1
        """,  # noqa: S608  names of ours
        "roster.enterprise_gone": """
            SELECT r.enterprise_id FROM roster_registration r
            WHERE NOT EXISTS (SELECT 1 FROM roster_enterprise e WHERE e.code = r.enterprise_id)
            ORDER BY r.enterprise_id LIMIT 1
        """,
        "roster.keeper_differs": f"""
            SELECT e.code FROM roster_enterprise e
            LEFT JOIN roster_rosterentry s
                ON s.enterprise_id = e.code AND s.retracted_at IS NULL AND s.left_on IS NULL
            WHERE e.keeper_id {differs} s.region_id
            ORDER BY e.code LIMIT 1
        """,  # noqa: S608  names of ours
    }


__all__ = ["check_enterprises"]
