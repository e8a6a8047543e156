"""Notices in people's inboxes, and letters with a number that anybody can check. Source: R29, R64."""

from __future__ import annotations

import json
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from audit.kept import Kept
from roster.enums import Permission
from roster.models import Agency, Enterprise, User

from .enums import LetterKind, MailState
from .queries import LetterQuerySet, MailQuerySet, NoticeQuerySet


class Notice(models.Model):
    """One thing told to an enterprise, to an agency's people, or to one person.

    user: one person; with an agency, as long as the person has a post there. said: the values that
    fill the sentences of its kind. key: of the same key there is one notice,
    however often a job runs.
    """

    PERMISSIONS = (
        Permission.HANDLE_CASES, Permission.DECIDE_CASES, Permission.VERIFY_CASES,
    )  # fmt: skip
    """What people of an agency are asked for who are told something."""

    kind = models.CharField(_("消息类别"), max_length=60)
    enterprise = models.ForeignKey(
        Enterprise, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("企业")
    )
    agency = models.ForeignKey(
        Agency, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("机构")
    )
    permission = models.CharField(_("办理权限"), max_length=40, blank=True)
    user = models.ForeignKey(
        User, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("收件人")
    )
    about_type = models.CharField(_("事项类别"), max_length=100)
    about_id = models.CharField(_("事项主键"), max_length=40)
    said = models.TextField(_("内容"), default="{}")
    key = models.CharField(_("唯一键"), max_length=200, unique=True)
    told_at = models.DateTimeField(_("发出时间"))

    objects = NoticeQuerySet.as_manager()
    kept = Kept(
        columns=("kind", "enterprise_id", "agency_id", "permission", "user_id", "about_type",
                 "about_id", "said", "key"),
        added_at="told_at",
        retracted_at="",
    )  # fmt: skip

    class Meta:
        verbose_name = _("消息")
        verbose_name_plural = _("消息")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(enterprise__isnull=False, agency__isnull=True, user__isnull=True)
                | (Q(enterprise__isnull=True, agency__isnull=False, user__isnull=True)
                   & ~Q(permission=""))
                | Q(enterprise__isnull=True, user__isnull=False, permission=""),
                name="notice_has_one_recipient",
                violation_error_message=_("消息发给一家企业、一个机构或者一个人。"),
            )
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["agency", "-id"], name="notice_agency"),
            models.Index(fields=["enterprise", "-id"], name="notice_enterprise"),
            models.Index(fields=["user", "-id"], name="notice_user"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.about_id}"

    @property
    def values(self) -> dict[str, Any]:
        return json.loads(self.said)


class Reading(models.Model):
    """That somebody opened a notice, and when first."""

    notice = models.ForeignKey(
        Notice, models.PROTECT, related_name="readings", verbose_name=_("消息")
    )
    user = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("阅读人"))
    read_at = models.DateTimeField(_("阅读时间"))

    kept = Kept(columns=("notice_id", "user_id"), added_at="read_at", retracted_at="")

    class Meta:
        verbose_name = _("已读")
        verbose_name_plural = _("已读")
        constraints = [
            models.UniqueConstraint(
                fields=["notice", "user"],
                name="read_once",
                violation_error_message=_("已经读过。"),
            )
        ]

    def __str__(self) -> str:
        return f"{self.notice_id} {self.user_id}"


class Mail(models.Model):
    """One mail that is to go out: the words of a notice, to one address.

    token: how often sending was taken up; who holds an older one can no longer write. next_at: not
    before then, and while it is being sent the end of the lease.
    """

    notice = models.ForeignKey(Notice, models.PROTECT, related_name="+", verbose_name=_("消息"))
    user = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("收件人"))
    address = models.EmailField(_("电子邮箱"))
    state = models.CharField(
        _("状态"), max_length=8, choices=MailState.choices, default=MailState.WAITING
    )
    token = models.PositiveIntegerField(_("接手次数"), default=0)
    next_at = models.DateTimeField(_("不早于"))
    sent_at = models.DateTimeField(_("发送时间"), null=True, blank=True)

    objects = MailQuerySet.as_manager()

    class Meta:
        verbose_name = _("待发邮件")
        verbose_name_plural = _("待发邮件")
        constraints = [
            models.UniqueConstraint(fields=["notice", "user"], name="one_mail_of_a_notice"),
            models.CheckConstraint(
                condition=Q(state=MailState.SENT, sent_at__isnull=False)
                | (~Q(state=MailState.SENT) & Q(sent_at__isnull=True)),
                name="mail_sent_with_its_time",
                violation_error_message=_("已发送的邮件有发送时间，未发送的没有。"),
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_at"], name="mail_waiting", condition=Q(state=MailState.WAITING)
            )
        ]

    def __str__(self) -> str:
        return f"{self.notice_id} {self.user_id}"


class Series(models.Model):
    """Running numbers of one kind, in one region, in one year; no number is left out."""

    prefix = models.CharField(_("字头"), max_length=20)
    year = models.PositiveSmallIntegerField(_("年份"))
    region = models.CharField(_("区划代码"), max_length=12)
    last = models.PositiveIntegerField(_("最后一号"), default=0)

    class Meta:
        verbose_name = _("编号")
        verbose_name_plural = _("编号")
        constraints = [
            models.UniqueConstraint(
                fields=["prefix", "year", "region"],
                name="one_series",
                violation_error_message=_("同一字头、年份和区划只有一个编号序列。"),
            )
        ]

    def __str__(self) -> str:
        return f"{self.prefix}〔{self.year}〕{self.region}"


class Letter(models.Model):
    """What an office wrote to an enterprise, as it was issued; it never changes.

    content: the JSON of `letters.LetterContent`, with title and signature. code: with the number it confirms the letter.
    """

    kind = models.CharField(_("文书"), max_length=12, choices=LetterKind.choices)
    number = models.CharField(_("文号"), max_length=60, unique=True)
    code = models.CharField(_("校验码"), max_length=12)
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+", verbose_name=_("发文单位"))
    enterprise = models.ForeignKey(
        Enterprise, models.PROTECT, related_name="+", verbose_name=_("企业")
    )
    about_type = models.CharField(_("事项类别"), max_length=100)
    about_id = models.CharField(_("事项主键"), max_length=40)
    content = models.TextField(_("内容"))
    template = models.PositiveSmallIntegerField(_("版式"))
    key = models.CharField(_("唯一键"), max_length=200, unique=True)
    issued_on = models.DateField(_("发文日期"))
    issued_by = models.CharField(_("发文人"), max_length=60)
    issued_at = models.DateTimeField(_("发文时间"))

    objects = LetterQuerySet.as_manager()
    kept = Kept(
        columns=("kind", "number", "code", "agency_id", "enterprise_id", "about_type", "about_id",
                 "content", "template", "key", "issued_on", "issued_by"),
        added_at="issued_at",
        retracted_at="",
    )  # fmt: skip

    class Meta:
        verbose_name = _("文书")
        verbose_name_plural = _("文书")
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["about_type", "about_id"], name="letter_about"),
            models.Index(fields=["enterprise", "-id"], name="letter_enterprise"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.number}"


class Rendering(models.Model):
    """The PDF of a letter, as it was first made: where its bytes lie and their digest."""

    letter = models.OneToOneField(
        Letter, models.PROTECT, related_name="rendering", verbose_name=_("文书")
    )
    stored = models.CharField(_("存放名"), max_length=40, unique=True)
    sha256 = models.CharField(_("摘要"), max_length=64)
    rendered_at = models.DateTimeField(_("生成时间"))

    kept = Kept(columns=("letter_id", "stored", "sha256"), added_at="rendered_at", retracted_at="")

    class Meta:
        verbose_name = _("文书版面")
        verbose_name_plural = _("文书版面")

    def __str__(self) -> str:
        return self.stored
