"""The identity of a record names its family of kinds, and the authority instead of the provider.

Set-based, from each row's own fields. States are told apart by their day, so what their provider
told falls away; where that would make one of two live records, both stay as they were.
"""

from django.db import migrations

PENALTIES = (
    "business_licence_revoked", "licence_revoked", "ordered_to_close", "production_stopped",
    "licence_suspended", "grade_lowered", "operation_restricted", "employment_restricted",
    "penalty_undecided", "penalty_other", "corrective_order",
)  # fmt: skip
FAMILY = (
    f"CASE WHEN r.kind_id IN ({', '.join(repr(kind) for kind in PENALTIES)})"
    " THEN 'penalty' ELSE r.kind_id END"
)
NUMBERED = f"""
    UPDATE records_record SET identity = fresh.identity FROM (
        SELECT r.id, 'n:' || r.authority_id || ':' || {FAMILY} || ':' ||
               substr(r.identity, length('n:' || r.authority_id || ':') + 1) AS identity
        FROM records_record r
        WHERE r.identity LIKE 'n:' || r.authority_id || ':%'
    ) AS fresh WHERE fresh.id = records_record.id
"""  # noqa: S608  names of ours
BY_DAY = """
    UPDATE records_record SET identity = fresh.identity FROM (
        SELECT id, identity, count(*) OVER (
            PARTITION BY enterprise_id, identity, CASE WHEN live THEN 0 ELSE id END
        ) AS alike FROM (
            SELECT r.id, r.enterprise_id, r.retracted_at IS NULL AS live,
                   'd:' || r.authority_id || ':' || {family} || ':' ||
                   CAST(r.decided_on AS text) || ':' ||
                   CASE WHEN k.shape = 'state' THEN '' ELSE {told} END AS identity
            FROM records_record r JOIN records_kind k ON k.code = r.kind_id
            WHERE r.identity LIKE 'k:%'
        ) AS named
    ) AS fresh WHERE fresh.id = records_record.id AND fresh.alike = 1
"""


def rename(apps, schema_editor):
    told = "r.identity"
    if schema_editor.connection.vendor == "postgresql":
        told = "split_part(r.identity, ':', 5)"
    else:
        for _ in range(4):
            told = f"substr({told}, instr({told}, ':') + 1)"
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(NUMBERED)
        cursor.execute(BY_DAY.format(family=FAMILY, told=told))


class Migration(migrations.Migration):
    dependencies = [("records", "0003_record_claimed_index")]

    operations = [migrations.RunPython(rename, migrations.RunPython.noop, elidable=True)]
