"""Schemes, runs and their parts, verdicts, ratings, corrections. Source: R30–R38."""

from __future__ import annotations

import hashlib
import json
from functools import reduce
from operator import or_
from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from audit.kept import Kept
from records.models import Kind, Record
from roster.enums import Permission
from roster.models import Enterprise, Region
from roster.posts import Post
from roster.queries import ReferenceQuerySet
from roster.rules.placing import PROVINCE

from .enums import (
    OPEN_STATES,
    ChunkState,
    PartState,
    ProposalKind,
    ProposalState,
    RunKind,
    RunState,
    SchemeState,
    Weight,
)
from .queries import (
    PartQuerySet,
    ProposalQuerySet,
    RatingQuerySet,
    RunQuerySet,
    SchemeQuerySet,
    SchemeRowQuerySet,
)
from .rules.cycle import DAYS_EVERY_YEAR, Cycle


class Scheme(models.Model):
    """One version of the standard; published versions never change. Source: R30, 四(一)."""

    version = models.PositiveSmallIntegerField(_("版本"), unique=True)
    title = models.CharField(_("名称"), max_length=120)
    state = models.CharField(
        _("状态"), max_length=10, choices=SchemeState.choices, default=SchemeState.DRAFT
    )
    window_months = models.PositiveSmallIntegerField(
        _("计算期（月）"), default=12, validators=[MinValueValidator(1)]
    )
    general_limit = models.PositiveSmallIntegerField(
        _("B类一般失信行为次数上限"), default=5, help_text=_("“5次以下（含5次）”中的次数")
    )
    based_on = models.ForeignKey(
        "self", models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("依据版本")
    )
    note = models.TextField(_("说明"), blank=True)
    published_at = models.DateTimeField(_("发布时间"), null=True, blank=True)

    objects = SchemeQuerySet.as_manager()

    class Meta:
        verbose_name = _("评价标准")
        verbose_name_plural = _("评价标准")
        ordering = ["-version"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state=SchemeState.DRAFT, published_at__isnull=True)
                | Q(state=SchemeState.PUBLISHED, published_at__isnull=False),
                name="scheme_published_at_when_published",
                violation_error_message=_("已发布的评价标准须有发布时间，草案没有。"),
            )
        ]

    def __str__(self) -> str:
        return _("{title}（第{version}版）").format(title=self.title, version=self.version)

    @property
    def is_draft(self) -> bool:
        return self.state == SchemeState.DRAFT

    def save(self, *args: Any, **kwargs: Any) -> None:
        """A published standard is never written again, whatever changed. Design idea 2."""
        Scheme.objects.filter(pk=self.pk).refuse_published()
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        Scheme.objects.filter(pk=self.pk).refuse_published()
        return super().delete(*args, **kwargs)

    def stated(self) -> object:
        """With its kinds and grades, which are nothing without it."""
        kinds = self.kinds.order_by("kind_id")
        grades = self.grades.order_by("grade")
        return [
            self.version, self.title, self.state, self.window_months, self.general_limit,
            self.based_on_id, self.note, self.published_at,
            list(kinds.values_list("kind_id", "weight", "in_window", "while_open")),
            list(grades.values_list("grade", "name", "meaning", "order")),
        ]  # fmt: skip

    def held_by(self, post: Post, permission: str) -> bool:
        """The standard is the provincial lead agency's. Source: R30, 四(一)."""
        return permission != Permission.EDIT_SCHEME or post.region == PROVINCE


class SchemeRow(models.Model):
    """What belongs to a scheme and is published with it: then it never changes either."""

    scheme: models.ForeignKey
    scheme_id: int
    objects = SchemeRowQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        Scheme.objects.filter(pk=self.scheme_id).refuse_published()
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        Scheme.objects.filter(pk=self.scheme_id).refuse_published()
        return super().delete(*args, **kwargs)


class SchemeKind(SchemeRow):
    """How one kind counts in one scheme."""

    scheme = models.ForeignKey(
        Scheme, models.CASCADE, related_name="kinds", verbose_name=_("评价标准")
    )
    kind = models.ForeignKey(Kind, models.PROTECT, related_name="+", verbose_name=_("信息类别"))
    weight = models.CharField(_("计为"), max_length=12, choices=Weight.choices)
    in_window = models.BooleanField(_("仅计算期内"), default=True)
    while_open = models.BooleanField(_("仅尚未终止的"), default=False)

    class Meta:
        verbose_name = _("计入的信息类别")
        verbose_name_plural = _("计入的信息类别")
        ordering = ["kind__order"]
        constraints = [
            models.UniqueConstraint(
                fields=["scheme", "kind"],
                name="kind_once_per_scheme",
                violation_error_message=_("同一信息类别在一个标准中只能出现一次。"),
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind}：{self.get_weight_display()}"


class SchemeGrade(SchemeRow):
    """The name and meaning of one grade in one scheme. A bare letter means nothing."""

    scheme = models.ForeignKey(
        Scheme, models.CASCADE, related_name="grades", verbose_name=_("评价标准")
    )
    grade = models.CharField(_("等级"), max_length=4)
    name = models.CharField(_("名称"), max_length=20)
    meaning = models.CharField(_("内涵"), max_length=300)
    order = models.PositiveSmallIntegerField(_("顺序"))

    class Meta:
        verbose_name = _("评价等级")
        verbose_name_plural = _("评价等级")
        ordering = ["order"]
        constraints = [
            models.UniqueConstraint(fields=["scheme", "grade"], name="grade_once_per_scheme")
        ]

    def __str__(self) -> str:
        return f"{self.grade} {self.name}"


class RunSchedule(models.Model):
    """A reference date that comes round every year, and since when. Source: R31, R33.

    The run is opened `wait_days` after it, for what was decided before it and comes in later than
    the run is counted by no run of a yearly cycle. Default, no source.
    """

    kind = models.CharField(_("评价类型"), max_length=10, choices=RunKind.choices)
    month = models.PositiveSmallIntegerField(_("月"))
    day = models.PositiveSmallIntegerField(pgettext_lazy("day of the month", "日"))
    wait_days = models.PositiveSmallIntegerField(
        _("基准日后等待天数"),
        default=30,
        validators=[MaxValueValidator(180)],
        help_text=_("等基准日前的信息入库后再自动发起；行政处罚最长在20个工作日内公示"),
    )
    since = models.DateField(_("启用日期"))
    until = models.DateField(_("停用日期"), null=True, blank=True)

    objects = ReferenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("评价周期")
        verbose_name_plural = _("评价周期")
        ordering = ["month", "day"]
        constraints = [
            models.CheckConstraint(
                condition=reduce(
                    or_,
                    (
                        Q(month=month, day__gte=1, day__lte=days)
                        for month, days in DAYS_EVERY_YEAR.items()
                    ),
                ),
                name="schedule_day_is_in_every_year",
                violation_error_message=_("评价基准日须是每年都有的日期（不能是2月29日）。"),
            ),
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gte=F("since")),
                name="schedule_ends_after_it_begins",
                violation_error_message=_("停用日期不能早于启用日期。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.month}-{self.day}"

    @property
    def cycle(self) -> Cycle:
        return Cycle(self.month, self.day, self.since, self.until)

    def stated(self) -> object:
        return [self.kind, self.month, self.day, self.wait_days, self.since, self.until]

    def held_by(self, post: Post, permission: str) -> bool:
        """The cycle belongs to the standard: the provincial lead agency's. Source: R31, 四(二)."""
        return permission != Permission.EDIT_SCHEME or post.region == PROVINCE


class Run(models.Model):
    """One scheme, one reference date and one instant of knowledge for a set of rosters."""

    scheme = models.ForeignKey(Scheme, models.PROTECT, related_name="+", verbose_name=_("评价标准"))
    kind = models.CharField(_("评价类型"), max_length=10, choices=RunKind.choices)
    reference_date = models.DateField(_("评价基准日"))
    known_at = models.DateTimeField(
        _("数据截止时间"), help_text=_("只使用此刻之前入库的信息，因此结果可以重算核对")
    )
    edition = models.PositiveSmallIntegerField(_("计算程序的版次"), default=1, editable=False)
    state = models.CharField(
        _("状态"), max_length=10, choices=RunState.choices, default=RunState.OPENED
    )
    started_by = models.CharField(_("发起人"), max_length=60)
    started_at = models.DateTimeField(_("发起时间"))
    computed_at = models.DateTimeField(_("算完时间"), null=True, blank=True)
    digest = models.CharField(_("结果摘要"), max_length=64, blank=True)
    announced_at = models.DateTimeField(_("最近通知时间"), null=True, blank=True, editable=False)

    objects = RunQuerySet.as_manager()

    class Meta:
        verbose_name = _("评价批次")
        verbose_name_plural = _("评价批次")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.reference_date} {self.get_kind_display()}"

    def stated(self) -> object:
        """Of the states those that acts set; a worker begins to compute without one, and in its own
        edition, which counts from then on when the run is computed."""
        edition = self.edition if self.computed_at else None
        state = self.state if self.state in (RunState.STOPPED, RunState.COMPUTED) else ""
        return [
            self.scheme_id, self.kind, self.reference_date, self.known_at, self.started_by,
            self.started_at, self.computed_at, self.digest, state, edition,
        ]  # fmt: skip


class RosterRun(models.Model):
    """The part of a run for one roster; its own lead agency reviews and publishes it."""

    run = models.ForeignKey(Run, models.PROTECT, related_name="parts", verbose_name=_("评价批次"))
    region = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name=_("名录"))
    state = models.CharField(
        _("状态"), max_length=10, choices=PartState.choices, default=PartState.COMPUTING
    )
    size = models.PositiveIntegerField(_("企业数"), default=0)
    counts = models.JSONField(_("各结论企业数"), default=dict, editable=False)
    grades = models.JSONField(_("各等级企业数"), default=dict, editable=False)
    digest = models.CharField(_("结果摘要"), max_length=64, blank=True)
    reviewed_by = models.CharField(_("审核人"), max_length=60, blank=True)
    reviewed_at = models.DateTimeField(_("审核时间"), null=True, blank=True)
    published_by = models.CharField(_("发布人"), max_length=60, blank=True)
    published_at = models.DateTimeField(_("发布时间"), null=True, blank=True)
    withdrawn_by = models.CharField(_("作废申请人"), max_length=60, blank=True)
    withdrawn_confirmed_by = models.CharField(_("作废复核人"), max_length=60, blank=True)
    withdraw_reason = models.CharField(_("作废理由"), max_length=300, blank=True)

    objects = PartQuerySet.as_manager()

    class Meta:
        verbose_name = _("名录评价结果")
        verbose_name_plural = _("名录评价结果")
        ordering = ["-run_id", "region_id"]
        constraints = [
            models.UniqueConstraint(fields=["run", "region"], name="one_part_per_roster"),
            models.UniqueConstraint(
                fields=["region"],
                condition=Q(state__in=OPEN_STATES),
                name="one_open_part_per_roster",
                violation_error_message=_("该名录已有未办结的评价。"),
            ),
            models.CheckConstraint(
                condition=~Q(state=PartState.PUBLISHED)
                | (
                    Q(published_at__isnull=False)
                    & ~Q(published_by="")
                    & ~Q(reviewed_by="")
                    & ~Q(published_by=F("reviewed_by"))
                ),
                name="published_by_two_people",
                violation_error_message=_("审核人与发布人须为两人。"),
            ),
        ]
        indexes = [
            models.Index(
                fields=["region", "-published_at"],
                name="part_published",
                condition=Q(published_at__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"{self.region} {self.run}"

    def stated(self) -> object:
        """Who put his name to what. Size, counts and grades follow from the ratings, until it is
        given up and none of that counts any more."""
        left = [self.size, self.counts, self.grades] if self.state == PartState.WITHDRAWN else []
        decided = self.state in (PartState.REVIEWED, PartState.PUBLISHED, PartState.WITHDRAWN)
        return [
            self.run_id, self.region_id, self.state if decided else "",
            self.digest if self.reviewed_by else "", self.reviewed_by, self.reviewed_at,
            self.published_by, self.published_at, self.withdrawn_by, self.withdrawn_confirmed_by,
            self.withdraw_reason, *left,
        ]  # fmt: skip

    @property
    def basis(self) -> str:
        """What its page shows that an act on it depends on: who has done what with which result."""
        said = [self.state, self.digest, self.reviewed_by, self.withdrawn_by, self.withdraw_reason]
        return hashlib.sha256(json.dumps(said).encode()).hexdigest()[:16]

    def held_by(self, post: Post, permission: str) -> bool:
        """The roster's own lead agency acts; the levels above see. Source: R38–R40."""
        if permission in (Permission.REVIEW_PART, Permission.PUBLISH_PART):
            return post.is_lead and post.region == self.region_id
        return self.region_id in post.subtree


class Chunk(models.Model):
    """A fixed slice of a part in code order; a worker takes it with a lease and a token."""

    part = models.ForeignKey(
        RosterRun, models.PROTECT, related_name="chunks", verbose_name=_("名录评价结果")
    )
    number = models.PositiveIntegerField(_("序号"))
    first_code = models.CharField(_("起始代码"), max_length=18)
    last_code = models.CharField(_("终止代码"), max_length=18)
    size = models.PositiveIntegerField(_("企业数"))
    state = models.CharField(
        _("状态"), max_length=8, choices=ChunkState.choices, default=ChunkState.WAITING
    )
    token = models.CharField(_("令牌"), max_length=32, blank=True)
    lease_until = models.DateTimeField(_("租约到期"), null=True, blank=True)
    counts = models.JSONField(_("各结论企业数"), default=dict)
    digest = models.CharField(_("结果摘要"), max_length=64, blank=True)

    class Meta:
        verbose_name = _("评价分片")
        verbose_name_plural = _("评价分片")
        ordering = ["part_id", "number"]
        constraints = [
            models.UniqueConstraint(fields=["part", "number"], name="chunk_once_per_part"),
            models.CheckConstraint(
                condition=~Q(state=ChunkState.DONE) | ~Q(digest=""),
                name="done_chunk_has_digest",
                violation_error_message=_("已完成的评价分片须有结果摘要。"),
            ),
        ]
        indexes = [
            models.Index(
                fields=["part", "number"],
                name="chunk_unfinished",
                condition=~Q(state=ChunkState.DONE),
            )
        ]

    def __str__(self) -> str:
        return f"{self.part_id}#{self.number}"


class Verdict(models.Model):
    """What the rules say of one distinct combination of facts in one run."""

    run = models.ForeignKey(
        Run, models.PROTECT, related_name="verdicts", verbose_name=_("评价批次")
    )
    facts = models.CharField(_("事实"), max_length=60)
    grade = models.CharField(_("等级"), max_length=4)
    rule = models.CharField(_("适用规则"), max_length=40)
    clause = models.CharField(_("政策条款"), max_length=40)

    class Meta:
        verbose_name = _("结论")
        verbose_name_plural = _("结论")
        ordering = ["run_id", "facts"]
        constraints = [
            models.UniqueConstraint(fields=["run", "facts"], name="one_verdict_per_facts")
        ]

    def __str__(self) -> str:
        return f"{self.grade} {self.rule}"


class Correction(models.Model):
    """Why and on what knowledge one enterprise was graded again on top of a part.

    With `kept_from` it was not graded again: it left this roster for another and keeps the grade
    of that earlier part until the other roster grades it.
    """

    part = models.ForeignKey(
        RosterRun, models.PROTECT, related_name="corrections", verbose_name=_("名录评价结果")
    )
    enterprise = models.ForeignKey(
        Enterprise, models.PROTECT, related_name="+", verbose_name=_("企业")
    )
    kept_from = models.ForeignKey(
        RosterRun,
        models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        verbose_name=_("沿用何次结果"),
        help_text=_("企业已转入其他名录，到该名录评价为止沿用这里的等级"),
    )
    cause = models.CharField(_("原因"), max_length=300)
    made_by = models.CharField(_("操作人"), max_length=60)
    known_at = models.DateTimeField(_("数据截止时间"))

    kept = Kept(
        columns=("part_id", "enterprise_id", "kept_from_id", "cause", "made_by"),
        added_at="known_at",
        retracted_at="",
    )

    class Meta:
        verbose_name = _("重新评价")
        verbose_name_plural = _("重新评价")
        ordering = ["-known_at"]
        indexes = [models.Index(fields=["enterprise", "known_at"], name="correction_enterprise")]

    def __str__(self) -> str:
        return f"{self.enterprise_id} {self.cause}"


class Rating(models.Model):
    """The grade one part gives one enterprise. Nobody types it. Source: R38, 五(一).

    Written by the run (`correction` empty) or by a correction, which sets `replaced_by` on the
    one before. The verdict's run says by which standard and date: the part's own, but for a grade
    that is kept from an earlier part. No foreign keys in the database: `verify` checks them.
    """

    part = models.ForeignKey(
        RosterRun,
        models.PROTECT,
        related_name="ratings",
        db_constraint=False,
        db_index=False,
        verbose_name=_("名录评价结果"),
    )
    enterprise = models.ForeignKey(
        Enterprise,
        models.PROTECT,
        related_name="ratings",
        db_constraint=False,
        db_index=False,
        verbose_name=_("企业"),
    )
    verdict = models.ForeignKey(
        Verdict,
        models.PROTECT,
        related_name="ratings",
        db_constraint=False,
        db_index=False,
        verbose_name=_("结论"),
    )
    grade = models.CharField(_("等级"), max_length=4)
    correction = models.ForeignKey(
        Correction,
        models.PROTECT,
        related_name="ratings",
        null=True,
        blank=True,
        db_constraint=False,
        db_index=False,
        verbose_name=_("重新评价"),
    )
    replaced_by = models.ForeignKey(
        "self",
        models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        db_constraint=False,
        db_index=False,
        verbose_name=_("由何结果取代"),
    )

    objects = RatingQuerySet.as_manager()

    class Meta:
        verbose_name = _("评价结果")
        verbose_name_plural = _("评价结果")
        ordering = ["part_id", "enterprise_id"]
        constraints = [
            models.UniqueConstraint(
                fields=["part", "enterprise"],
                condition=Q(replaced_by__isnull=True),
                name="one_standing_rating",
                violation_error_message=_("一家企业在同一名录的一次评价中只能有一个有效结果。"),
            )
        ]
        indexes = [
            models.Index(fields=["enterprise"], name="rating_enterprise"),
            models.Index(
                fields=["part", "grade", "enterprise"],
                condition=Q(replaced_by__isnull=True),
                name="rating_part_grade",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.enterprise_id} {self.grade}"


class Overtaken(models.Model):
    """A rating that stands in a current part, but a newer one stands in that of another roster.

    An enterprise that changed rosters stands in both until the roster it left publishes again.
    They are few; the publication of a part keeps them (`regrading.settle`). Design §7.
    """

    part = models.ForeignKey(
        RosterRun, models.PROTECT, related_name="+", verbose_name=_("名录评价结果")
    )
    enterprise = models.ForeignKey(
        Enterprise, models.PROTECT, related_name="+", verbose_name=_("企业")
    )

    class Meta:
        verbose_name = _("被其他名录的新结果取代")
        verbose_name_plural = _("被其他名录的新结果取代")
        constraints = [
            models.UniqueConstraint(fields=["part", "enterprise"], name="overtaken_once")
        ]

    def __str__(self) -> str:
        return f"{self.enterprise_id} {self.part_id}"


class Proposal(models.Model):
    """A change of a record, or of a registration, that can change a grade, waiting for a second
    person. A change of a registration has no record."""

    enterprise = models.ForeignKey(
        Enterprise, models.PROTECT, related_name="proposals", verbose_name=_("企业")
    )
    record = models.ForeignKey(
        Record,
        models.PROTECT,
        related_name="proposals",
        null=True,
        blank=True,
        verbose_name=_("失信信息"),
    )
    kind = models.CharField(_("事项"), max_length=12, choices=ProposalKind.choices)
    changes = models.JSONField(_("更正内容"), default=dict, blank=True)
    effect = models.JSONField(_("对等级的影响"), default=dict, blank=True)
    version = models.PositiveIntegerField(
        _("所依据的登记版本"), null=True, blank=True, editable=False
    )
    reason = models.CharField(_("理由"), max_length=300)
    state = models.CharField(
        _("状态"), max_length=10, choices=ProposalState.choices, default=ProposalState.WAITING
    )
    proposed_by = models.CharField(_("提出人"), max_length=60)
    proposed_at = models.DateTimeField(_("提出时间"))
    due_on = models.DateField(_("应办结日期"), null=True, blank=True)
    decided_by = models.CharField(_("复核人"), max_length=60, blank=True)
    decided_at = models.DateTimeField(_("复核时间"), null=True, blank=True)
    decision_reason = models.CharField(_("复核意见"), max_length=300, blank=True)

    objects = ProposalQuerySet.as_manager()

    class Meta:
        verbose_name = _("待复核的更正")
        verbose_name_plural = _("待复核的更正")
        ordering = ["proposed_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["record"],
                condition=Q(state=ProposalState.WAITING),
                name="one_waiting_proposal_per_record",
                violation_error_message=_("该条信息已有待复核的更正。"),
            ),
            models.UniqueConstraint(
                fields=["enterprise"],
                condition=Q(state=ProposalState.WAITING, kind=ProposalKind.REGISTRATION),
                name="one_waiting_registration_per_enterprise",
                violation_error_message=_("该企业已有待复核的登记更正。"),
            ),
            models.CheckConstraint(
                condition=Q(kind=ProposalKind.REGISTRATION, record__isnull=True)
                | (~Q(kind=ProposalKind.REGISTRATION) & Q(record__isnull=False)),
                name="proposal_is_about_a_record_or_a_registration",
                violation_error_message=_("更正登记状态不指向信息，其他更正须指向一条信息。"),
            ),
            models.CheckConstraint(
                condition=Q(state=ProposalState.WAITING, decided_at__isnull=True, decided_by="")
                | (
                    ~Q(state=ProposalState.WAITING)
                    & Q(decided_at__isnull=False)
                    & ~Q(decided_by="")
                ),
                name="decided_proposal_says_who_and_when",
                violation_error_message=_("已办结的更正须有复核人和复核时间，待复核的没有。"),
            ),
            models.CheckConstraint(
                condition=~Q(state=ProposalState.CONFIRMED) | ~Q(decided_by=F("proposed_by")),
                name="confirmed_by_a_second_person",
                violation_error_message=_("须由第二人复核。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.record or self.enterprise}"

    def stated(self) -> object:
        return [
            self.enterprise_id, self.record_id, self.kind, self.changes, self.effect, self.version,
            self.reason, self.state, self.proposed_by, self.proposed_at, self.due_on,
            self.decided_by, self.decided_at, self.decision_reason,
        ]  # fmt: skip

    @property
    def basis(self) -> str:
        """What the second person is shown and signs: the effect, and the registration it is on."""
        return json.dumps([self.version, self.effect], sort_keys=True)

    @property
    def target(self) -> Record | Enterprise:
        """What is to be changed: whoever holds it decides."""
        return self.record or self.enterprise

    def held_by(self, post: Post, permission: str) -> bool:
        return self.target.held_by(post, permission)
