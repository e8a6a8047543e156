"""What was changed behind the portal's back, as the owner of the database could: each is found and
named, through the commands. Source: R64; design §5, ideas 3 and 7."""

import datetime as dt
import json
from dataclasses import dataclass
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection

from audit import recount, triggers
from audit.models import Event
from grading import corrections, engine
from grading.models import Chunk, Correction, Rating, RosterRun, Run, Verdict
from records import services as records
from records.models import Mark, Record
from roster.models import Registration, RosterEntry
from tests.factories.grading import OPERATOR, TODAY, County, code

INSIDE, OUTSIDE = "2025-06-01", "2019-06-01"
CORRECTED, FINED, OLD_FINE, MOVED = code(1), code(2), code(3), code(7)


@dataclass
class Proof:
    """The run whose part is in force, and the rows that the cases change."""

    run: Run
    part: RosterRun
    names: dict[str, object]


@pytest.fixture
def proof(county, monkeypatch, settings, tmp_path) -> Proof:
    """Seven enterprises in three slices: one corrected, one gone to another roster with its grade,
    one with a fine too old to count, one marked; all of it by the services."""
    settings.AUDIT_ANCHOR_DIR = tmp_path / "anchor"
    settings.AUDIT_KEY_FILE = tmp_path / "audit.key"
    monkeypatch.setattr(engine, "SLICE_SIZE", 3)
    county.register([code(number) for number in range(1, 8)])
    wrong = county.give(CORRECTED, "licence_revoked", INSIDE)
    county.give(CORRECTED, "penalty_other", INSIDE)
    fine = county.give(FINED, "penalty_other", INSIDE, fine_wan=3)
    old_fine = county.give(OLD_FINE, "penalty_other", OUTSIDE)
    moved_fine = county.give(MOVED, "penalty_other", INSIDE)
    disputed = records.mark_record(
        by=OPERATOR, record_id=fine.pk, kind="disputed", since=TODAY, reason="申请复核"
    )
    county.publish(county.run())
    County.make("130104").register([MOVED])
    run = county.run(dt.date(2026, 3, 31), kind="quarterly")
    part = county.publish(run)
    proposal = corrections.change_record(
        by=county.clerk, record_id=wrong.pk, kind="retract", changes={}, reason="误录", on=TODAY
    )
    corrections.decide_change(
        by=county.approver, proposal_id=proposal.pk, agree=True, reason="", on=TODAY
    )
    wrong.refresh_from_db()
    again = Correction.objects.get(enterprise=CORRECTED)
    kept = Correction.objects.get(enterprise=MOVED)
    verdict = {one.facts: one.pk for one in Verdict.objects.filter(run=run)}
    triggers.remove(connection)
    return Proof(
        run,
        part,
        {
            "run": run.pk, "part": part.pk, "fine": fine.pk, "old_fine": old_fine.pk,
            "moved_fine": moved_fine.pk, "wrong": wrong.pk, "mark": disputed.pk,
            "again": again.pk, "kept": kept.pk, "fined": FINED, "other": OLD_FINE,
            "corrected": CORRECTED, "moved": MOVED, "none": verdict["0|0|0|0|0|0|0"],
            "chunk": Chunk.objects.get(part=part, number=1).pk, "county": county.region,
            "registration": Registration.objects.get(enterprise=FINED).pk,
            "entry": RosterEntry.objects.get(enterprise=FINED).pk,
            "given": _event_of(fine.recorded_at), "old_given": _event_of(old_fine.recorded_at),
            "wrong_given": _event_of(wrong.recorded_at),
            "marked": _event_of(disputed.recorded_at), "taken_back": _event_of(wrong.retracted_at),
            "registered": Event.objects.get(
                at=Registration.objects.get(enterprise=FINED).recorded_at
            ).number,
        },
    )  # fmt: skip


def _event_of(at: dt.datetime) -> int:
    return Event.objects.get(at=at, outcome="done").number


def tamper(proof: Proof, sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql.format(**proof.names))


def said(command: str, *args: str) -> tuple[int, dict]:
    """Exit code and the one JSON object."""
    out, ended = StringIO(), 0
    try:
        call_command(command, *args, "--json", stdout=out, stderr=StringIO())
    except CommandError as fault:
        ended = fault.returncode
    return ended, json.loads(out.getvalue())


def first_bad(command: str, *args: str) -> str:
    ended, answer = said(command, *args)
    assert (ended, answer["ok"], [*answer]) == (1, False, ["ok", "checked", "first_bad"])
    return answer["first_bad"]


def test_what_the_services_wrote_holds(proof):
    rows = sum(model.objects.count() for model in (Record, Mark, Registration, RosterEntry))
    rows += Record.objects.filter(retracted_at__isnull=False).count()
    rows += Registration.objects.filter(retracted_at__isnull=False).count()
    rows += RosterEntry.objects.filter(retracted_at__isnull=False).count()
    ratings = Rating.objects.filter(part=proof.part).count()
    assert ratings == 6 + 2  # graded by the run, corrected or kept
    assert said("verify_ratings", str(proof.run.pk)) == (
        0,
        {"ok": True, "checked": ratings, "first_bad": None},
    )
    assert said("verify") == (
        0,
        {
            "ok": True,
            "checked": Event.objects.count() + rows + ratings + 6,
            "first_bad": None,
        },
    )


REPLAYED = {
    "grade": (
        "UPDATE grading_rating SET grade = 'A' WHERE part_id = {part} AND enterprise_id = '{fined}'",
        "rating of {fined} (part {part}, slice 0) does not follow",
    ),
    "verdict of a rating": (
        "UPDATE grading_rating SET grade = 'A', verdict_id = {none}"
        " WHERE part_id = {part} AND enterprise_id = '{fined}'",
        "rating of {fined} (part {part}, slice 0) does not follow",
    ),
    "deleted rating": (
        "DELETE FROM grading_rating WHERE part_id = {part} AND enterprise_id = '{fined}'",
        "rating of {fined} (part {part}, slice 0) does not follow",
    ),
    "added rating": (
        "INSERT INTO grading_rating (part_id, enterprise_id, verdict_id, grade)"
        " VALUES ({part}, 'Z', {none}, 'A')",
        "part {part} ({county}): 7 ratings for 6",
    ),
    "digest of a slice": (
        "UPDATE grading_chunk SET digest = 'f' WHERE id = {chunk}",
        "digest of slice 1 of part {part} does not follow",
    ),
    "figures of a slice": (
        """UPDATE grading_chunk SET counts = '{{"0|0|0|0|0|0|0": 2}}' WHERE id = {chunk}""",
        "figures of slice 1 of part {part} do not follow",
    ),
    "unfinished slice": (
        "UPDATE grading_chunk SET state = 'waiting' WHERE id = {chunk}",
        "slice {chunk} of part {part} is waiting",
    ),
    "deleted slice": (
        "DELETE FROM grading_chunk WHERE id = {chunk}",
        "part {part} ({county}): digest or size does not follow",
    ),
    "digest of the part": (
        "UPDATE grading_rosterrun SET digest = 'f' WHERE id = {part}",
        "part {part} ({county}): digest or size does not follow",
    ),
    "size of the part": (
        "UPDATE grading_rosterrun SET size = 7 WHERE id = {part}",
        "part {part} ({county}): digest or size does not follow",
    ),
    "grades of the part": (
        """UPDATE grading_rosterrun SET grades = '{{"A": 6}}' WHERE id = {part}""",
        "figures of part {part} ({county})",
    ),
    "counts of the part": (
        """UPDATE grading_rosterrun SET counts = '{{"0|0|0|0|0|0|0": 6}}' WHERE id = {part}""",
        "figures of part {part} ({county})",
    ),
    "digest of the run": (
        "UPDATE grading_run SET digest = 'f' WHERE id = {run}",
        "run {run}: digest does not follow from its parts",
    ),
    "state of the run": (
        "UPDATE grading_run SET state = 'stopped' WHERE id = {run}",
        "run {run} is not computed: stopped",
    ),
    "grade of a verdict": (
        "UPDATE grading_verdict SET grade = 'B' WHERE id = {none}",
        "verdict {none} (0|0|0|0|0|0|0): stored B {rule} {clause}, the rules now say A {rule} {clause}",
    ),
    "rule of a verdict": (
        "UPDATE grading_verdict SET rule = 'other' WHERE id = {none}",
        "verdict {none} (0|0|0|0|0|0|0): stored A other {clause}, the rules now say A {rule} {clause}",
    ),
    "clause of a verdict": (
        "UPDATE grading_verdict SET clause = '四(九)' WHERE id = {none}",
        "verdict {none} (0|0|0|0|0|0|0): stored A {rule} 四(九), the rules now say A {rule} {clause}",
    ),
    "deleted correction": (
        "DELETE FROM grading_correction WHERE id = {again}",
        "part {part}: 1 replaced ratings for 0 corrections",
    ),
    "grade of a correction": (
        "UPDATE grading_rating SET grade = 'A' WHERE correction_id = {again}",
        "correction {again} of {corrected}",
    ),
    "instant of a correction": (
        "UPDATE grading_correction SET known_at = '2020-01-01 00:00:00+00:00' WHERE id = {again}",
        "correction {again} of {corrected}",
    ),
    "corrected rating put back": (
        "UPDATE grading_rating SET replaced_by_id = id"
        " WHERE part_id = {part} AND enterprise_id = '{other}'",
        "part {part}: 2 replaced ratings for 1 corrections",
    ),
    "kept grade": (
        "UPDATE grading_rating SET grade = 'A' WHERE correction_id = {kept}",
        "correction {kept} of {moved}",
    ),
    "deleted kept grade": (
        "UPDATE grading_rating SET correction_id = NULL WHERE correction_id = {kept}",
        "part {part} ({county}): 7 ratings for 6",
    ),
}


@pytest.mark.parametrize("changed", REPLAYED)
def test_a_changed_result_is_found_by_the_replay(proof, changed):
    sql, expected = REPLAYED[changed]
    verdict = Verdict.objects.get(pk=proof.names["none"])
    tamper(proof, sql)
    expected = expected.format(**proof.names, rule=verdict.rule, clause=verdict.clause)
    assert first_bad("verify_ratings", str(proof.run.pk)) == expected
    assert first_bad("verify") == f"run {proof.run.pk}: {expected}"


def test_a_changed_date_of_a_record_is_found_by_the_replay(proof):
    tamper(proof, "UPDATE records_record SET decided_on = '2019-01-01' WHERE id = {fine}")
    assert first_bad("verify_ratings", str(proof.run.pk)) == (
        f"facts of {FINED} (part {proof.part.pk}, slice 0) does not follow"
    )


def test_a_grade_that_did_not_follow_a_retraction_is_found_by_the_standing_check(proof):
    """The rows are in order and the run saw the fine; only the present shows it."""
    records.retract_record(by=OPERATOR, record_id=proof.names["fine"], reason="误录")
    assert said("verify_ratings", str(proof.run.pk))[0] == 0
    assert first_bad("verify") == f"ratings in force: rating of {FINED} (part {proof.part.pk})"


RECORD, MARK = "records.record", "records.mark"
NEWS, STAY = "roster.registration", "roster.rosterentry"
FOLLOW = "the rows do not follow from event"
ROWS = {
    "content": (
        "UPDATE records_record SET content = '从轻' WHERE id = {old_fine}",
        RECORD + " {old_fine} (added): " + FOLLOW + " {old_given}",
    ),
    "number": (
        "UPDATE records_record SET number = '某字1号' WHERE id = {old_fine}",
        RECORD + " {old_fine} (added): " + FOLLOW + " {old_given}",
    ),
    "amount": (
        "UPDATE records_record SET fine_wan = 2 WHERE id = {fine}",
        RECORD + " {fine} (added): " + FOLLOW + " {given}",
    ),
    "amount from nothing to nought": (
        "UPDATE records_record SET fine_wan = 0 WHERE id = {old_fine}",
        RECORD + " {old_fine} (added): " + FOLLOW + " {old_given}",
    ),
    "first known": (
        "UPDATE records_record SET first_known_at = '2020-01-01 00:00:00+00:00'"
        " WHERE id = {old_fine}",
        RECORD + " {old_fine} (added): " + FOLLOW + " {old_given}",
    ),
    "recorded": (
        "UPDATE records_record SET recorded_at = '2020-01-01 00:00:00+00:00' WHERE id = {old_fine}",
        RECORD + " {old_fine} (added): no act of 2020-01-01T00:00:00.000000Z wrote it",
    ),
    "deleted record that did not count": (
        "DELETE FROM records_record WHERE id = {old_fine}",
        RECORD + " (added): the rows of event {old_given} are missing",
    ),
    "retracted by nobody": (
        "UPDATE records_record SET retracted_at = '2026-12-01 00:00:00+00:00',"
        " retract_reason = '误录' WHERE id = {old_fine}",
        RECORD + " {old_fine} (retracted): no act of 2026-12-01T00:00:00.000000Z wrote it",
    ),
    "retracted record brought back": (
        "UPDATE records_record SET retracted_at = NULL, retract_reason = '' WHERE id = {wrong}",
        RECORD + " (retracted): the rows of event {taken_back} are missing",
    ),
    "reason of a retraction": (
        "UPDATE records_record SET retract_reason = '其他' WHERE id = {wrong}",
        RECORD + " {wrong} (retracted): " + FOLLOW + " {taken_back}",
    ),
    "mark": (
        "UPDATE records_mark SET kind = 'repaired' WHERE id = {mark}",
        MARK + " {mark} (added): " + FOLLOW + " {marked}",
    ),
    "deleted mark": (
        "DELETE FROM records_mark WHERE id = {mark}",
        MARK + " (added): the rows of event {marked} are missing",
    ),
    "registration of one among seven": (
        "UPDATE roster_registration SET address = '别处' WHERE id = {registration}",
        NEWS + " (added): " + FOLLOW + " {registered}",
    ),
    "deleted registration of one among seven": (
        "DELETE FROM roster_registration WHERE id = {registration}",
        NEWS + " (added): " + FOLLOW + " {registered}",
    ),
    "roster entry": (
        "UPDATE roster_rosterentry SET level = 'city' WHERE id = {entry}",
        STAY + " (added): " + FOLLOW + " {registered}",
    ),
}  # fmt: skip


@pytest.mark.parametrize("changed", ROWS)
def test_a_changed_row_is_found_whether_it_counts_or_not(proof, changed):
    sql, expected = ROWS[changed]
    tamper(proof, sql)
    assert first_bad("verify") == "rows: " + expected.format(**proof.names)


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        (5_000, "rows: records.record (added): the rows do not follow from event {wrong_given}"),
        (1, "rows: records.record (added): rows stand there twice"),
    ],
)
def test_a_record_copied_to_the_letter_is_found(proof, monkeypatch, size, expected):
    monkeypatch.setattr(recount, "PAGE", size)
    names = ", ".join(one.column for one in Record._meta.concrete_fields if one.column != "id")
    tamper(
        proof,
        f"INSERT INTO records_record ({names}) SELECT {names} FROM records_record"  # noqa: S608
        " WHERE id = {wrong}",
    )
    assert first_bad("verify") == expected.format(**proof.names)


def test_verify_begins_with_the_chain(proof):
    tamper(proof, "UPDATE audit_event SET actor = 'zhang' WHERE number = 2")
    assert first_bad("verify") == "audit: Event 2 was changed."


def test_without_json_the_first_bad_is_the_message(proof):
    tamper(proof, "UPDATE grading_run SET digest = 'f' WHERE id = {run}")
    with pytest.raises(CommandError, match="digest does not follow from its parts") as fault:
        call_command("verify", stdout=StringIO())
    assert fault.value.returncode == 1
    with pytest.raises(CommandError, match="digest does not follow from its parts"):
        call_command("verify_ratings", str(proof.run.pk))


def test_an_unknown_run_is_wrong_use(db):
    with pytest.raises(CommandError) as fault:
        call_command("verify_ratings", "999")
    assert fault.value.returncode == 2
