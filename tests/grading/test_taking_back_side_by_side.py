"""A file is taken back while others act on the same records, or on the same file."""

import pytest

from audit.models import Event
from audit.recount import recount
from audit.refusal import Refused
from grading.models import Rating
from grading.regrading import current_rating
from grading.replay import verify_current
from intake import taking_back
from intake.enums import BatchState
from intake.models import Batch
from records import services as records
from records.models import Record
from tests.beside import at_once
from tests.factories.grading import TODAY, County, code, load_reference
from tests.factories.taking_back import give_file, weighed


@pytest.fixture
def county(transactional_db, monkeypatch) -> County:
    monkeypatch.setattr("celery.app.task.Task.apply_async", lambda *args, **options: None)
    load_reference()
    county = County.make()
    county.register([code(1), code(2)])
    return county


@pytest.fixture
def batch(county) -> Batch:
    """Two enterprises are C by it, and it is asked back."""
    batch = give_file(county, 1, 2)
    county.publish(county.run())
    taking_back.ask(by=county.clerk, batch_id=batch.pk, reason="发错了文件")
    return batch


def agreed(county: County, batch: Batch) -> None:
    digest = weighed(batch).fates_digest
    taking_back.decide(by=county.approver, batch_id=batch.pk, agree=True, reason="", digest=digest)


def assert_taken_back_once(batch: Batch) -> None:
    assert Batch.objects.get(pk=batch.pk).state == BatchState.TAKEN_BACK
    assert not Record.objects.live().exists()
    assert [current_rating(code(n)).grade for n in (1, 2)] == ["A", "A"]
    assert Rating.objects.count() == 4
    assert Event.objects.filter(act="intake.file_taken_back").count() == 1
    assert verify_current().ok
    assert recount().ok


def test_record_corrected_in_the_meantime_stays(county, batch, beside):
    agreed(county, batch)
    record = Record.objects.live().order_by("pk").first()

    def correct() -> Record:
        return records.replace_record(
            by=county.clerk, record_id=record.pk, changes={"content": "更正后"}, reason="录错",
            on=TODAY,
        )  # fmt: skip

    at_once(beside, correct, lambda: taking_back.carry_out(batch.pk)).wait()
    assert Batch.objects.get(pk=batch.pk).state == BatchState.WEIGHING
    assert Record.objects.live().count() == 2
    assert weighed(batch).staying == 1


def test_record_taken_back_in_the_meantime_is_not_corrected(county, batch, beside):
    agreed(county, batch)
    record = Record.objects.live().order_by("pk").first()
    waiting = at_once(
        beside,
        lambda: taking_back.carry_out(batch.pk),
        lambda: records.retract_record(by=county.clerk, record_id=record.pk, reason="重复"),
    )
    with pytest.raises(Refused, match="retracted"):
        waiting.wait()
    assert_taken_back_once(batch)


def test_request_made_twice_at_once_is_one(county, beside):
    batch = give_file(county, 1)

    def ask() -> object:
        return taking_back.ask(by=county.clerk, batch_id=batch.pk, reason="错")

    with pytest.raises(Refused, match="not_to_take_back"):
        at_once(beside, ask).wait()
    assert batch.take_backs.count() == 1


def test_two_workers_weigh_and_take_back_once(county, batch, beside):
    with_each = [beside(lambda: taking_back.weigh(batch.pk)) for _ in range(2)]
    for one in with_each:
        one.wait()
    digest = batch.take_backs.get().fates_digest
    taking_back.decide(by=county.approver, batch_id=batch.pk, agree=True, reason="", digest=digest)
    with_each = [beside(lambda: taking_back.carry_out(batch.pk)) for _ in range(2)]
    for one in with_each:
        one.wait()
    assert_taken_back_once(batch)
