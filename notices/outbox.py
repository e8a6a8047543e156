"""The outbox: one mail for each person a notice is for, sent once.

A row is written in the act that tells. Sending claims it with a token and a lease, hands it to the
mail server, and notes that. Who dies in between leaves a claimed row: it is sent again when the
lease ends, so a mail may come twice after a crash, and never not at all. Source: design idea 5.
"""

from __future__ import annotations

import datetime as dt
import logging
import smtplib
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db.models import F
from django.urls import reverse
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.utils.translation import override

from roster.models import Posting, Representative, User

from .enums import MailState
from .kinds import kind_of
from .models import Mail, Notice

logger = logging.getLogger(__name__)

LEASE = dt.timedelta(minutes=5)
TRIES = 12
"""Over some days, each pause twice the last. Default, no source."""
AT_ONCE = 100
FOR_GOOD = 500
"""From here on a mail server's answer means: never."""


def write(notice: Notice) -> None:
    """The mails of a notice, where mail is set up. Part of the act that tells."""
    if not settings.EMAIL_URL:
        return
    at = now()
    Mail.objects.bulk_create(
        Mail(notice=notice, user=user, address=user.email, next_at=at)
        for user in addressed(notice)
        if user.email
    )


def addressed(notice: Notice) -> list[User]:
    """Everybody who may read a notice in their inbox, in the order of their accounts."""
    return [user for user in _candidates(notice).order_by("username") if _is_for(notice, user)]


def _candidates(notice: Notice) -> Any:
    people = User.objects.filter(is_active=True)
    if notice.user_id:
        return people.filter(pk=notice.user_id)
    if notice.enterprise_id:
        speaking = Representative.objects.filter(enterprise=notice.enterprise_id)
        return people.filter(pk__in=speaking.values("user"))
    return people.filter(pk__in=Posting.objects.filter(agency=notice.agency_id).values("user"))


def _is_for(notice: Notice, user: User) -> bool:
    return user.is_active and Notice.objects.visible_to(user).filter(pk=notice.pk).exists()


# --- sending --------------------------------------------------------------------------------------


def send_due(*, at: dt.datetime) -> int:
    """Send what is due; how many went out. Run by the sweep, on any machine, any number of times.

    A server that cannot be reached, or is in trouble, ends the round; what is left waits for the
    next. Raises OSError then.
    """
    if not settings.EMAIL_URL:
        return 0
    due = list(Mail.objects.due(at=at).order_by("pk").values_list("pk", flat=True)[:AT_ONCE])
    if not due:
        return 0
    with get_connection() as server:
        claimed = (_claim(key, at=at) for key in due)
        return sum(_send(mail, server, at=at) for mail in claimed if mail is not None)


def _claim(key: int, *, at: dt.datetime) -> Mail | None:
    """The mail, in these hands until the lease ends; None when somebody else was first."""
    if not Mail.objects.due(at=at).filter(pk=key).update(token=F("token") + 1, next_at=at + LEASE):
        return None
    return Mail.objects.select_related("notice", "user").get(pk=key)


def _send(mail: Mail, server: Any, *, at: dt.datetime) -> bool:
    if not _is_for(mail.notice, mail.user):
        _note(mail, state=MailState.DROPPED)
        return False
    if mail.token > TRIES:
        return _give_up(mail)
    try:
        message_of(mail, server).send()
    except (smtplib.SMTPRecipientsRefused, smtplib.SMTPDataError) as refused:
        logger.warning("The mail server refused mail %s, try %s", mail.pk, mail.token)
        _put_off(mail, at=at, for_good=_is_for_good(refused))
        return False
    except OSError:
        _put_off(mail, at=at, for_good=False)
        raise
    return _note(mail, state=MailState.SENT, sent_at=now())


def _is_for_good(refused: smtplib.SMTPRecipientsRefused | smtplib.SMTPDataError) -> bool:
    if isinstance(refused, smtplib.SMTPDataError):
        return refused.smtp_code >= FOR_GOOD
    return all(code >= FOR_GOOD for code, _said in refused.recipients.values())


def _put_off(mail: Mail, *, at: dt.datetime, for_good: bool) -> None:
    if for_good or mail.token >= TRIES:
        _give_up(mail)
    else:
        _note(mail, next_at=at + dt.timedelta(minutes=2**mail.token))


def _give_up(mail: Mail) -> bool:
    """The notice stays in the inbox."""
    logger.error("Mail %s is given up after %s tries", mail.pk, mail.token)
    _note(mail, state=MailState.DROPPED)
    return False


def _note(mail: Mail, **said: Any) -> bool:
    """Only while it is in these hands."""
    mine = Mail.objects.filter(pk=mail.pk, token=mail.token, state=MailState.WAITING)
    return mine.update(**said) == 1


def message_of(mail: Mail, server: Any = None) -> EmailMessage:
    """The words of the notice and where to read on; nothing in it signs anybody in."""
    with override(settings.LANGUAGE_CODE):
        title, body = kind_of(mail.notice.kind).sentences(mail.notice.values)
        end = _("请登录系统查看：{address}\n本邮件由系统自动发出，请勿回复。").format(
            address=settings.PUBLIC_URL + reverse("home")
        )
        return EmailMessage(
            subject=" ".join(title.split()),
            body=f"{body}\n\n{end}\n",
            to=[mail.address],
            headers={"Message-ID": _message_id(mail)},
            connection=server,
        )


def _message_id(mail: Mail) -> str:
    """The same at every try, so that a mail program can show what comes twice once."""
    host = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2]
    return f"<notice-{mail.notice_id}-{mail.user_id}@{host}>"


__all__ = ["addressed", "message_of", "send_due", "write"]
