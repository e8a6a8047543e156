import csv
import datetime as dt
import gzip
import io

import pytest
from django.conf import settings
from django.utils import timezone, translation

from audit.models import Event
from audit.refusal import NotPermitted, Refused
from intake import layouts, limits, services, store
from intake.enums import BatchState, Fate
from intake.fates import fates_of, ranges, unranges
from intake.models import Batch, BatchLine, BatchSlice
from tests.factories.intake import CLERK, DAYS, GOOD_CODE, OTHER, csv_file, xlsx_file
from workdays.models import CalendarDay

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("days")]
PAPERS = "13010219790512004X"


@pytest.fixture(autouse=True)
def sent(monkeypatch):
    """What was announced, instead of a broker."""
    messages = []
    monkeypatch.setattr(
        "celery.app.task.Task.apply_async",
        lambda task, args=(), **options: messages.append((task.name, *args, options)),
    )
    return messages


def received(rows=DAYS, *, by=CLERK, **more):
    return services.receive(
        by=by, layout_key="test-days", name="节假日.csv", stream=csv_file(rows), **more
    )


def checked(rows=DAYS, **more):
    return services.check_batch(received(rows, **more).pk, pause=0)


def confirmed(rows=DAYS, **more):
    batch = checked(rows, **more)
    return services.confirm_batch(by=CLERK, batch_id=batch.pk, key=batch.confirm_key)


def merged(rows=DAYS, **more):
    return services.merge_batch(confirmed(rows, **more).pk)


def copy_text(batch):
    return gzip.open(store.folder() / batch.copy_name, "rt", encoding="utf-8").read()


def counts(batch):
    return (batch.added, batch.changed, batch.unchanged, batch.refused)


# --- receiving ---


def test_receive_keeps_who_what_and_digest_and_announces(sent, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        batch = received()
    assert (batch.uploader, batch.agency, batch.region) == ("zhang", "某市行政审批局", "130100")
    assert (batch.state, batch.lines, len(batch.sha256)) == (BatchState.RECEIVED, 3, 64)
    assert sent == [("intake.tasks.check_batch", batch.pk, {"retry": False})]
    event = Event.objects.get(act="intake.file_received")
    assert (event.actor, event.target_id) == ("zhang", str(batch.pk))


def test_receive_with_a_broker_that_is_down_fails_nothing(
    monkeypatch, django_capture_on_commit_callbacks
):
    def down(*args, **options):
        raise ConnectionError("nobody there")

    monkeypatch.setattr("celery.app.task.Task.apply_async", down)
    with django_capture_on_commit_callbacks(execute=True):
        batch = received()
    assert batch.state == BatchState.RECEIVED


def test_personal_columns_reach_no_disk_and_no_database():
    rows = [
        ["日期", "法定代表人证件号码", "类别", "节日", "备考"],
        ["2023-05-01", "130102199001011234", "休", "劳动节", "x"],
    ]
    before = set(store.folder().iterdir())
    batch = checked(rows)
    text = copy_text(batch)
    assert set(store.folder().iterdir()) - before == {store.folder() / batch.copy_name}
    assert "130102199001011234" not in text + str(list(BatchLine.objects.values()))
    assert text.splitlines() == [",,日期,类别,节日,备考", "2,,2023-05-01,休,劳动节,x"]
    assert batch.headings["dropped"] == ["法定代表人证件号码"]
    assert [note["code"] for note in batch.notes] == ["intake.note_dropped", "intake.note_unused"]
    assert "法定代表人证件号码" in batch.said[0]


def test_identity_number_in_a_cell_is_withheld_and_counted():
    days = [
        [*DAYS[0], "统一社会信用代码"],
        ["2023-05-01", "休", PAPERS, GOOD_CODE],
        ["2023-05-02", PAPERS, "甲", GOOD_CODE],
        ["2023-05-03", "休", "乙", PAPERS],
    ]
    batch = checked(days)
    lines = batch.full_lines.order_by("number")
    kept = copy_text(batch) + repr([one.problems for one in lines])
    assert (PAPERS in kept, counts(batch)) == (False, (1, 0, 0, 2))
    assert [one.problems[0][0] for one in lines] == ["类别", "统一社会信用代码"]
    assert (batch.notes[0]["code"], batch.notes[0]["count"]) == ("intake.note_withheld", 3)


def test_refused_file_leaves_nothing():
    before = set(store.folder().iterdir())
    with pytest.raises(Refused):
        received([["节日"], ["x"]])
    assert set(store.folder().iterdir()) == before
    assert not Batch.objects.exists()


def test_too_many_lines_on_sqlite_names_the_remedy(days, monkeypatch):
    monkeypatch.setattr(services, "is_sqlite", lambda: True)
    rows = [DAYS[0]] + [["2023-05-01", "休", ""]] * 1_001
    with pytest.raises(Refused) as caught:
        received(rows)
    assert caught.value.code == "intake.use_postgresql"
    assert not list(store.folder().glob("*.part"))


def test_full_disk_is_a_refusal_and_leaves_nothing(monkeypatch):
    def full(*args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(store, "_write", full)
    with pytest.raises(Refused) as caught:
        received()
    assert caught.value.code == "intake.store_full"
    assert not Batch.objects.exists()


def test_unknown_layout_is_like_a_page_not_there():
    with pytest.raises(NotPermitted):
        services.receive(by=CLERK, layout_key="nonsense", name="x", stream=csv_file(DAYS))


# --- checking ---


def test_check_gives_every_line_its_fate():
    CalendarDay.objects.create(date=dt.date(2023, 5, 1), kind="休", festival="劳动节")
    CalendarDay.objects.create(date=dt.date(2023, 5, 2), kind="休", festival="五一")
    batch = checked(
        [*DAYS, ["2023-02-29", "休", ""], [], ["合计", "", "3"], ["2023-5-1", "休", ""]]
    )
    assert (batch.state, counts(batch)) == (BatchState.CHECKED, (1, 1, 1, 3))
    assert list(fates_of(batch)) == [
        (2, Fate.UNCHANGED), (3, Fate.CHANGED), (4, Fate.ADDED), (5, Fate.REFUSED), (7, Fate.REFUSED),
        (8, Fate.REFUSED),
    ]  # fmt: skip
    full = {line.number: line for line in BatchLine.objects.filter(batch=batch)}
    assert full[3].changes == [["节日", "五一", "劳动节"]]
    assert full[5].problems == [["日期", "2023-02-29", "2023 年 2 月没有 29 日。请核对日期。"]]
    assert "合计" in full[7].problems[0][2]
    assert full[8].problems[0][2] == "文件中前面已有同一天。"
    assert batch.problems_total == 3


def test_check_names_every_problem_of_a_line_with_its_heading():
    batch = checked(
        [["放假日期", "类别", "统一社会信用代码", "金额（万元）"], ["", "假", "911", "五元"]]
    )
    problems = BatchLine.objects.get(batch=batch).problems
    assert [(column, value) for column, value, _ in problems] == [
        ("放假日期", ""), ("类别", "假"), ("统一社会信用代码", "911"), ("金额（万元）", "五元"),
    ]  # fmt: skip


@pytest.mark.parametrize("written", ["1900-1-1", "无"])
def test_check_shows_what_stands_in_a_cell_that_means_empty_and_must_not_be(written):
    batch = checked([DAYS[0], [written, "休", ""]])
    problems = BatchLine.objects.get(batch=batch).problems
    assert problems == [["日期", written, "此项必填。请补填。"]]


def test_check_refuses_a_code_that_was_a_number():
    rows = [["日期", "类别", "统一社会信用代码"], [dt.date(2023, 5, 1), "休", 911100006000373000],
            [dt.date(2023, 5, 2), "休", GOOD_CODE.lower()]]  # fmt: skip
    batch = services.receive(
        by=CLERK, layout_key="test-days", name="x.xlsx", stream=xlsx_file({"表": rows})
    )
    batch = services.check_batch(batch.pk, pause=0)
    assert counts(batch) == (1, 0, 0, 1)
    assert "文本" in BatchLine.objects.get(batch=batch).problems[0][2]


def test_check_refuses_lines_with_surplus_cells_or_too_long_ones():
    batch = checked([DAYS[0], ["2023-05-01", "休", "劳动节", "多", "余"], ["2023-05-02", "休", "长" * 20_000],
                     ["2023-05-03", "休", "", "", ""], ["2023-05-04", "休"]])  # fmt: skip
    assert [fate for _, fate in fates_of(batch)] == ["refused", "refused", "added", "added"]


def test_check_again_after_it_ended_changes_nothing():
    batch = checked()
    again = services.check_batch(batch.pk, pause=0)
    assert (again.confirm_key, again.token) == (batch.confirm_key, batch.token)


def test_check_is_left_to_the_one_who_has_it():
    batch = received()
    Batch.objects.filter(pk=batch.pk).update(
        state=BatchState.CHECKING, token=1, lease_until=timezone.now() + dt.timedelta(seconds=30)
    )
    assert services.check_batch(batch.pk).state == BatchState.CHECKING


def test_check_of_a_killed_worker_is_taken_up_again():
    batch = received()
    Batch.objects.filter(pk=batch.pk).update(
        state=BatchState.CHECKING, token=1, lease_until=timezone.now() - dt.timedelta(seconds=1)
    )
    BatchSlice.objects.create(batch=batch, number=1, lines="2-4", fates="rrr")
    batch = services.check_batch(batch.pk, pause=0)
    assert (batch.state, counts(batch), batch.slices.count()) == (
        BatchState.CHECKED,
        (3, 0, 0, 0),
        1,
    )


def test_worker_thought_dead_can_no_longer_write(days, monkeypatch):
    batch = received()
    original = days.check

    def overtaken(context, lines):
        Batch.objects.filter(pk=batch.pk).update(token=99)
        return original(context, lines)

    monkeypatch.setattr(days, "check", overtaken)
    after = services.check_batch(batch.pk, pause=0)
    assert (after.state, after.slices.count()) == (BatchState.CHECKING, 0)


def test_batch_that_fails_without_end_is_given_up():
    batch = received()
    Batch.objects.filter(pk=batch.pk).update(attempts=limits.ATTEMPTS)
    services.check_batch(batch.pk)
    batch.refresh_from_db()
    assert (batch.state, batch.refusal_code) == (BatchState.REFUSED, "intake.gave_up")
    assert "系统管理员" in batch.reason
    assert Event.objects.filter(act="intake.file_refused", target_id=str(batch.pk)).count() == 1


def test_what_is_kept_is_in_chinese_whoever_asked(settings):
    with translation.override("en"):
        batch = checked([DAYS[0], ["", "休", ""]])
    assert BatchLine.objects.get(batch=batch).problems[0][2] == "此项必填。请补填。"


def test_changed_copy_is_found_out():
    batch = received()
    path = store.folder() / batch.copy_name
    rows = list(csv.reader(io.StringIO(copy_text(batch))))
    rows[1][4] = "伪造节"
    with gzip.open(path, "wt", encoding="utf-8") as copy:
        csv.writer(copy, lineterminator="\n").writerows(rows)
    batch = services.check_batch(batch.pk, pause=0)
    assert (batch.state, batch.refusal_code) == (BatchState.REFUSED, "intake.copy_damaged")
    assert Event.objects.filter(act="intake.file_refused", target_id=str(batch.pk)).count() == 1


def test_copy_changed_between_preview_and_merge_is_found_out():
    batch = confirmed()
    path = store.folder() / batch.copy_name
    data = path.read_bytes()
    path.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    batch = services.merge_batch(batch.pk)
    assert (batch.state, batch.refusal_code) == (BatchState.REFUSED, "intake.copy_damaged")
    assert not CalendarDay.objects.filter(date__year=2023).exists()


def test_lost_copy_is_a_refusal():
    batch = received()
    store.remove_copy(batch.copy_name)
    assert services.check_batch(batch.pk).refusal_code == "intake.copy_missing"


# --- confirming, merging ---


def test_merge_writes_everything_by_one_act(days):
    CalendarDay.objects.create(date=dt.date(2023, 5, 2), kind="休", festival="五一")
    batch = merged()
    assert (batch.state, counts(batch)) == (BatchState.MERGED, (2, 1, 0, 0))
    assert (
        list(CalendarDay.objects.order_by("date").values_list("festival", flat=True))
        == ["劳动节"] * 3
    )
    assert Event.objects.filter(act="intake.file_merged").count() == 1
    assert days.finished == 1
    assert batch.merged_at == Event.objects.get(act="intake.file_merged").at


def test_same_file_twice_adds_nothing():
    merged()
    batch = merged()
    assert counts(batch) == (0, 0, 3, 0)
    assert CalendarDay.objects.filter(date__year=2023).count() == 3
    assert batch.notes[-1]["code"] == "intake.note_same_file"


def test_what_is_confirmed_is_not_confirmed_again(sent):
    batch = checked()
    services.confirm_batch(by=CLERK, batch_id=batch.pk, key=batch.confirm_key)
    services.merge_batch(batch.pk)
    services.merge_batch(batch.pk)
    with pytest.raises(Refused) as caught:
        services.confirm_batch(by=CLERK, batch_id=batch.pk, key=batch.confirm_key)
    assert (caught.value.code, caught.value.values["who"]) == (
        "intake.confirmed_already",
        CLERK.username,
    )
    assert CalendarDay.objects.filter(date__year=2023).count() == 3
    assert Event.objects.filter(act="intake.file_merged").count() == 1


@pytest.mark.parametrize("key", ["", "0" * 32])
def test_confirm_with_another_key_is_refused(key):
    batch = checked()
    with pytest.raises(Refused) as caught:
        services.confirm_batch(by=CLERK, batch_id=batch.pk, key=key)
    assert caught.value.code == "intake.stale_confirm"
    batch.refresh_from_db()
    assert batch.state == BatchState.CHECKED


def test_confirm_before_the_check_ended_is_refused():
    with pytest.raises(Refused) as caught:
        services.confirm_batch(by=CLERK, batch_id=received().pk, key="x")
    assert caught.value.code == "intake.not_checked"


@pytest.mark.parametrize("batch_id", [None, 10**9])
def test_confirm_of_another_persons_upload_is_like_a_page_not_there(batch_id):
    batch = checked()
    with pytest.raises(NotPermitted):
        services.confirm_batch(by=OTHER, batch_id=batch_id or batch.pk, key=batch.confirm_key)


def test_merge_needs_a_confirmation():
    batch = checked()
    assert services.merge_batch(batch.pk).state == BatchState.CHECKED
    assert not CalendarDay.objects.filter(date__year=2023).exists()


def test_merge_after_the_database_moved_is_shown_again(sent):
    batch = confirmed()
    CalendarDay.objects.create(date=dt.date(2023, 5, 2), kind="休", festival="五一")
    after = services.merge_batch(batch.pk)
    assert (after.state, after.confirm_key, after.confirmed_at) == (BatchState.RECEIVED, "", None)
    assert list(CalendarDay.objects.values_list("festival", flat=True)) == ["五一"]
    again = services.check_batch(batch.pk, pause=0)
    assert (again.state, counts(again)) == (BatchState.CHECKED, (2, 1, 0, 0))
    assert again.notes[-1]["code"] == "intake.note_checked_again"
    with pytest.raises(Refused):
        services.confirm_batch(by=CLERK, batch_id=batch.pk, key=batch.confirm_key)
    services.confirm_batch(by=CLERK, batch_id=batch.pk, key=again.confirm_key)
    assert services.merge_batch(batch.pk).state == BatchState.MERGED


def test_merge_that_breaks_leaves_nothing_and_is_taken_up_again(days):
    batch = confirmed()

    def broken():
        raise RuntimeError("a worker dies")

    days.before_write = broken
    with pytest.raises(RuntimeError):
        services.merge_batch(batch.pk)
    batch.refresh_from_db()
    assert (batch.state, Event.objects.filter(act="intake.file_merged").count()) == ("merging", 0)
    assert not CalendarDay.objects.filter(date__year=2023).exists()
    days.before_write = None
    assert services.merge_batch(batch.pk).state == "merging"  # the lease is still out
    Batch.objects.filter(pk=batch.pk).update(lease_until=timezone.now())
    assert services.merge_batch(batch.pk).state == BatchState.MERGED
    assert CalendarDay.objects.filter(date__year=2023).count() == 3


def test_merge_overtaken_by_another_act_begins_anew(days):
    batch = confirmed()
    faults = [layouts.Overtaken()]

    def once():
        if faults:
            raise faults.pop()

    days.before_write = once
    assert services.merge_batch(batch.pk).state == BatchState.MERGED
    assert CalendarDay.objects.filter(date__year=2023).count() == 3


def test_merge_that_is_overtaken_without_end_is_given_up(days):
    batch = confirmed()

    def always():
        raise layouts.Overtaken

    days.before_write = always
    done = services.merge_batch(batch.pk)
    assert (done.state, done.refusal_code) == ("refused", "intake.gave_up")


def test_merge_whose_lines_the_database_does_not_take_names_them(days):
    batch = confirmed()

    def clash():
        day = {"date": dt.date(2025, 10, 1), "kind": "休", "festival": "国庆节"}
        CalendarDay.objects.bulk_create([CalendarDay(**day), CalendarDay(**day)])

    days.before_write = clash
    done = services.merge_batch(batch.pk)
    assert (done.state, done.refusal_code, done.refusal_values) == (
        "refused", "intake.clash", {"first": "2", "last": "4"},
    )  # fmt: skip
    assert not CalendarDay.objects.exists()


def test_merge_overtaken_by_another_holder_writes_nothing(days):
    batch = confirmed()
    days.before_write = lambda: Batch.objects.filter(pk=batch.pk).update(token=99)
    services.merge_batch(batch.pk)
    assert not CalendarDay.objects.filter(date__year=2023).exists()


# --- cancelling, sweeping, commands ---


def test_cancel_removes_copy_and_lines(django_capture_on_commit_callbacks):
    batch = checked()
    path = store.folder() / batch.copy_name
    with django_capture_on_commit_callbacks(execute=True):
        services.cancel_batch(by=CLERK, batch_id=batch.pk)
    batch.refresh_from_db()
    assert (batch.state, batch.slices.count(), path.exists()) == (BatchState.CANCELLED, 0, False)
    with pytest.raises(Refused):
        services.cancel_batch(by=CLERK, batch_id=batch.pk)
    with pytest.raises(Refused):
        services.confirm_batch(by=CLERK, batch_id=batch.pk, key=batch.confirm_key)


def test_cancel_after_the_confirmation_is_refused():
    with pytest.raises(Refused) as caught:
        services.cancel_batch(by=CLERK, batch_id=confirmed().pk)
    assert caught.value.code == "intake.cannot_cancel"


def test_cancel_of_another_persons_upload_is_like_a_page_not_there():
    with pytest.raises(NotPermitted):
        services.cancel_batch(by=OTHER, batch_id=received().pk)


def test_sweep_announces_what_waits_and_only_once_a_while(sent):
    first, second = received(), confirmed([DAYS[0], DAYS[1]])
    busy = received([DAYS[0], DAYS[2]])
    Batch.objects.filter(pk=busy.pk).update(lease_until=timezone.now() + dt.timedelta(seconds=50))
    checked([DAYS[0], DAYS[3]])
    sent.clear()
    assert services.sweep_batches() == 2
    assert {message[:2] for message in sent} == {
        ("intake.tasks.check_batch", first.pk),
        ("intake.tasks.merge_batch", second.pk),
    }
    assert services.sweep_batches() == 0


def test_sweep_removes_old_copies_nobody_knows(monkeypatch):
    batch = received()
    orphan = store.folder() / "0123.csv.gz"
    orphan.write_bytes(b"x")
    services.sweep_batches()
    assert orphan.exists()
    monkeypatch.setattr(limits, "ORPHAN_HOURS", -1)
    services.sweep_batches()
    assert (orphan.exists(), (store.folder() / batch.copy_name).exists()) == (False, True)


def test_take_in_does_it_all_in_one_pass(days):
    batch = services.take_in(
        by=CLERK, layout_key="test-days", name="x.csv", stream=csv_file([*DAYS, ["x", "休", ""]])
    )
    assert (batch.state, counts(batch)) == (BatchState.MERGED, (3, 0, 0, 1))
    assert [fate for _, fate in fates_of(batch)] == ["added", "added", "added", "refused"]
    assert CalendarDay.objects.filter(date__year=2023).count() == 3
    assert batch.confirmed_by == "zhang"


def test_take_in_dry_run_writes_nothing_and_can_never_be_confirmed():
    batch = services.take_in(
        by=CLERK, layout_key="test-days", name="x.csv", stream=csv_file(DAYS), dry_run=True
    )
    batch.refresh_from_db()
    assert (batch.state, counts(batch)) == (BatchState.CANCELLED, (3, 0, 0, 0))
    assert not CalendarDay.objects.filter(date__year=2023).exists()


def test_progress_is_counted_in_lines():
    batch = received()
    assert services.progress(batch).percent == 0
    Batch.objects.filter(pk=batch.pk).update(lines_done=1)
    batch.refresh_from_db()
    assert services.progress(batch).percent == 33
    assert services.progress(services.check_batch(batch.pk, pause=0)).percent == 100


def test_million_bad_lines_keep_a_bounded_report(monkeypatch):
    monkeypatch.setattr(limits, "LINES_IN_FULL", 5)
    batch = checked([DAYS[0], *[["x", "休", ""]] * 50])
    assert (batch.refused, batch.full_lines.count()) == (50, 5)
    assert sum(1 for _ in fates_of(batch)) == 50


def test_ranges_and_back():
    assert ranges([]) == ""
    assert list(unranges(ranges([2, 3, 4, 7, 9, 10]))) == [2, 3, 4, 7, 9, 10]


def test_store_is_where_the_settings_say():
    assert store.folder().parent == settings.STORE_DIR
