import io
import json
import subprocess
import sys

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from audit import anchor, triggers
from audit import verify as verify_module
from audit.acts import acting, note
from audit.models import ChainHead, Event
from audit.refusal import Refused, record_refusal
from audit.verify import Verdict, verify
from tests.factories.audit import CLERK, fill_shelf, keep_file

pytestmark = pytest.mark.django_db

WHOLE = Verdict(ok=True, checked=5, first_bad=None)


@pytest.fixture(autouse=True)
def anchored(settings, tmp_path):
    settings.AUDIT_ANCHOR_DIR = tmp_path / "anchor"
    settings.AUDIT_KEY_FILE = tmp_path / "audit.key"


@pytest.fixture
def five_events():
    """Four acts and a refusal, anchored at their end; the triggers are off."""
    keep_file(by=CLERK, number=1, reason="来文")
    fill_shelf(by=CLERK, files=2)
    record_refusal(act="tried.file_kept", by=CLERK, exc=Refused("tried.file_closed", number=1))
    keep_file(by=CLERK, number=2)
    keep_file(by=CLERK, number=3)
    anchor.anchor_now()
    triggers.remove(connection)


def tamper(sql, *values):
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


def rewrite_chain_from(number):
    """What a thorough forger would do: make all later hashes fit again."""
    previous = (
        Event.objects.get(pk=number - 1).hash if number > 1 else ChainHead.objects.get().chain
    )
    for event in Event.objects.filter(number__gte=number).order_by("number"):
        fitting = verify_module.link(previous, event.content())
        tamper(
            "UPDATE audit_event SET previous_hash = %s, hash = %s WHERE number = %s",
            previous,
            fitting,
            event.number,
        )
        previous = fitting
    tamper("UPDATE audit_chainhead SET hash = %s", previous)


def test_empty_chain_is_whole():
    assert verify() == Verdict(ok=True, checked=0, first_bad=None)


def test_untouched_chain_is_whole(five_events):
    assert verify() == WHOLE


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("actor", "zhang"),
        ("agency", ""),
        ("region", "130202"),
        ("act", "tried.other"),
        ("outcome", "refused"),
        ("target_type", "tried.other"),
        ("target_id", "9"),
        ("target_label", "别的"),
        ("details", '{"notes": [], "targets": {"count": 0}}'),
        ("at", "2020-01-01 00:00:00+00:00"),
        ("hash", "0" * 64),
        ("previous_hash", "0" * 64),
    ],
)
def test_changed_column_is_found(five_events, column, value):
    tamper(f"UPDATE audit_event SET {column} = %s WHERE number = 2", value)  # noqa: S608
    assert (verify().ok, verify().first_bad) == (False, 2)


def test_deleted_event_is_found(five_events):
    tamper("DELETE FROM audit_event WHERE number = 3")
    assert verify() == Verdict(False, 2, 3, "第3号审计事件不见了。")


def test_two_events_changed_places_are_found(five_events):
    for old, new in ((4, 40), (5, 4), (40, 5)):
        tamper("UPDATE audit_event SET number = %s WHERE number = %s", new, old)
    assert verify() == Verdict(False, 3, 4, "第4号审计事件与前一事件的摘要不相接。")


def test_rewritten_middle_that_fits_is_found_by_the_anchor(five_events):
    tamper("UPDATE audit_event SET actor = 'zhang' WHERE number = 4")
    rewrite_chain_from(4)
    verdict = verify()
    assert (verdict.ok, verdict.first_bad) == (False, 5)
    assert verdict.problem.startswith("第5号审计事件与")


def test_cut_off_end_is_found_by_the_head(five_events):
    tamper("DELETE FROM audit_eventtarget WHERE event_id = 5")
    tamper("DELETE FROM audit_event WHERE number = 5")
    assert verify() == Verdict(False, 4, 5, "审计链到不了所记的末端：第5号审计事件不见了。")


def test_cut_off_end_with_a_head_made_to_fit_is_found_by_the_anchor(five_events):
    tamper("DELETE FROM audit_eventtarget WHERE event_id = 5")
    tamper("DELETE FROM audit_event WHERE number = 5")
    tamper("UPDATE audit_chainhead SET number = 4, hash = %s", Event.objects.get(pk=4).hash)
    verdict = verify()
    assert (verdict.ok, verdict.checked, verdict.first_bad) == (False, 4, 5)
    assert verdict.problem.startswith("审计链的末端被截掉，")


def test_event_after_the_head_is_found(five_events):
    tamper("UPDATE audit_chainhead SET number = 4, hash = %s", Event.objects.get(pk=4).hash)
    assert (verify().ok, verify().first_bad) == (False, 5)


def test_changed_latest_instant_of_the_head_is_found(five_events):
    tamper("UPDATE audit_chainhead SET latest_at = '2020-01-01 00:00:00+00:00'")
    assert verify() == Verdict(
        False, 5, 5, "审计链末端（audit_chainhead）所记的最晚时间被改动，末条为第5号审计事件。"
    )


def test_missing_head_is_found(five_events):
    tamper("DELETE FROM audit_chainhead")
    assert verify() == Verdict(False, 0, 5, "审计链末端（audit_chainhead）不见了，事件已到第5号。")


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM audit_eventtarget WHERE event_id = 2 AND position = 1",
        "UPDATE audit_eventtarget SET target_id = '9' WHERE event_id = 2 AND position = 1",
        "UPDATE audit_eventtarget SET target_label = '别的' WHERE event_id = 2 AND position = 1",
        "INSERT INTO audit_eventtarget (event_id, position, target_type, target_id, target_label)"
        " VALUES (2, 3, 'tried.file', '9', '')",
    ],
    ids=["deleted", "pointed elsewhere", "renamed", "added"],
)
def test_changed_lookup_rows_are_found(five_events, sql):
    tamper(sql)
    assert verify() == Verdict(False, 1, 2, "第2号审计事件的对象索引被改动。")


def test_lookup_rows_added_to_an_event_without_targets_are_found(five_events):
    tamper(
        "INSERT INTO audit_eventtarget (event_id, position, target_type, target_id, target_label)"
        " VALUES (3, 0, 'tried.file', '9', '')"
    )
    assert verify().first_bad == 3


def test_changed_anchor_is_found(five_events, settings):
    (file,) = settings.AUDIT_ANCHOR_DIR.glob("*.jsonl")
    file.write_text(file.read_text().replace('"number":5', '"number":4'))
    verdict = verify()
    assert (verdict.ok, verdict.first_bad) == (False, 4)
    assert "不是用本系统的密钥签的" in verdict.problem


def test_chain_without_anchor_is_whole_in_the_demo_and_not_in_production(five_events, settings):
    for file in settings.AUDIT_ANCHOR_DIR.glob("*.jsonl"):
        file.unlink()
    assert verify() == WHOLE
    settings.PORTAL_MODE = "production"
    assert verify() == Verdict(False, 5, 5, "没有找到这条审计链的锚点，事件已到第5号。")


def test_chain_put_in_the_place_of_another_is_found_in_production(five_events, settings):
    for table in ("audit_eventtarget", "audit_event", "audit_chainhead"):
        tamper(f"DELETE FROM {table}")  # noqa: S608
    keep_file(by=CLERK)
    anchor.anchor_now()
    assert verify().ok
    verdict = verify(require_anchor=True)
    assert (verdict.ok, verdict.first_bad) == (False, 2)
    assert "是另一条审计链的锚点" in verdict.problem


def test_refused_rollbacks_leave_no_gap(five_events):
    with pytest.raises(Refused):
        keep_file(by=CLERK, refuse=True)
    keep_file(by=CLERK)
    assert verify().checked == 6


def test_chain_of_several_pages_is_walked_whole(monkeypatch, five_events):
    monkeypatch.setattr(verify_module, "PAGE", 2)
    assert verify() == WHOLE
    tamper("UPDATE audit_event SET actor = 'zhang' WHERE number = 5")
    assert (verify().checked, verify().first_bad) == (4, 5)


def test_walk_takes_queries_by_the_page_not_by_the_event(
    monkeypatch, five_events, django_assert_num_queries
):
    monkeypatch.setattr(verify_module, "PAGE", 3)
    with django_assert_num_queries(1 + 2 * 2 + 1):  # head, two pages with lookups, the empty page
        verify()


def test_values_of_every_kind_come_back_as_they_were_hashed():
    with acting("tried.desk_cleared", by=CLERK):
        note(
            target=("tried.file", "1", '引号"\\与😀'),
            big=2**70,
            small=-1,
            rate=1e22,
            nested={"é": [True, None, {}], "": []},
            text="\u2028\x7f",
        )
    assert verify().ok


def run_command(*args):
    out, err = io.StringIO(), io.StringIO()
    code = 0
    try:
        call_command("verify_audit", *args, stdout=out, stderr=err)
    except CommandError as fault:
        code = fault.returncode
    return code, out.getvalue(), err.getvalue()


def test_command_says_whole(five_events):
    triggers.install(connection)
    assert run_command() == (0, "已核对 5 个审计事件，审计链完整。\n", "")


def test_command_prints_one_json_object(five_events):
    code, out, _err = run_command("--json")
    assert (code, json.loads(out)) == (0, {"ok": True, "checked": 5, "first_bad": None})


def test_command_ends_with_1_and_names_the_first_bad_event(five_events):
    tamper("UPDATE audit_event SET actor = 'zhang' WHERE number = 2")
    code, out, _err = run_command("--json")
    assert (code, json.loads(out)) == (1, {"ok": False, "checked": 1, "first_bad": 2})


def test_command_warns_of_missing_triggers(five_events):
    assert "audit_event 表失去了只能追加的触发器" in run_command("--json")[2]


def test_command_used_wrongly_ends_with_2():
    ended = subprocess.run(
        [sys.executable, "manage.py", "verify_audit", "--jsn"], capture_output=True, check=False
    )
    assert ended.returncode == 2
