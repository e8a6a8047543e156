"""Kinds of behaviour (the composition table) and the records of behaviour. Source: R20–R24."""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from audit.kept import Kept
from intake.cells import words
from intake.models import Batch
from intake.sources import batches_of
from roster.enums import Permission
from roster.models import Agency, Enterprise
from roster.posts import Post
from roster.rules.placing import PROVINCE

from .enums import Category, MarkKind, Shape
from .queries import KindQuerySet, MarkQuerySet, RecordQuerySet


class Kind(models.Model):
    """One line of the composition table 《河北省信用评价信息构成表》. Source: R20–R24, 三(一).

    The category is the table's; what counts towards a grade, and as what, a scheme says.
    """

    code = models.CharField(_("信息类别代码"), max_length=40, primary_key=True)
    name = models.CharField(_("信息类别"), max_length=60, unique=True)
    category = models.CharField(_("信息性质"), max_length=12, choices=Category.choices)
    shape = models.CharField(_("时间形态"), max_length=10, choices=Shape.choices)
    counting_date = models.CharField(
        _("计算日期"), max_length=20, help_text=_("据以计算“1年内”的日期，如：处罚决定日期")
    )
    clause = models.CharField(_("政策条款"), max_length=40, blank=True)
    note = models.CharField(_("说明"), max_length=300, blank=True)
    list_names = models.TextField(
        _("名单名称"),
        blank=True,
        help_text=_(
            "名单列入与移出文件中表示这一类别的名单名称或其中的字词，用顿号分开；一个名单名称含有几个类别的字词时，以最长的为准"
        ),
    )
    order = models.PositiveSmallIntegerField(_("顺序"), default=100)
    since = models.DateField(_("启用日期"), null=True, blank=True)
    until = models.DateField(_("停用日期"), null=True, blank=True)

    objects = KindQuerySet.as_manager()

    class Meta:
        verbose_name = _("信息类别")
        verbose_name_plural = _("信用评价信息构成表")
        ordering = ["order", "code"]

    def __str__(self) -> str:
        return self.name

    def names_of_lists(self) -> tuple[str, ...]:
        """The names, or words of names, by which files call the list; of a state its own too."""
        behaviour = self.shape == Shape.STATE and self.category != Category.BASIC
        own = (self.name,) if behaviour else ()
        return (*own, *words(self.list_names))

    def is_effective_on(self, date: dt.date) -> bool:
        """Whether the kind is in use on a day: `KindQuerySet.effective_on` for one. R24."""
        return (self.since or date) <= date and (self.until is None or date < self.until)

    def stated(self) -> object:
        return [
            self.name, self.category, self.shape, self.counting_date, self.clause, self.note,
            self.list_names, self.order, self.since, self.until,
        ]  # fmt: skip

    def held_by(self, post: Post, permission: str) -> bool:
        """The composition table is the provincial lead agency's. Source: R20, 三(一)."""
        return permission != Permission.EDIT_KINDS or post.region == PROVINCE


class Record(models.Model):
    """One decision of one authority about one enterprise, or one state it was put into.

    A correction retracts this row and adds another that `supersedes` it and inherits
    `first_known_at`. Source: R22–R23, 三(一); design ideas 3 and 4.
    """

    enterprise = models.ForeignKey(
        Enterprise,
        models.PROTECT,
        related_name="records",
        db_constraint=False,
        db_index=False,
        verbose_name=_("企业"),
    )
    kind = models.ForeignKey(Kind, models.PROTECT, related_name="+", verbose_name=_("信息类别"))
    authority = models.ForeignKey(
        Agency, models.PROTECT, related_name="+", verbose_name=_("认定机关")
    )
    provider = models.ForeignKey(
        Agency, models.PROTECT, related_name="+", verbose_name=_("数据来源单位")
    )
    number = models.CharField(_("文号"), max_length=120, blank=True)
    identity = models.CharField(_("识别键"), max_length=200, editable=False)
    decided_on = models.DateField(_("认定日期"), help_text=_("处罚决定、判决或列入名单之日"))
    ended_on = models.DateField(
        _("终止日期"), null=True, blank=True, help_text=_("移出名单、履行完毕之日")
    )
    end_reason = models.CharField(_("终止原因"), max_length=200, blank=True)
    measures = models.CharField(_("处罚类别"), max_length=300, blank=True)
    conduct = models.CharField(_("违法行为类型"), max_length=500, blank=True)
    facts = models.TextField(_("违法事实"), blank=True)
    basis = models.TextField(_("处罚依据"), blank=True)
    content = models.TextField(_("内容摘要"), blank=True)
    fine_wan = models.DecimalField(
        _("罚款金额（万元）"), max_digits=18, decimal_places=6, null=True, blank=True
    )
    confiscated_wan = models.DecimalField(
        _("没收金额（万元）"), max_digits=18, decimal_places=6, null=True, blank=True
    )
    licence = models.CharField(_("暂扣或吊销证照名称及编号"), max_length=200, blank=True)
    valid_until = models.DateField(_("处罚有效期"), null=True, blank=True)
    publication_until = models.DateField(_("公示截止期"), null=True, blank=True)
    serious_claimed = models.BooleanField(
        _("报送单位称造成严重后果"), default=False, help_text=_("须经审核人认定后才计入评价")
    )
    remark = models.CharField(_("备注"), max_length=500, blank=True)

    source = models.CharField(_("来源"), max_length=120)
    supersedes = models.ForeignKey(
        "self",
        models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        db_index=False,
        verbose_name=_("更正自"),
    )
    first_known_at = models.DateTimeField(_("首次入库时间"))
    recorded_by = models.CharField(_("登记人"), max_length=60)
    recorded_at = models.DateTimeField(_("入库时间"))
    retracted_at = models.DateTimeField(_("失效时间"), null=True, blank=True)
    retracted_by = models.CharField(_("失效操作人"), max_length=60, blank=True)
    retract_reason = models.CharField(_("失效原因"), max_length=300, blank=True)

    objects = RecordQuerySet.as_manager()
    kept = Kept(
        columns=(
            "enterprise_id", "kind_id", "authority_id", "provider_id", "number", "identity",
            "decided_on", "ended_on", "end_reason", "measures", "conduct", "facts", "basis",
            "content", "fine_wan", "confiscated_wan", "licence", "valid_until",
            "publication_until", "serious_claimed", "remark", "source", "first_known_at",
            "recorded_by", "supersedes_id",
        ),
        retraction=("retracted_by", "retract_reason"),
    )  # fmt: skip

    class Meta:
        verbose_name = _("失信信息")
        verbose_name_plural = _("失信信息")
        ordering = ["-decided_on", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["enterprise", "identity"],
                condition=Q(retracted_at__isnull=True),
                name="one_live_record_per_decision",
                violation_error_message=_("同一机关对同一企业的同一决定已经登记。"),
            ),
            models.CheckConstraint(
                condition=Q(ended_on__isnull=True) | Q(ended_on__gte=F("decided_on")),
                name="record_ends_after_it_begins",
                violation_error_message=_("终止日期不能早于认定日期。"),
            ),
            models.CheckConstraint(
                condition=Q(retracted_at__isnull=True) | ~Q(retract_reason=""),
                name="retraction_has_a_reason",
                violation_error_message=_("失效须写明原因。"),
            ),
        ]
        indexes = [
            models.Index(
                fields=["enterprise", "decided_on"],
                name="record_enterprise_decided",
                include=["kind", "ended_on", "recorded_at", "retracted_at", "first_known_at", "id",
                         "serious_claimed"],
            ),
            models.Index(fields=["authority", "-decided_on"], name="record_authority_decided"),
            models.Index(
                fields=["retracted_at"],
                name="record_retracted",
                condition=Q(retracted_at__isnull=False),
            ),
            models.Index(
                fields=["authority"],
                name="record_claimed",
                condition=Q(serious_claimed=True, retracted_at__isnull=True),
            ),
            models.Index(
                fields=["publication_until"],
                name="record_publication_until",
                condition=Q(publication_until__isnull=False, retracted_at__isnull=True),
            ),
            models.Index(
                F("recorded_at").desc(),
                F("id").desc(),
                name="record_newest",
                condition=Q(retracted_at__isnull=True),
            ),
            models.Index(
                fields=["number"], name="record_number", condition=~Q(number="")
            ),
            models.Index(
                fields=["supersedes"],
                name="record_supersedes",
                condition=Q(supersedes__isnull=False),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.kind} {self.number or self.decided_on}"

    def audit_trail(self) -> list[tuple[str, int]]:
        """The files this record came in by and was put right by: events name them, not the record.

        A reason is typed by people too: a file it names counts if it was taken in at that moment.
        """
        before = self.supersedes.retract_reason if self.supersedes else ""
        moments = (self.recorded_at, self.retracted_at)
        corrected = Batch.objects.filter(
            Q(merged_at__in=moments) | Q(taken_back_at__in=moments),
            pk__in=batches_of([before, self.retract_reason]),
        )
        files = [*batches_of([self.source]), *corrected.values_list("pk", flat=True)]
        return [("intake.batch", number) for number in dict.fromkeys(files)]

    def held_by(self, post: Post, permission: str) -> bool:
        """Giving and correcting belong to the deciding authority, or to the lead agency that
        collects for its region (R26); seeing also to the unit that keeps the enterprise."""
        if post.agency == self.authority_id:
            return True
        if not post.is_lead:
            return False
        if permission == Permission.VIEW_RECORDS:
            home = self.enterprise.keeper_id or self.enterprise.region_id
            return home in post.subtree or self.authority.region_id in post.subtree
        return self.authority.region_id == post.region


class Mark(models.Model):
    """A statement about a record that leaves the record as it is, with both times."""

    record = models.ForeignKey(
        Record,
        models.PROTECT,
        related_name="marks",
        db_constraint=False,
        verbose_name=_("失信信息"),
    )
    kind = models.CharField(_("标注"), max_length=12, choices=MarkKind.choices)
    since = models.DateField(_("自何日起"))
    reason = models.CharField(_("理由"), max_length=300)
    reference = models.CharField(_("依据文号或案号"), max_length=120, blank=True)
    recorded_by = models.CharField(_("登记人"), max_length=60)
    first_known_at = models.DateTimeField(_("首次入库时间"))
    recorded_at = models.DateTimeField(_("入库时间"))
    retracted_at = models.DateTimeField(_("失效时间"), null=True, blank=True)
    retracted_by = models.CharField(_("失效操作人"), max_length=60, blank=True)

    objects = MarkQuerySet.as_manager()
    kept = Kept(
        columns=("record_id", "kind", "since", "reason", "reference", "recorded_by",
                 "first_known_at"),
        retraction=("retracted_by",),
    )  # fmt: skip

    class Meta:
        verbose_name = _("标注")
        verbose_name_plural = _("标注")
        ordering = ["-recorded_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["record", "kind"],
                condition=Q(retracted_at__isnull=True),
                name="one_live_mark_of_a_kind",
                violation_error_message=_("该信息已有此标注。"),
            )
        ]
        indexes = [
            models.Index(fields=["recorded_at"], name="mark_recorded"),
            models.Index(
                fields=["retracted_at"],
                name="mark_retracted",
                condition=Q(retracted_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.since}"


class TakenDown(models.Model):
    """That the publication of a record ended by itself; or, `waits`, that it would have but for the
    rule that the fault is made good first. `until`: the last day by the rules. Domain facts 3."""

    record = models.ForeignKey(
        Record,
        models.PROTECT,
        related_name="taken_down",
        db_constraint=False,
        verbose_name=_("失信信息"),
    )
    waits = models.BooleanField(_("期满待改正"), default=False)
    until = models.DateField(_("公示截止期"))
    on = models.DateField(_("停止公示日期"))
    recorded_at = models.DateTimeField(_("入库时间"))

    kept = Kept(columns=("record_id", "waits", "until", "on"), retracted_at="")

    class Meta:
        verbose_name = _("公示期满")
        verbose_name_plural = _("公示期满")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["record", "waits"],
                name="taken_down_once",
                violation_error_message=_("该条信息已停止公示。"),
            )
        ]
        indexes = [models.Index(fields=["on"], name="taken_down_on")]

    def __str__(self) -> str:
        return f"{self.record_id} {self.on}"


class PublicationRound(models.Model):
    """That on a day every record whose publication had ended was taken down; where the next round
    begins. `begun_at`: what was recorded since then the next one looks at."""

    on = models.DateField(_("日期"), unique=True)
    begun_at = models.DateTimeField(_("开始时间"))
    taken_down = models.PositiveIntegerField(_("停止公示条数"))
    waiting = models.PositiveIntegerField(_("期满待改正条数"))
    recorded_at = models.DateTimeField(_("完成时间"))

    kept = Kept(columns=("on", "begun_at", "taken_down", "waiting"), retracted_at="")

    class Meta:
        verbose_name = _("公示期满办理")
        verbose_name_plural = _("公示期满办理")
        ordering = ["-on"]

    def __str__(self) -> str:
        return f"{self.on}"
