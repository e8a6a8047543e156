"""What was changed behind the portal's back, as the owner of the database could: each is found and
named, through the commands. Source: R64; design §5, ideas 3 and 7."""

import datetime as dt
import json
from dataclasses import dataclass
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import OperationalError, connection

from audit import kept, recount, stated, triggers
from audit.models import Event
from grading import corrections, engine
from grading.models import Chunk, Correction, Rating, RosterRun, Run, Verdict
from grading.verifying import last_time
from records import services as records
from records.models import Record
from roster.models import Registration, RosterEntry
from tests.factories.grading import OPERATOR, TODAY, County, code, state_set_up

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
    moved = Correction.objects.get(enterprise=MOVED)
    verdict = {one.facts: one.pk for one in Verdict.objects.filter(run=run)}
    state_set_up()
    triggers.remove(connection)
    return Proof(
        run,
        part,
        {
            "run": run.pk, "part": part.pk, "fine": fine.pk, "old_fine": old_fine.pk,
            "moved_fine": moved_fine.pk, "wrong": wrong.pk, "mark": disputed.pk,
            "again": again.pk, "kept": moved.pk, "fined": FINED, "other": OLD_FINE,
            "corrected": CORRECTED, "moved": MOVED, "none": verdict["0|0|0|0|0|0|0"],
            "chunk": Chunk.objects.get(part=part, number=1).pk, "county": county.region,
            "registration": Registration.objects.get(enterprise=FINED).pk,
            "entry": RosterEntry.objects.get(enterprise=FINED).pk,
            "given": _event_of(fine.recorded_at), "old_given": _event_of(old_fine.recorded_at),
            "wrong_given": _event_of(wrong.recorded_at),
            "published": _event("grading.part_published", part),
            "computed": _event("grading.run_computed", run),
            "marked": _event_of(disputed.recorded_at), "taken_back": _event_of(wrong.retracted_at),
            "registered": Event.objects.get(
                at=Registration.objects.get(enterprise=FINED).recorded_at
            ).number,
        },
    )  # fmt: skip


def _event_of(at: dt.datetime) -> int:
    return Event.objects.get(at=at, outcome="done").number


def _event(act: str, target: object) -> int:
    return Event.objects.for_target(target).get(act=act).number


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
    rows = sum(model.objects.count() for model in (*kept.tables(), *stated.tables()))
    rows += Record.objects.filter(retracted_at__isnull=False).count()
    rows += Registration.objects.filter(retracted_at__isnull=False).count()
    rows += RosterEntry.objects.filter(retracted_at__isnull=False).count()
    ratings = Rating.objects.filter(part=proof.part).count()
    assert ratings == 6 + 2  # graded by the run, corrected or kept
    before = Rating.objects.exclude(part=proof.part).count()
    assert said("verify_ratings", str(proof.run.pk)) == (
        0,
        {"ok": True, "checked": ratings, "first_bad": None},
    )
    assert said("verify") == (
        0,
        {
            "ok": True,
            "checked": Event.objects.count() + rows + 7 + 1 + before + ratings + 6,
            "first_bad": None,
        },
    )


REPLAYED = {
    "grade": (
        "UPDATE grading_rating SET grade = 'A' WHERE part_id = {part} AND enterprise_id = '{fined}'",
        "评价结果 grading.rating：企业 {fined}（名录评价结果 {part}，第0片）的等级与重新算出的不符。",
    ),
    "verdict of a rating": (
        "UPDATE grading_rating SET grade = 'A', verdict_id = {none}"
        " WHERE part_id = {part} AND enterprise_id = '{fined}'",
        "评价结果 grading.rating：企业 {fined}（名录评价结果 {part}，第0片）的等级与重新算出的不符。",
    ),
    "deleted rating": (
        "DELETE FROM grading_rating WHERE part_id = {part} AND enterprise_id = '{fined}'",
        "评价结果 grading.rating：企业 {fined}（名录评价结果 {part}，第0片）的等级与重新算出的不符。",
    ),
    "added rating": (
        "INSERT INTO grading_rating (part_id, enterprise_id, verdict_id, grade)"
        " VALUES ({part}, 'Z', {none}, 'A')",
        "评价结果 grading.rating：企业 Z（名录评价结果 {part}）不在这次评价之列，却有等级。",
    ),
    "digest of a slice": (
        "UPDATE grading_chunk SET digest = 'f' WHERE id = {chunk}",
        "评价分片 grading.chunk {chunk}（名录评价结果 {part}，第1片）：结果摘要与重新算出的不符。",
    ),
    "figures of a slice": (
        """UPDATE grading_chunk SET counts = '{{"0|0|0|0|0|0|0": 2}}' WHERE id = {chunk}""",
        "评价分片 grading.chunk {chunk}（名录评价结果 {part}，第1片）：企业数与重新算出的不符。",
    ),
    "unfinished slice": (
        "UPDATE grading_chunk SET state = 'waiting' WHERE id = {chunk}",
        "评价分片 grading.chunk {chunk}（名录评价结果 {part}）：没有完成（等待）。",
    ),
    "deleted slice": (
        "DELETE FROM grading_chunk WHERE id = {chunk}",
        "名录评价结果 grading.rosterrun {part}（{county}）：结果摘要或企业数与各分片不符。",
    ),
    "digest of the part": (
        "UPDATE grading_rosterrun SET digest = 'f' WHERE id = {part}",
        "名录评价结果 grading.rosterrun {part}（{county}）：结果摘要或企业数与各分片不符。",
    ),
    "size of the part": (
        "UPDATE grading_rosterrun SET size = 7 WHERE id = {part}",
        "名录评价结果 grading.rosterrun {part}（{county}）：结果摘要或企业数与各分片不符。",
    ),
    "grades of the part": (
        """UPDATE grading_rosterrun SET grades = '{{"A": 6}}' WHERE id = {part}""",
        "名录评价结果 grading.rosterrun {part}（{county}）：各等级企业数与评价结果不符。",
    ),
    "counts of the part": (
        """UPDATE grading_rosterrun SET counts = '{{"0|0|0|0|0|0|0": 6}}' WHERE id = {part}""",
        "名录评价结果 grading.rosterrun {part}（{county}）：各等级企业数与评价结果不符。",
    ),
    "digest of the run": (
        "UPDATE grading_run SET digest = 'f' WHERE id = {run}",
        "评价批次 grading.run {run}：结果摘要与各名录的不符。",
    ),
    "grade of a verdict": (
        "UPDATE grading_verdict SET grade = 'B' WHERE id = {none}",
        "结论 grading.verdict {none}：事实“0|0|0|0|0|0|0”记为“B {rule} {clause}”，按规则应为“A {rule} {clause}”。",
    ),
    "rule of a verdict": (
        "UPDATE grading_verdict SET rule = 'other' WHERE id = {none}",
        "结论 grading.verdict {none}：事实“0|0|0|0|0|0|0”记为“A other {clause}”，按规则应为“A {rule} {clause}”。",
    ),
    "clause of a verdict": (
        "UPDATE grading_verdict SET clause = '四(九)' WHERE id = {none}",
        "结论 grading.verdict {none}：事实“0|0|0|0|0|0|0”记为“A {rule} 四(九)”，按规则应为“A {rule} {clause}”。",
    ),
    "deleted correction": (
        "DELETE FROM grading_correction WHERE id = {again}",
        "重新评价 grading.correction {again}：企业 {corrected}（名录评价结果 {part}）的等级与当时的信息不符，或没有取代原等级。",
    ),
    "grade of a correction": (
        "UPDATE grading_rating SET grade = 'A' WHERE correction_id = {again}",
        "重新评价 grading.correction {again}：企业 {corrected}（名录评价结果 {part}）的等级与当时的信息不符，或没有取代原等级。",
    ),
    "instant of a correction": (
        "UPDATE grading_correction SET known_at = '2020-01-01 00:00:00+00:00' WHERE id = {again}",
        "重新评价 grading.correction {again}：企业 {corrected}（名录评价结果 {part}）的等级与当时的信息不符，或没有取代原等级。",
    ),
    "corrected rating put back": (
        "UPDATE grading_rating SET replaced_by_id = id"
        " WHERE part_id = {part} AND enterprise_id = '{other}'",
        "评价结果 grading.rating：企业 {other}（名录评价结果 {part}）的等级被取代，却没有取代它的等级。",
    ),
    "kept grade": (
        "UPDATE grading_rating SET grade = 'A' WHERE correction_id = {kept}",
        "重新评价 grading.correction {kept}：企业 {moved}（名录评价结果 {part}）的等级与当时的信息不符，或没有取代原等级。",
    ),
    "deleted kept grade": (
        "UPDATE grading_rating SET correction_id = NULL WHERE correction_id = {kept}",
        "评价结果 grading.rating：企业 {moved}（名录评价结果 {part}）不在这次评价之列，却有等级。",
    ),
}


EARLIER = {
    "digest of the part": "名录评价结果 grading.rosterrun {part}：与第{published}号审计事件办结时不一样。",
    "digest of the run": "评价批次 grading.run {run}：与第{computed}号审计事件办结时不一样。",
    "deleted correction": "重新评价 grading.correction（登记）：第{taken_back}号审计事件写入的行不见了。",
    "instant of a correction": (
        "重新评价 grading.correction {again}（登记）：审计链中没有在2020-01-01T00:00:00.000000Z办理它的事件。"
    ),
}
"""What the events already say of it, before any run is replayed."""


@pytest.mark.parametrize("changed", REPLAYED)
def test_a_changed_result_is_found_by_the_replay(proof, changed):
    sql, expected = REPLAYED[changed]
    verdict = Verdict.objects.get(pk=proof.names["none"])
    tamper(proof, sql)
    names = {**proof.names, "rule": verdict.rule, "clause": verdict.clause}
    assert first_bad("verify_ratings", str(proof.run.pk)) == expected.format(**names)
    assert first_bad("verify") == EARLIER.get(changed, expected).format(**names)


def test_a_changed_date_of_a_record_is_found_by_the_replay(proof):
    tamper(proof, "UPDATE records_record SET decided_on = '2019-01-01' WHERE id = {fine}")
    assert first_bad("verify_ratings", str(proof.run.pk)) == (
        f"评价结果 grading.rating：企业 {FINED}（名录评价结果 {proof.part.pk}，第0片）"
        "据以评价的信息或名录与评价时不同。"
    )


def test_a_grade_that_did_not_follow_a_retraction_is_found_by_the_standing_check(proof):
    """The rows are in order and the run saw the fine; only the present shows it."""
    records.retract_record(by=OPERATOR, record_id=proof.names["fine"], reason="误录")
    assert said("verify_ratings", str(proof.run.pk))[0] == 0
    assert first_bad("verify") == (
        f"评价结果 grading.rating：企业 {FINED}（名录评价结果 {proof.part.pk}）的现行等级与按现有信息重新算出的不符。"
    )


RECORD, MARK = "失信信息 records.record", "标注 records.mark"
NEWS, STAY = "登记信息历次版本 roster.registration", "名录条目 roster.rosterentry"
ADDED, RETRACTED = "（登记）：", "（撤回）："
SUM = "与第{%s}号审计事件所记的合计不符。"
GONE = "第{%s}号审计事件写入的行不见了。"
NO_ACT = "审计链中没有在%s办理它的事件。"
ROWS = {
    "content": (
        "UPDATE records_record SET content = '从轻' WHERE id = {old_fine}",
        RECORD + " {old_fine}" + ADDED + SUM % "old_given",
    ),
    "number": (
        "UPDATE records_record SET number = '某字1号' WHERE id = {old_fine}",
        RECORD + " {old_fine}" + ADDED + SUM % "old_given",
    ),
    "amount": (
        "UPDATE records_record SET fine_wan = 2 WHERE id = {fine}",
        RECORD + " {fine}" + ADDED + SUM % "given",
    ),
    "amount from nothing to nought": (
        "UPDATE records_record SET fine_wan = 0 WHERE id = {old_fine}",
        RECORD + " {old_fine}" + ADDED + SUM % "old_given",
    ),
    "first known": (
        "UPDATE records_record SET first_known_at = '2020-01-01 00:00:00+00:00'"
        " WHERE id = {old_fine}",
        RECORD + " {old_fine}" + ADDED + SUM % "old_given",
    ),
    "recorded": (
        "UPDATE records_record SET recorded_at = '2020-01-01 00:00:00+00:00' WHERE id = {old_fine}",
        RECORD + " {old_fine}" + ADDED + NO_ACT % "2020-01-01T00:00:00.000000Z",
    ),
    "deleted record that did not count": (
        "DELETE FROM records_record WHERE id = {old_fine}",
        RECORD + ADDED + GONE % "old_given",
    ),
    "retracted by nobody": (
        "UPDATE records_record SET retracted_at = '2026-12-01 00:00:00+00:00',"
        " retract_reason = '误录' WHERE id = {old_fine}",
        RECORD + " {old_fine}" + RETRACTED + NO_ACT % "2026-12-01T00:00:00.000000Z",
    ),
    "retracted record brought back": (
        "UPDATE records_record SET retracted_at = NULL, retract_reason = '' WHERE id = {wrong}",
        RECORD + RETRACTED + GONE % "taken_back",
    ),
    "reason of a retraction": (
        "UPDATE records_record SET retract_reason = '其他' WHERE id = {wrong}",
        RECORD + " {wrong}" + RETRACTED + SUM % "taken_back",
    ),
    "mark": (
        "UPDATE records_mark SET kind = 'repaired' WHERE id = {mark}",
        MARK + " {mark}" + ADDED + SUM % "marked",
    ),
    "deleted mark": (
        "DELETE FROM records_mark WHERE id = {mark}",
        MARK + ADDED + GONE % "marked",
    ),
    "registration of one among seven": (
        "UPDATE roster_registration SET address = '别处' WHERE id = {registration}",
        NEWS + ADDED + SUM % "registered",
    ),
    "deleted registration of one among seven": (
        "DELETE FROM roster_registration WHERE id = {registration}",
        NEWS + ADDED + SUM % "registered",
    ),
    "roster entry": (
        "UPDATE roster_rosterentry SET level = 'city' WHERE id = {entry}",
        STAY + ADDED + SUM % "registered",
    ),
}  # fmt: skip


@pytest.mark.parametrize("changed", ROWS)
def test_a_changed_row_is_found_whether_it_counts_or_not(proof, changed):
    sql, expected = ROWS[changed]
    tamper(proof, sql)
    assert first_bad("verify") == expected.format(**proof.names)


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        (5_000, RECORD + ADDED + SUM % "wrong_given"),
        (1, RECORD + ADDED + "有重复的行。"),
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
    assert first_bad("verify") == "第2号审计事件被改动。"


def test_without_json_the_first_bad_is_the_message(proof):
    tamper(proof, "UPDATE grading_chunk SET digest = 'f' WHERE id = {chunk}")
    with pytest.raises(CommandError, match=r"结果摘要与重新算出的不符。\n核对到此为止") as fault:
        call_command("verify", stdout=StringIO())
    assert fault.value.returncode == 1
    with pytest.raises(CommandError, match="结果摘要与重新算出的不符。"):
        call_command("verify_ratings", str(proof.run.pk))


@pytest.mark.parametrize("found", ["", "第2号审计事件被改动。"])
def test_the_outcome_is_recorded_when_asked(proof, found):
    events = Event.objects.count()
    if found:
        tamper(proof, "UPDATE audit_event SET actor = 'zhang' WHERE number = 2")
    said("verify")
    assert Event.objects.count() == events
    ended, answer = said("verify", "--record")
    assert (ended, answer["first_bad"] or "") == (1 if found else 0, found)
    assert last_time().first_bad == found
    assert Event.objects.latest("number").details["notes"][0]["values"] == {
        **answer, "first_bad": found,
    }  # fmt: skip


def test_a_database_that_cannot_be_read_is_no_finding(monkeypatch):
    def fail() -> None:
        raise OperationalError("no such server")

    monkeypatch.setattr("grading.management.commands.verify.checks", fail)
    with pytest.raises(CommandError, match="no such server") as fault:
        call_command("verify", stdout=StringIO())
    assert fault.value.returncode == 2


def test_an_unknown_run_is_wrong_use(db):
    with pytest.raises(CommandError) as fault:
        call_command("verify_ratings", "999")
    assert fault.value.returncode == 2
