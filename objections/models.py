"""Cases that enterprises bring: objections, repairs, reviews, questions. Source: R29, R56."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.functional import cached_property
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from audit.kept import Kept
from grading.models import Rating
from intake.models import StoredFile
from records.models import Record
from roster.enums import Permission
from roster.models import Agency, Enterprise, Region, User
from roster.posts import Post

from .enums import (
    UPHELD,
    Action,
    CaseKind,
    FileRole,
    Finding,
    Ground,
    Leg,
    Outcome,
    RefusalReason,
    State,
    Target,
)
from .queries import (
    CaseItemQuerySet,
    CaseQuerySet,
    DraftQuerySet,
    VerificationQuerySet,
    lead_agency,
)
from .rules.workflow import OPEN


class Case(models.Model):
    """One application of an enterprise, with its number. Its steps stand in `CaseStep`.

    unit: the region whose lead agency decides; it stays the same when the enterprise moves.
    due_on: the last day of the office's running limit; None while the clock stands still, and when
    the calendar of `gap_year` is missing. papers_due_on: while it stands still for papers, the last
    day of the enterprise. Reckoned from the steps (`objections.clock`).
    """

    kind = models.CharField(_("申请种类"), max_length=10, choices=CaseKind.choices)
    number = models.CharField(_("编号"), max_length=40, unique=True)
    enterprise = models.ForeignKey(
        Enterprise, models.PROTECT, related_name="cases", verbose_name=_("企业")
    )
    unit = models.ForeignKey(
        Region, models.PROTECT, related_name="+", verbose_name=_("办理单位所在地")
    )
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+", verbose_name=_("办理单位"))
    state = models.CharField(
        _("状态"), max_length=12, choices=State.choices, default=State.SUBMITTED
    )
    applicant = models.ForeignKey(
        User, models.PROTECT, related_name="+", verbose_name=_("申请人账号")
    )
    applicant_name = models.CharField(_("申请人"), max_length=60)
    agent = models.CharField(
        _("代理人"), max_length=60, blank=True, help_text=_("委托他人办理的，填写代理人姓名")
    )
    statement = models.TextField(_("事实和理由"))
    committed = models.BooleanField(_("已作信用承诺"), default=False)
    reviewed_case = models.ForeignKey(
        "self",
        models.PROTECT,
        related_name="reviews",
        null=True,
        blank=True,
        verbose_name=_("所复核的事项"),
    )
    submitted_on = models.DateField(_("申请日期"))
    submitted_at = models.DateTimeField(_("申请时间"))
    handler = models.CharField(_("经办人"), max_length=60, blank=True)
    leg = models.CharField(_("当前环节"), max_length=12, choices=Leg.choices, blank=True)
    due_on = models.DateField(_("应办结日期"), null=True, blank=True)
    papers_due_on = models.DateField(_("补正期限"), null=True, blank=True)
    gap_year = models.PositiveSmallIntegerField(_("缺少日历的年份"), null=True, blank=True)
    reckoned_at = models.DateTimeField(_("期限推算时间"))
    effect = models.JSONField(_("对等级的影响"), default=dict, blank=True)
    version = models.PositiveIntegerField(_("版本"), default=1)

    objects = CaseQuerySet.as_manager()

    class Meta:
        verbose_name = _("异议与信用修复事项")
        verbose_name_plural = _("异议与信用修复")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind=CaseKind.REVIEW, reviewed_case__isnull=False)
                | (~Q(kind=CaseKind.REVIEW) & Q(reviewed_case__isnull=True)),
                name="review_is_of_a_case",
                violation_error_message=_("复核须指明所复核的事项，其他事项没有。"),
            ),
            models.UniqueConstraint(
                fields=["reviewed_case"],
                name="one_review_of_a_case",
                violation_error_message=_("该事项已经申请过复核。"),
            ),
        ]
        indexes = [
            models.Index(
                fields=["unit", "due_on"], name="case_open_due", condition=Q(state__in=sorted(OPEN))
            ),
            models.Index(fields=["enterprise", "-submitted_at"], name="case_enterprise"),
            models.Index(fields=["applicant", "-submitted_at"], name="case_applicant"),
        ]

    def __str__(self) -> str:
        return self.number

    stated_with = ("items", "files")

    def stated(self) -> object:
        """With its items and the files it names."""
        return [
            self.kind, self.number, self.enterprise_id, self.unit_id, self.agency_id, self.state,
            self.applicant_id, self.applicant_name, self.agent, self.statement, self.committed,
            self.reviewed_case_id, self.submitted_on, self.submitted_at, self.handler, self.effect,
            self.version,
            [item.as_stated() for item in sorted(self.items.all(), key=lambda item: item.pk)],
            [file.as_stated() for file in sorted(self.files.all(), key=lambda file: file.pk)],
        ]  # fmt: skip

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    @cached_property
    def office(self) -> Agency:
        """The lead agency of the unit today: it may have been replaced since the case was filed."""
        return lead_agency(self.unit_id, on=localdate()) or self.agency

    @property
    def matter(self) -> CaseKind:
        """What it is about in the end: of a review what the reviewed case was."""
        return CaseKind(self.reviewed_case.kind if self.reviewed_case else self.kind)

    def held_by(self, post: Post, permission: str) -> bool:
        """The unit that keeps the enterprise handles and decides; the levels above see."""
        if not post.is_lead:
            return False
        if permission == Permission.VIEW_CASES:
            return self.unit_id in post.subtree
        return self.unit_id == post.region


class CaseItem(models.Model):
    """One record, or the rating, that a case is about: what is said, found and decided of it.

    record: the version the enterprise saw. claims: [{"field", "is", "should"}] as texts.
    corrections: {field: text} that verification found right. reviewed_item: in a review, the item of
    the first case.
    """

    case = models.ForeignKey(Case, models.PROTECT, related_name="items", verbose_name=_("申请事项"))
    target = models.CharField(_("对象"), max_length=10, choices=Target.choices)
    record = models.ForeignKey(
        Record,
        models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        db_constraint=False,
        verbose_name=_("失信信息"),
    )
    rating = models.ForeignKey(
        Rating,
        models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        db_constraint=False,
        verbose_name=_("评价结果"),
    )
    ground = models.CharField(_("理由类别"), max_length=16, choices=Ground.choices)
    claims = models.JSONField(_("所指错误"), default=list, blank=True)
    explanation = models.TextField(_("说明"), blank=True)
    finding = models.CharField(_("核查结果"), max_length=10, choices=Finding.choices, blank=True)
    finding_reason = models.CharField(_("核查说明"), max_length=500, blank=True)
    corrections = models.JSONField(_("核实后的内容"), default=dict, blank=True)
    outcome = models.CharField(_("处理"), max_length=16, choices=Outcome.choices, blank=True)
    outcome_reason = models.CharField(_("处理理由"), max_length=500, blank=True)
    reviewed_item = models.ForeignKey(
        "self",
        models.PROTECT,
        related_name="reviewing_items",
        null=True,
        blank=True,
        verbose_name=_("所复核的内容"),
    )

    objects = CaseItemQuerySet.as_manager()

    class Meta:
        verbose_name = _("事项内容")
        verbose_name_plural = _("事项内容")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["case", "record"],
                condition=Q(record__isnull=False),
                name="record_once_in_a_case",
                violation_error_message=_("同一条信息在一个事项中只能列一次。"),
            ),
            models.CheckConstraint(
                condition=Q(target=Target.RECORD, record__isnull=False)
                | Q(target=Target.RATING, record__isnull=True),
                name="case_item_names_its_target",
                violation_error_message=_("对失信信息的事项须指明该条信息，对评价结果的没有。"),
            ),
            models.CheckConstraint(
                condition=Q(outcome="") | ~Q(outcome_reason=""),
                name="outcome_has_a_reason",
                violation_error_message=_("处理须写明理由。"),
            ),
        ]

    def __str__(self) -> str:
        return str(self.record or self.get_target_display())

    @property
    def charges(self) -> tuple[str, ...]:
        """What an upheld item is put down to: the fields that were put right, else the ground; by
        the review that upheld it, where there is one."""
        upheld = [one for one in self.reviewing_items.all() if one.outcome in UPHELD]
        last = upheld[0] if upheld else self
        return tuple(last.corrections) or (last.ground,)

    def as_stated(self) -> object:
        said = [
            self.pk, self.target, self.record_id, self.rating_id, self.ground, self.claims,
            self.explanation, self.finding, self.finding_reason, self.corrections, self.outcome,
            self.outcome_reason,
        ]  # fmt: skip
        return [*said, self.reviewed_item_id] if self.reviewed_item_id else said


class CaseStep(models.Model):
    """A step that was taken in a case; only ever added to. Source: R29; design idea 8."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="steps", verbose_name=_("申请事项"))
    action = models.CharField(_("办理"), max_length=12, choices=Action.choices)
    source = models.CharField(_("原状态"), max_length=12, blank=True)
    target = models.CharField(_("办理后状态"), max_length=12, choices=State.choices)
    on = models.DateField(_("日期"))
    code = models.CharField(_("理由代码"), max_length=20, choices=RefusalReason.choices, blank=True)
    reason = models.TextField(_("说明"), blank=True)
    taken_by = models.CharField(_("办理人"), max_length=60)
    agency = models.CharField(_("办理单位"), max_length=300, blank=True)
    recorded_at = models.DateTimeField(_("办理时间"))

    kept = Kept(
        columns=("case_id", "action", "source", "target", "on", "code", "reason", "taken_by",
                 "agency"),
        retracted_at="",
    )  # fmt: skip

    class Meta:
        verbose_name = _("办理过程")
        verbose_name_plural = _("办理过程")
        ordering = ["pk"]
        indexes = [models.Index(fields=["case", "id"], name="case_step_in_order")]

    def __str__(self) -> str:
        return f"{self.get_action_display()} {self.on}"


class Verification(models.Model):
    """A source department asked about the records of a case it decided. One each time it is asked.

    asked_about: keys of the items. dropped_on: the day the case went on without the answer.
    """

    case = models.ForeignKey(
        Case, models.PROTECT, related_name="verifications", verbose_name=_("申请事项")
    )
    agency = models.ForeignKey(
        Agency, models.PROTECT, related_name="+", verbose_name=_("信息来源部门")
    )
    asked_about = models.JSONField(_("所问内容"), default=list, blank=True)
    question = models.CharField(_("核查要求"), max_length=1000, blank=True)
    asked_by = models.CharField(_("送核人"), max_length=60)
    asked_on = models.DateField(_("送核日期"))
    extended_on = models.DateField(_("延期日期"), null=True, blank=True)
    extension_reason = models.CharField(_("延期理由"), max_length=500, blank=True)
    due_on = models.DateField(_("应答复日期"), null=True, blank=True)
    gap_year = models.PositiveSmallIntegerField(_("缺少日历的年份"), null=True, blank=True)
    answered_by = models.CharField(_("答复人"), max_length=60, blank=True)
    answered_on = models.DateField(_("答复日期"), null=True, blank=True)
    opinion = models.CharField(_("核查意见"), max_length=1000, blank=True)
    dropped_on = models.DateField(_("不再需要答复的日期"), null=True, blank=True)

    objects = VerificationQuerySet.as_manager()

    class Meta:
        verbose_name = _("协查")
        verbose_name_plural = _("协查")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["case", "agency"],
                condition=Q(answered_on__isnull=True, dropped_on__isnull=True),
                name="one_open_verification_per_source",
                violation_error_message=_("该部门已有待答复的协查。"),
            ),
            models.CheckConstraint(
                condition=Q(extended_on__isnull=True, extension_reason="")
                | (Q(extended_on__isnull=False) & ~Q(extension_reason="")),
                name="extension_has_a_reason",
                violation_error_message=_("延期须写明理由。"),
            ),
            models.CheckConstraint(
                condition=Q(answered_on__isnull=True, answered_by="")
                | (Q(answered_on__isnull=False) & ~Q(answered_by="")),
                name="answer_says_who",
                violation_error_message=_("答复须有答复人和日期。"),
            ),
        ]
        indexes = [
            models.Index(
                fields=["agency", "due_on"],
                name="verification_waiting",
                condition=Q(answered_on__isnull=True, dropped_on__isnull=True),
            )
        ]

    def __str__(self) -> str:
        return f"{self.case} {self.agency}"

    def stated(self) -> object:
        said = [
            self.case_id, self.agency_id, self.question, self.asked_by, self.asked_on,
            self.extended_on, self.extension_reason, self.answered_by, self.answered_on,
            self.opinion, self.dropped_on is not None,
        ]  # fmt: skip
        return [*said, self.asked_about, self.dropped_on] if self.asked_about else said

    @property
    def waits(self) -> bool:
        return self.answered_on is None and self.dropped_on is None

    @property
    def items(self) -> models.QuerySet[CaseItem]:
        """What it was asked about."""
        about = Q(pk__in=self.asked_about) if self.asked_about else Q(record__authority=self.agency)
        return CaseItem.objects.filter(about, case=self.case_id).order_by("pk")

    def held_by(self, post: Post, permission: str) -> bool:
        """The department itself, or the lead agency of its region. Source: R26."""
        return post.agency == self.agency_id or (
            post.is_lead and post.region == self.agency.region_id
        )


class CaseFile(models.Model):
    """A stored file that a case names, and what it is there for; of a case, or of an answer."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="files", verbose_name=_("申请事项"))
    file = models.OneToOneField(
        StoredFile, models.PROTECT, related_name="+", verbose_name=_("文件")
    )
    role = models.CharField(_("用途"), max_length=14, choices=FileRole.choices)
    added_on = models.DateField(_("提交日期"))

    class Meta:
        verbose_name = _("事项材料")
        verbose_name_plural = _("事项材料")
        ordering = ["pk"]

    def __str__(self) -> str:
        return str(self.file)

    def as_stated(self) -> object:
        return [self.pk, self.file_id, self.role, self.added_on]


class Draft(models.Model):
    """What a representative has begun to fill in; nobody else sees it. Filed, it names its case, so
    that the same draft filed again gives the same receipt."""

    user = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("填写人"))
    enterprise = models.ForeignKey(
        Enterprise, models.PROTECT, related_name="+", verbose_name=_("企业")
    )
    kind = models.CharField(_("申请种类"), max_length=10, choices=CaseKind.choices)
    content = models.JSONField(_("内容"), default=dict)
    reviewed_case = models.ForeignKey(
        Case,
        models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        verbose_name=_("所复核的事项"),
    )
    case = models.OneToOneField(
        Case,
        models.PROTECT,
        related_name="draft",
        null=True,
        blank=True,
        verbose_name=_("已提出的事项"),
    )
    begun_at = models.DateTimeField(_("开始时间"))
    saved_at = models.DateTimeField(_("保存时间"))

    objects = DraftQuerySet.as_manager()

    class Meta:
        verbose_name = _("未提出的申请")
        verbose_name_plural = _("未提出的申请")
        ordering = ["-saved_at"]
        indexes = [models.Index(fields=["user", "-saved_at"], name="draft_of_user")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.enterprise_id}"

    @property
    def seen(self) -> str:
        """What a page remembers of it: another text when it was saved since."""
        return self.saved_at.isoformat()


class DraftFile(models.Model):
    """A file of a draft; it goes over to the case."""

    draft = models.ForeignKey(
        Draft, models.CASCADE, related_name="files", verbose_name=_("未提出的申请")
    )
    file = models.OneToOneField(
        StoredFile, models.PROTECT, related_name="+", verbose_name=_("文件")
    )
    role = models.CharField(_("用途"), max_length=14, choices=FileRole.choices)

    class Meta:
        verbose_name = _("未提出的申请的材料")
        verbose_name_plural = _("未提出的申请的材料")
        ordering = ["pk"]

    def __str__(self) -> str:
        return str(self.file)
