"""A batch: one file on its way in, the fate of each of its lines, and what was done with it."""

from __future__ import annotations

import hashlib
import json
from itertools import chain
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from audit.kept import Kept
from audit.refusal import explain_code

from . import lookups  # noqa: F401  makes `one_of` known before any query
from .enums import FINISHED, BatchState, Fate, Scan, TakeBackState
from .queries import BatchQuerySet, StoredFileQuerySet


class Batch(models.Model):
    """One file. Who brought it is kept as text: this room knows no users.

    `token` counts how often work on it was taken up; whoever holds an older token can no longer
    write. `confirm_key` names the preview that a confirmation is about.
    """

    layout = models.CharField(_("文件种类"), max_length=40)
    edition = models.PositiveSmallIntegerField(_("文件种类的版次"), default=1, editable=False)
    options = models.JSONField(_("选项"), default=dict, blank=True)
    name = models.CharField(_("文件名"), max_length=200)
    state = models.CharField(
        _("状态"), max_length=12, choices=BatchState.choices, default=BatchState.RECEIVED
    )
    uploader = models.CharField(_("上传人"), max_length=60)
    agency = models.CharField(_("上传单位"), max_length=200, blank=True)
    units = models.CharField(
        _("上传单位代码"), max_length=400, blank=True, help_text=_("每个代码前后各有一竖线")
    )
    region = models.CharField(_("所属区划"), max_length=200, blank=True)
    received_at = models.DateTimeField(_("接收时间"))

    size_bytes = models.PositiveBigIntegerField(_("文件大小（字节）"))
    sha256 = models.CharField(_("原文件摘要"), max_length=64)
    copy_name = models.CharField(_("副本"), max_length=60, blank=True)
    copy_sha256 = models.CharField(_("副本摘要"), max_length=64)
    headings = models.JSONField(_("表头"))
    notes = models.JSONField(_("说明"), default=list, blank=True)

    lines = models.PositiveIntegerField(_("行数"), default=0)
    lines_done = models.PositiveIntegerField(_("已处理行数"), default=0)
    added = models.PositiveIntegerField(_("新增"), default=0)
    changed = models.PositiveIntegerField(_("变更"), default=0)
    unchanged = models.PositiveIntegerField(_("无变化"), default=0)
    refused = models.PositiveIntegerField(_("未接受"), default=0)
    problems_total = models.PositiveIntegerField(_("问题数"), default=0)
    fates_digest = models.CharField(_("核对结果摘要"), max_length=64, blank=True)

    checked_at = models.DateTimeField(_("核对时间"), null=True, blank=True)
    confirm_key = models.CharField(_("确认码"), max_length=32, blank=True)
    confirmed_at = models.DateTimeField(_("确认时间"), null=True, blank=True)
    confirmed_by = models.CharField(_("确认人"), max_length=60, blank=True)
    merged_at = models.DateTimeField(_("入库时间"), null=True, blank=True)
    taken_back_at = models.DateTimeField(_("撤回时间"), null=True, blank=True)
    refusal_code = models.CharField(_("未接受原因代码"), max_length=60, blank=True)
    refusal_values = models.JSONField(_("未接受原因"), default=dict, blank=True)

    token = models.PositiveIntegerField(_("接手次数"), default=0)
    lease_until = models.DateTimeField(_("占用至"), null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(_("本阶段接手次数"), default=0)
    announced_at = models.DateTimeField(_("上次通知处理时间"), null=True, blank=True)

    objects = BatchQuerySet.as_manager()

    class Meta:
        verbose_name = _("报送文件")
        verbose_name_plural = _("报送文件")
        ordering = ["-received_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(confirmed_at__isnull=True, confirmed_by="")
                | (Q(confirmed_at__isnull=False) & ~Q(confirmed_by="")),
                name="confirmed_at_and_by_together",
                violation_error_message=_("确认时间与确认人须同时记录。"),
            ),
            models.CheckConstraint(
                condition=~Q(state=BatchState.MERGED) | Q(merged_at__isnull=False),
                name="merged_has_its_time",
                violation_error_message=_("已入库的文件须记录入库时间。"),
            ),
            models.CheckConstraint(
                condition=~Q(state=BatchState.REFUSED) | ~Q(refusal_code=""),
                name="refused_has_its_reason",
                violation_error_message=_("未接受的文件须记录原因。"),
            ),
        ]
        indexes = [
            models.Index(fields=["uploader", "-received_at"], name="batch_uploader"),
            models.Index(
                fields=["state"],
                name="batch_unfinished",
                condition=~Q(state__in=[str(state) for state in FINISHED]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}（{self.pk}）"

    def stated(self) -> object:
        """What came in; once it is taken in or refused, also who let it in and every fate. Of the
        states those in which nobody works on it any more."""
        received = [
            self.layout, self.edition, self.options, self.name, self.uploader, self.agency, self.units,
            self.region, self.received_at, self.size_bytes, self.sha256, self.copy_sha256,
            self.headings, self.lines,
        ]  # fmt: skip
        if self.merged_at is None and self.state != BatchState.REFUSED:
            return received
        return [
            *received, self.state if self.is_finished else "", self.notes, self.added, self.changed, self.unchanged,
            self.refused, self.problems_total, self.fates_digest, self.checked_at,
            self.confirmed_at, self.confirmed_by, self.merged_at, self.refusal_code,
            self.refusal_values, self.taken_back_at, self._lines_digest(),
        ]  # fmt: skip

    def _lines_digest(self) -> str:
        """Over what is kept of the lines, in file order, without holding it all."""
        hasher = hashlib.sha256()
        slices = self.slices.order_by("number").values_list("number", "lines", "fates")
        lines = self.full_lines.order_by("number", "fate").values_list(
            "number", "fate", "label", "problems", "changes"
        )
        for row in chain(slices.iterator(chunk_size=20), lines.iterator(chunk_size=500)):
            hasher.update(json.dumps(row, ensure_ascii=False, sort_keys=True).encode() + b"\n")
        return hasher.hexdigest()

    @property
    def is_finished(self) -> bool:
        return self.state in FINISHED

    @property
    def on_its_rows(self) -> dict[str, Any]:
        """What the rows that its merge added carry: its instant and its person."""
        return {"recorded_at": self.merged_at, "recorded_by": self.uploader}

    @property
    def reason(self) -> str:
        """Why the whole file was not accepted, in the reader's language."""
        if not self.refusal_code:
            return ""
        return explain_code(self.refusal_code, self.refusal_values)

    @property
    def said(self) -> list[str]:
        """The notes about the file, in the reader's language."""
        return [explain_code(str(note["code"]), note) for note in self.notes]


class BatchSlice(models.Model):
    """The fates of a run of lines, one letter each in file order, with their numbers."""

    batch = models.ForeignKey(
        Batch, models.CASCADE, related_name="slices", verbose_name=_("报送文件")
    )
    number = models.PositiveIntegerField(_("序号"))
    lines = models.TextField(_("行号"), help_text=_("连续行号写作“首-末”，以逗号分隔"))
    fates = models.TextField(_("各行结果"))

    class Meta:
        verbose_name = _("逐行结果")
        verbose_name_plural = _("逐行结果")
        ordering = ["batch_id", "number"]
        constraints = [
            models.UniqueConstraint(fields=["batch", "number"], name="one_slice_per_number")
        ]

    def __str__(self) -> str:
        return f"{self.batch_id}/{self.number}"


class BatchLine(models.Model):
    """A refused or changed line in full, or an unchanged one of which something is to be said."""

    batch = models.ForeignKey(
        Batch, models.CASCADE, related_name="full_lines", verbose_name=_("报送文件")
    )
    number = models.PositiveIntegerField(_("行号"))
    fate = models.CharField(_("结果"), max_length=10, choices=Fate.choices)
    label = models.CharField(_("对象"), max_length=200, blank=True)
    problems = models.JSONField(_("问题"), default=list)
    changes = models.JSONField(_("变更内容"), default=list)

    class Meta:
        verbose_name = _("未接受或有变更的行")
        verbose_name_plural = _("未接受或有变更的行")
        ordering = ["batch_id", "number"]
        constraints = [
            models.UniqueConstraint(fields=["batch", "fate", "number"], name="one_full_line")
        ]

    def __str__(self) -> str:
        return f"{self.batch_id}:{self.number}"


class TakeBack(models.Model):
    """A request to take back what a file wrote: why, what that would do, who agreed.

    effect: grades in force before and after with the number of enterprises, `{"C→B": 3}`.
    fates_digest: of all of it, so that the second person signs what will happen.
    """

    batch = models.ForeignKey(
        Batch, models.PROTECT, related_name="take_backs", verbose_name=_("报送文件")
    )
    state = models.CharField(
        _("状态"), max_length=8, choices=TakeBackState.choices, default=TakeBackState.WAITING
    )
    reason = models.CharField(_("理由"), max_length=200)
    proposed_by = models.CharField(_("申请人"), max_length=60)
    proposed_at = models.DateTimeField(_("申请时间"))
    decided_by = models.CharField(_("复核人"), max_length=60, blank=True)
    decided_at = models.DateTimeField(_("复核时间"), null=True, blank=True)
    decision_reason = models.CharField(_("复核意见"), max_length=200, blank=True)
    decider_agency = models.CharField(_("复核单位"), max_length=200, blank=True)
    decider_region = models.CharField(_("复核单位所属区划"), max_length=200, blank=True)

    retracted = models.PositiveIntegerField(_("撤销"), default=0)
    restored = models.PositiveIntegerField(_("恢复原内容"), default=0)
    staying = models.PositiveIntegerField(_("保留"), default=0)
    effect = models.JSONField(_("对等级的影响"), default=dict, blank=True)
    fates_digest = models.CharField(_("影响摘要"), max_length=64, blank=True)
    weighed_again = models.BooleanField(_("复核后影响有变化"), default=False)
    refusal_code = models.CharField(_("未能撤回的原因代码"), max_length=60, blank=True)
    refusal_values = models.JSONField(_("未能撤回的原因"), default=dict, blank=True)

    class Meta:
        verbose_name = _("文件撤回")
        verbose_name_plural = _("文件撤回")
        ordering = ["-proposed_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["batch"],
                condition=~Q(state=TakeBackState.DROPPED),
                name="taken_back_once",
                violation_error_message=_("该文件已申请撤回或已撤回。"),
            ),
            models.CheckConstraint(
                condition=Q(state__in=[TakeBackState.WAITING, TakeBackState.DROPPED])
                | (
                    Q(decided_at__isnull=False)
                    & ~Q(decided_by="")
                    & ~Q(decided_by=F("proposed_by"))
                ),
                name="taken_back_by_two_people",
                violation_error_message=_("撤回须由第二人复核。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.batch}：{self.get_state_display()}"

    @property
    def refusal(self) -> str:
        """Why it came to nothing by itself, in the reader's language."""
        return explain_code(self.refusal_code, self.refusal_values) if self.refusal_code else ""

    def stated(self) -> object:
        """Who asked and who decided; once it has come to an end also what it did. Until then the
        effect is weighed, and perhaps weighed again, without an act."""
        said = [
            self.batch_id, self.state, self.reason, self.proposed_by, self.proposed_at,
            self.decided_by, self.decided_at, self.decision_reason, self.decider_agency,
            self.decider_region, self.refusal_code, self.refusal_values,
        ]  # fmt: skip
        if self.state not in (TakeBackState.DROPPED, TakeBackState.DONE):
            return said
        kept = self.kept_rows.order_by("number").values_list("number", "label", "why")
        return [
            *said, self.retracted, self.restored, self.staying, self.effect, self.fates_digest,
            self.weighed_again, list(kept),
        ]  # fmt: skip


class KeptRow(models.Model):
    """What a file wrote and a take-back leaves alone, with the reason."""

    take_back = models.ForeignKey(
        TakeBack, models.CASCADE, related_name="kept_rows", verbose_name=_("文件撤回")
    )
    number = models.PositiveIntegerField(_("序号"))
    label = models.CharField(_("对象"), max_length=300)
    why = models.CharField(_("保留的原因"), max_length=300)

    class Meta:
        verbose_name = _("未撤回的内容")
        verbose_name_plural = _("未撤回的内容")
        ordering = ["take_back_id", "number"]
        constraints = [
            models.UniqueConstraint(fields=["take_back", "number"], name="one_kept_row_per_number")
        ]

    def __str__(self) -> str:
        return f"{self.label}：{self.why}"


class StoredFile(models.Model):
    """A file that somebody sent as proof. Who may have it, the room above says that names it.

    name: cleaned, only shown. stored: where its bytes lie. sha256: of what is kept; given_sha256:
    of what was sent, so that people can show that it was their file.
    """

    name = models.CharField(_("文件名"), max_length=120)
    media_type = models.CharField(_("文件类型"), max_length=100)
    size_bytes = models.PositiveIntegerField(_("文件大小（字节）"))
    sha256 = models.CharField(_("摘要"), max_length=64)
    given_sha256 = models.CharField(_("原文件摘要"), max_length=64)
    stored = models.CharField(_("存放名"), max_length=32, unique=True)
    uploader = models.CharField(_("上传人"), max_length=60)
    scan = models.CharField(_("查毒"), max_length=12, choices=Scan.choices)
    scan_detail = models.CharField(_("查毒结果"), max_length=200, blank=True)
    recorded_at = models.DateTimeField(_("接收时间"))

    objects = StoredFileQuerySet.as_manager()
    kept = Kept(
        columns=(
            "name", "media_type", "size_bytes", "sha256", "given_sha256", "stored", "uploader",
            "scan", "scan_detail",
        ),
        retracted_at="",
    )  # fmt: skip

    class Meta:
        verbose_name = _("证明材料")
        verbose_name_plural = _("证明材料")
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.name
