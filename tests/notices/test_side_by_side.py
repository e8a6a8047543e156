"""Several at once, with real transactions: told once, numbered without a gap, mailed once."""

from collections.abc import Iterator

import pytest
from django.utils.timezone import now

from audit.recount import recount
from notices.enums import LetterKind
from notices.letters import LetterContent, draw_due, issue
from notices.models import Letter, Mail, Notice, Rendering
from notices.outbox import send_due
from notices.services import To, tell
from roster.models import Enterprise, User
from roster.scope import Operator
from tests.beside import at_once
from tests.factories.grading import OPERATOR, TODAY
from tests.factories.objections import OWN, Office
from tests.smtp import MailServer, mail_server

from .test_outbox import connect

pytestmark = pytest.mark.django_db(transaction=True)
WORKER = Operator(username="os:worker")
VALUES = {"number": "冀信异〔2026〕130102-0001", "enterprise": "甲公司", "agency": "乙局"}


@pytest.fixture
def office(transactional_db, tmp_path, settings) -> Office:
    settings.STORE_DIR = tmp_path
    return Office.open()


@pytest.fixture
def server(settings) -> Iterator[MailServer]:
    with mail_server() as box:
        connect(settings, box.url)
        yield box


def own() -> Enterprise:
    return Enterprise.objects.get(pk=OWN)


def told(key: str) -> Notice:
    return tell(
        by=OPERATOR, to=To(enterprise=own()), kind="objections.receipt", about=own(),
        values=VALUES, key=key,
    )  # fmt: skip


def issued(office: Office, key: str) -> Letter:
    return issue(
        by=OPERATOR, kind=LetterKind.DECISION, agency=office.agency, enterprise=own(), about=own(),
        content=LetterContent(to="甲", paragraphs=("乙",)), key=key, on=TODAY,
    )  # fmt: skip


def test_one_key_told_by_two_at_once_is_one_notice(office, beside):
    second = at_once(beside, lambda: told("k")).wait()

    assert second == Notice.objects.get(key="k")
    assert recount().ok


def test_letters_issued_at_once_have_numbers_without_a_gap(office, beside):
    started = [beside(lambda key=f"k{n}": issued(office, key)) for n in range(4)]
    for one in started:
        one.wait()

    assert sorted(Letter.objects.values_list("number", flat=True)) == [
        f"冀信决〔2026〕130102-000{n}号" for n in range(1, 5)
    ]


def test_letter_drawn_by_two_at_once_is_kept_once(office, beside):
    issued(office, "k")
    started = [beside(lambda: draw_due(by=WORKER)) for _ in range(2)]
    for one in started:
        one.wait()

    assert Rendering.objects.count() == 1


def test_mails_swept_by_two_at_once_go_out_once(office, server, beside):
    User.objects.filter(pk=office.rep.pk).update(email="rep@mail.example")
    for n in range(6):
        told(f"k{n}")

    started = [beside(lambda: send_due(at=now())) for _ in range(3)]

    assert sum(one.wait() for one in started) == 6
    names = [letter["Message-ID"] for letter in server.letters]
    assert len(names) == len(set(names)) == Mail.objects.count() == 6
