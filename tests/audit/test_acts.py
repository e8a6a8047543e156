import asyncio
import contextvars
import threading
from types import SimpleNamespace

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from django.db import connection, transaction

from audit.acts import Account, act, acting, names, note, stamp
from audit.chain import NOTES_IN_FULL
from audit.current import NoOpenAct, open_act
from audit.models import AppendOnlyError, ChainHead, Event, EventTarget
from audit.refusal import Refused
from audit.rules.chain import digest_of
from audit.verify import verify
from tests.factories.audit import APPROVER, CLERK, fill_drawer, fill_shelf, keep_file

pytestmark = pytest.mark.django_db


def test_act_writes_one_event_with_who_and_what():
    at = keep_file(by=CLERK, number=7, reason="来文", added=["甲", "乙"], copies=2)
    event = Event.objects.get()
    assert (event.number, event.at, event.act, event.outcome) == (1, at, "tried.file_kept", "done")
    assert (event.actor, event.agency, event.region) == ("wang", "长安区行政审批局", "130102")
    assert (event.target_type, event.target_id, event.target_label) == ("tried.file", "7", "案卷7")
    assert event.details["notes"] == [
        {
            "target": ["tried.file", "7"],
            "reason": "来文",
            "added": digest_of(["甲", "乙"]),
            "values": {"copies": 2},
        }
    ]


def test_act_by_someone_without_agency_has_empty_texts():
    keep_file(by=SimpleNamespace(username="timer"))
    assert Event.objects.values_list("actor", "agency", "region").get() == ("timer", "", "")


def test_numbers_have_no_gap_and_each_event_holds_the_hash_before_it():
    for number in range(3):
        keep_file(by=CLERK, number=number)
    rows = list(Event.objects.order_by("number").values_list("number", "previous_hash", "hash"))
    assert [row[0] for row in rows] == [1, 2, 3]
    assert [row[1] for row in rows[1:]] == [row[2] for row in rows[:-1]]
    head = ChainHead.objects.get()
    assert (head.number, head.hash, head.chain) == (3, rows[-1][2], rows[0][1])


def test_nested_acts_write_one_event_that_names_them():
    fill_shelf(by=CLERK, files=2)
    event = Event.objects.get()
    assert event.act == "tried.shelf_filled"
    assert [one.get("act") for one in event.details["notes"]] == [
        None,
        "tried.file_kept",
        "tried.file_kept",
    ]
    assert list(event.targets.order_by("position").values_list("target_type", "target_id")) == [
        ("tried.shelf", "A"),
        ("tried.file", "1"),
        ("tried.file", "2"),
    ]


def test_nested_acts_share_one_stamp():
    first, second = fill_shelf(by=CLERK, files=2)
    assert first == second == Event.objects.get().at


def test_failing_act_writes_nothing():
    with pytest.raises(Refused):
        keep_file(by=CLERK, refuse=True)
    assert (Event.objects.count(), EventTarget.objects.count()) == (0, 0)
    assert open_act() is None


def test_failing_nested_act_fails_the_whole():
    with pytest.raises(Refused):
        fill_shelf(by=CLERK, files=2, refuse_last=True)
    assert Event.objects.count() == 0


def test_failing_nested_act_that_is_caught_leaves_no_trace_in_the_event():
    with acting("tried.desk_cleared", by=CLERK):
        keep_file(by=CLERK, number=1)
        with pytest.raises(Refused):
            keep_file(by=CLERK, number=2, refuse=True, region="130202")
    event = Event.objects.get()
    assert [one["target"] for one in event.details["notes"]] == [["tried.file", "1"]]
    assert list(event.targets.values_list("target_id", flat=True)) == ["1"]
    assert event.region == "130102"
    assert verify().ok


def test_target_first_noted_by_a_caught_act_and_then_again_is_kept():
    with acting("tried.desk_cleared", by=CLERK):
        with pytest.raises(Refused):
            keep_file(by=CLERK, number=2, refuse=True)
        keep_file(by=CLERK, number=2)
    assert Event.objects.get().targets.get().target_id == "2"


def test_dry_run_writes_nothing():
    with transaction.atomic(), acting("tried.desk_cleared", by=CLERK):
        keep_file(by=CLERK)
        transaction.set_rollback(True)
    assert Event.objects.count() == 0


def test_same_target_noted_twice_is_looked_up_once():
    with acting("tried.desk_cleared", by=CLERK):
        keep_file(by=CLERK, number=1)
        keep_file(by=CLERK, number=1)
    assert EventTarget.objects.count() == 1


def test_region_noted_stands_before_the_region_of_the_actor():
    keep_file(by=APPROVER, region="130104")
    event = Event.objects.get()
    assert (event.region, event.details["actor_region"]) == ("130104", "1301")


def test_bulk_act_gives_its_own_digest():
    digest = digest_of(["row"] * 3)
    with acting("tried.batch_merged", by=CLERK):
        note(target=("tried.batch", 5), added_hash=digest["sha256"], added_count=3)
    assert Event.objects.get().details["notes"][0]["added"] == digest


def test_many_notes_are_folded_and_every_target_can_still_be_looked_up():
    fill_shelf(by=CLERK, files=NOTES_IN_FULL + 5)
    event = Event.objects.get()
    assert len(event.details["notes"]) == NOTES_IN_FULL + 1
    assert event.details["notes"][-1]["folded"]["count"] == 6
    assert event.targets.count() == NOTES_IN_FULL + 6
    assert verify().ok


def test_writing_an_event_takes_the_same_number_of_queries_for_any_number_of_targets(
    django_assert_num_queries,
):
    keep_file(by=CLERK)  # the chain has begun
    clock = 2 if connection.vendor == "postgresql" else 1
    savepoint, head_event_lookup_head = 2, 4
    with django_assert_num_queries(clock + savepoint + head_event_lookup_head):
        fill_drawer(by=CLERK, files=20)


def test_texts_that_no_column_holds_are_made_to_fit():
    by = Account("王\x00", "局" * 300, "1" * 50)
    keep_file(by=by, number="9" * 300, reason="缺\ud800页")
    event = Event.objects.get()
    assert (event.actor, len(event.agency), len(event.region)) == ("王␀", 200, 32)
    assert (len(event.target_id), event.details["notes"][0]["reason"]) == (200, "缺?页")
    assert verify().ok


def test_act_without_by_is_refused():
    with pytest.raises(TypeError, match="needs by="):
        keep_file(number=1)


def test_act_on_a_coroutine_is_refused():
    with pytest.raises(TypeError, match="runs to its end in one thread"):

        @act("tried.later")
        async def later(*, by): ...


def test_note_outside_an_act_is_refused():
    with pytest.raises(NoOpenAct):
        note(target=("tried.file", 1))


def test_stamp_outside_an_act_is_refused():
    with pytest.raises(NoOpenAct):
        stamp()


@pytest.mark.parametrize("target", ["tried.file", ("tried.file",), ("tried.file", None), 7])
def test_note_of_something_that_is_no_target_fails_the_act(target):
    with pytest.raises(TypeError), acting("tried.desk_cleared", by=CLERK):
        note(target=target)
    assert Event.objects.count() == 0


def test_declared_acts_are_known_by_name():
    assert {"tried.file_kept", "tried.shelf_filled"} <= names()


def test_event_refuses_to_be_saved_again_changed_or_deleted():
    keep_file(by=CLERK)
    event = Event.objects.get()
    for tampering in (
        event.save,
        event.delete,
        Event.objects.all().delete,
        lambda: Event.objects.update(actor="li"),
    ):
        with pytest.raises(AppendOnlyError):
            tampering()


def test_context_copied_into_another_thread_is_outside_the_act():
    seen = []
    with acting("tried.desk_cleared", by=CLERK):
        copied = contextvars.copy_context()
        thread = threading.Thread(target=lambda: seen.append(copied.run(open_act)))
        thread.start()
        thread.join()
        assert open_act() is not None
    assert seen == [None]


def test_acts_called_from_async_code_write_their_events():
    async def both():
        await asyncio.gather(
            *(sync_to_async(keep_file)(by=CLERK, number=number) for number in (1, 2))
        )

    async_to_sync(both)()
    assert Event.objects.count() == 2
