"""Mail: written in the act, sent once by whoever sweeps, twice at worst. Source: design idea 5."""

import datetime as dt
import smtplib
from collections.abc import Iterator

import pytest
from django.db import IntegrityError, transaction
from django.utils.timezone import localdate, now

from audit.acts import acting
from credit_portal import environment
from notices import outbox
from notices.enums import MailState
from notices.models import Mail, Notice
from notices.outbox import LEASE, TRIES, addressed, send_due
from notices.services import To, tell
from roster.enums import Permission
from roster.models import Enterprise, Representative, User
from tests.factories.grading import OPERATOR
from tests.factories.objections import OTHER, OWN, Office, speaks_for
from tests.smtp import MailServer, mail_server

FROM, PORTAL = "portal@credit.example", "https://credit.example"


@pytest.fixture
def server(settings) -> Iterator[MailServer]:
    with mail_server() as box:
        connect(settings, box.url)
        yield box


def connect(settings, url: str) -> None:
    """As the settings of the portal come from the address of a mail server."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("EMAIL_URL", url)
        found = environment.mail("EMAIL_URL")
    for name, value in found.items():
        setattr(settings, name, value)
    settings.EMAIL_URL, settings.DEFAULT_FROM_EMAIL, settings.PUBLIC_URL = url, FROM, PORTAL


@pytest.fixture
def office(db, tmp_path, settings) -> Office:
    settings.STORE_DIR = tmp_path
    office = Office.open()
    for user in (office.rep, office.clerk, office.approver, office.source):
        reachable(user)
    return office


def reachable(user: User) -> User:
    User.objects.filter(pk=user.pk).update(email=f"{user.username}@mail.example")
    user.refresh_from_db()
    return user


def told(to: To, key: str = "k") -> Notice:
    values = {"number": "冀信异〔2026〕130102-0001", "enterprise": "甲公司", "agency": "乙局"}
    return tell(
        by=OPERATOR, to=to, kind="objections.receipt", about=Enterprise.objects.get(pk=OWN),
        values=values, key=key,
    )  # fmt: skip


def to_enterprise() -> To:
    return To(enterprise=Enterprise.objects.get(pk=OWN))


def states() -> list[str]:
    return list(Mail.objects.order_by("pk").values_list("state", flat=True))


# --- who gets one -----------------------------------------------------------------------------------


def test_mail_goes_to_everybody_who_speaks_for_the_enterprise(office, server):
    colleague = reachable(speaks_for("colleague", OWN))
    reachable(speaks_for("stranger", OTHER))
    speaks_for("without-address", OWN)
    ended = reachable(speaks_for("ended", OWN))
    Representative.objects.filter(user=ended).update(until=localdate())

    notice = told(to_enterprise())

    assert {user.username for user in addressed(notice)} == {
        office.rep.username, colleague.username, "without-address",
    }  # fmt: skip
    assert send_due(at=now()) == 2
    assert sorted(letter["To"] for letter in server.letters) == sorted(
        [office.rep.email, colleague.email]
    )


def test_mail_to_an_agency_goes_to_those_with_the_permission(office, server):
    told(To(agency=office.agency, permission=Permission.HANDLE_CASES))

    send_due(at=now())

    assert office.clerk.email in [letter["To"] for letter in server.letters]
    assert {office.source.email, office.rep.email}.isdisjoint(
        letter["To"] for letter in server.letters
    )


def test_without_a_mail_server_nothing_is_written_or_sent(office):
    told(to_enterprise())

    assert not Mail.objects.exists()
    assert send_due(at=now()) == 0


def test_mail_goes_with_the_act_that_tells(office, server):
    with acting("tried.broken", by=OPERATOR):
        told(to_enterprise())
        transaction.set_rollback(True)

    assert not Mail.objects.exists()


def test_who_no_longer_speaks_for_the_enterprise_gets_nothing(office, server):
    told(to_enterprise())
    Representative.objects.filter(user=office.rep).update(until=localdate())

    assert send_due(at=now()) == 0
    assert (states(), server.letters) == ([MailState.DROPPED], [])


# --- what it says -----------------------------------------------------------------------------------


def test_mail_says_what_the_notice_says_and_where_to_read_on(office, server):
    told(to_enterprise())

    send_due(at=now())

    (letter,) = server.letters
    assert letter["From"] == FROM
    assert "冀信异〔2026〕130102-0001" in letter["Subject"] + letter.get_content()
    assert PORTAL in letter.get_content()


def test_line_ends_in_a_value_make_no_header(office, server):
    values = {"number": "号\r\nBcc: thief@mail.example", "enterprise": "甲", "agency": "乙"}
    tell(
        by=OPERATOR, to=to_enterprise(), kind="objections.receipt",
        about=Enterprise.objects.get(pk=OWN), values=values, key="k",
    )  # fmt: skip

    assert send_due(at=now()) == 1
    assert server.letters[0]["Bcc"] is None


# --- once -------------------------------------------------------------------------------------------


def test_mail_is_sent_once_however_often_the_sweep_runs_and_the_act_tells(office, server):
    for _ in range(3):
        told(to_enterprise())
        send_due(at=now())

    assert len(server.letters) == 1
    assert states() == [MailState.SENT]


def test_mail_in_the_hands_of_another_worker_is_left_alone(office, server):
    told(to_enterprise())
    at = now()
    assert outbox._claim(Mail.objects.get().pk, at=at)

    assert outbox._claim(Mail.objects.get().pk, at=at) is None
    assert send_due(at=at + LEASE - dt.timedelta(seconds=1)) == 0
    assert send_due(at=at + LEASE) == 1


def test_worker_killed_after_handing_over_sends_again_under_the_same_name(office, server):
    told(to_enterprise())
    at = now()
    mail = outbox._claim(Mail.objects.get().pk, at=at)
    outbox.message_of(mail).send()  # and is gone

    assert send_due(at=at + LEASE) == 1
    first, second = server.letters
    assert first["Message-ID"] == second["Message-ID"]


def test_worker_that_was_too_slow_writes_nothing(office, server):
    told(to_enterprise())
    at = now()
    slow = outbox._claim(Mail.objects.get().pk, at=at)
    assert slow
    send_due(at=at + LEASE)

    assert not outbox._note(slow, state=MailState.DROPPED)
    assert states() == [MailState.SENT]


# --- when the server will not -----------------------------------------------------------------------


def test_address_that_is_refused_for_good_is_given_up_and_the_others_get_theirs(office, server):
    colleague = reachable(speaks_for("colleague", OWN))
    server.refused[office.rep.email] = 550
    told(to_enterprise())

    assert send_due(at=now()) == 1
    assert sorted(states()) == sorted([MailState.SENT, MailState.DROPPED])
    assert [letter["To"] for letter in server.letters] == [colleague.email]


def test_address_that_is_refused_for_now_is_tried_again_later_and_not_for_ever(office, server):
    server.refused[office.rep.email] = 450
    told(to_enterprise())
    at = now()

    for n in range(TRIES):
        assert states() == [MailState.WAITING]
        assert send_due(at=at) == 0
        assert Mail.objects.get().token == n + 1
        at = Mail.objects.get().next_at
    assert states() == [MailState.DROPPED]


def test_server_that_cannot_be_reached_loses_nothing(office, server, settings):
    told(to_enterprise())
    settings.EMAIL_PORT = 1  # nothing listens there

    with pytest.raises(OSError, match="refused"):
        send_due(at=now())
    assert states() == [MailState.WAITING]

    settings.EMAIL_PORT = server.port
    assert send_due(at=now()) == 1


@pytest.mark.parametrize("trouble", ["sender refused", "hangs up"])
def test_server_in_trouble_loses_nothing_for_days(office, server, trouble):
    told(to_enterprise())
    told(to_enterprise(), key="another")
    server.refused[FROM], server.hangs_up = {
        "sender refused": (451, False), "hangs up": (250, True),
    }[trouble]  # fmt: skip
    at = begun = now()

    for n in range(TRIES - 1):
        with pytest.raises(OSError, match=r"451|closed"):
            send_due(at=at)
        mail = Mail.objects.order_by("pk")[0]
        assert (mail.state, mail.token) == (MailState.WAITING, n + 1)
        at = mail.next_at
    assert at - begun > dt.timedelta(days=2)

    server.refused[FROM], server.hangs_up = 250, False
    assert send_due(at=at) == 2


def test_mail_that_ends_every_worker_is_given_up(office, server):
    told(to_enterprise())
    Mail.objects.update(token=TRIES)

    assert send_due(at=now()) == 0
    assert states() == [MailState.DROPPED]


def test_sent_mail_has_its_time(office, server):
    told(to_enterprise())
    mail = Mail.objects.get()

    with pytest.raises(IntegrityError), transaction.atomic():
        Mail.objects.filter(pk=mail.pk).update(state=MailState.SENT)
    with pytest.raises(IntegrityError), transaction.atomic():
        Mail.objects.filter(pk=mail.pk).update(sent_at=now())


def test_final_refusals_are_told_from_those_for_now():
    refused = smtplib.SMTPRecipientsRefused
    assert outbox._is_for_good(smtplib.SMTPDataError(554, b"no"))
    assert not outbox._is_for_good(smtplib.SMTPDataError(452, b"full"))
    assert outbox._is_for_good(refused({"a@b": (550, b"unknown")}))
    assert not outbox._is_for_good(refused({"a@b": (450, b"later")}))
