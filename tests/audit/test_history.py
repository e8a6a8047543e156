import pytest
from django.core.management import call_command

from audit import labels
from audit.acts import acting, note
from audit.labels import register
from audit.models import Event
from audit.refusal import Refused, record_refusal, register_messages
from tests.factories.audit import CLERK, fill_drawer, fill_shelf, keep_file
from workdays.models import CalendarYear

pytestmark = pytest.mark.django_db

FILE = ("tried.file", "1")

register_messages({"tried.file_closed": "案卷{number}已经归档，不能再改。"})
register(
    {
        "tried.file_kept": "存入案卷",
        "tried.shelf_filled": "整架归档",
        "tried.batch_merged": "导入案卷",
        "tried.drawer_filled": "整屉归档",
    }
)


class FileOfABatch:
    """Stands for a row that came in with a batch; a model would do the same."""

    def __init__(self, *batches):
        self.batches = batches

    def audit_trail(self):
        return [("tried.batch", number) for number in self.batches]


def numbers(events):
    return [event.number for event in events]


def test_history_finds_every_act_that_touched_the_object_newest_first():
    keep_file(by=CLERK, number=1)
    keep_file(by=CLERK, number=2)
    fill_shelf(by=CLERK, files=2)
    assert numbers(Event.objects.for_target(FILE)) == [3, 1]
    assert numbers(Event.objects.for_target(("tried.file", 2))) == [3, 2]
    assert numbers(Event.objects.for_target(("tried.shelf", "A"))) == [3]
    assert numbers(Event.objects.for_target(("tried.box", "1"))) == []


def test_history_finds_refusals_about_the_object():
    record_refusal(
        act="tried.file_kept", by=CLERK, exc=Refused("a"), target=("tried.file", 1, "案卷1")
    )
    assert numbers(Event.objects.for_target(FILE)) == [1]


def test_history_of_a_model_finds_it_by_its_key():
    with acting("tried.file_kept", by=CLERK):
        year = CalendarYear(year=2031, source="通知")
        note(target=year)
    assert numbers(Event.objects.for_target(year)) == [1]


def test_history_finds_bulk_acts_through_the_batches_of_the_object():
    for batch in (1, 2, 3):
        with acting("tried.batch_merged", by=CLERK):
            note(target=("tried.batch", batch), added=["甲", "乙"])
    keep_file(by=CLERK, number=1)
    assert numbers(Event.objects.for_target(FILE, also=[("tried.batch", 2)])) == [4, 2]
    assert numbers(Event.objects.for_target(FILE, also=FileOfABatch(1, 3).audit_trail())) == [
        4,
        3,
        1,
    ]


def test_history_is_one_query_and_its_sentences_none(django_assert_num_queries):
    for _ in range(5):
        keep_file(by=CLERK, number=1)
    with django_assert_num_queries(1):
        assert len([event.sentence for event in Event.objects.for_target(FILE)]) == 5


def test_sentence_of_a_plain_act():
    keep_file(by=CLERK, number=1)
    assert Event.objects.get().sentence == "wang（长安区行政审批局）存入案卷：案卷1"


def test_sentence_gives_rows_and_reason():
    keep_file(by=CLERK, number=1, added=["甲", "乙"], retracted=["丙"], reason="更正")
    assert Event.objects.get().sentence == (
        "wang（长安区行政审批局）存入案卷：案卷1；新增2行；撤回1行；理由：更正"
    )


def test_sentence_of_an_act_made_of_acts_names_them_once():
    fill_shelf(by=CLERK, files=3)
    assert Event.objects.get().sentence == (
        "wang（长安区行政审批局）整架归档：A等4个对象；其中包括：存入案卷；理由：年度归档"
    )


def test_sentence_of_an_act_without_targets():
    with acting("tried.drawer_filled", by=CLERK):
        pass
    assert Event.objects.get().sentence == "wang（长安区行政审批局）整屉归档"


def test_sentence_of_a_refusal_says_why():
    record_refusal(
        act="tried.file_kept",
        by=CLERK,
        exc=Refused("tried.file_closed", number=7),
        target=("tried.file", 7, "案卷7"),
    )
    assert Event.objects.get().sentence == (
        "wang（长安区行政审批局）办理“存入案卷”未获准：案卷7；原因：案卷7已经归档，不能再改。"
    )


def test_act_without_a_name_shows_its_code():
    assert labels.label("tried.unnamed") == "tried.unnamed"


def test_event_with_many_targets_is_found_from_each_of_them():
    fill_drawer(by=CLERK, files=1500)
    assert numbers(Event.objects.for_target(("tried.file", 1499))) == [1]
    call_command("verify_audit", verbosity=0)
