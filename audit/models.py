from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Iterable
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from audit import labels
from audit.enums import Outcome
from audit.plain import instant
from audit.rules import chain
from audit.targets import target_keys

SEPARATOR = "、"
"""Between regions, and between agencies, of an actor who belongs to several."""


class AppendOnlyError(TypeError):
    """Events are written by acts and never changed."""


class AppendOnlyQuerySet(models.QuerySet):
    def update(self, **kwargs: object) -> int:
        raise AppendOnlyError("Events are never changed.")

    def delete(self) -> tuple[int, dict[str, int]]:
        raise AppendOnlyError("Events are never deleted.")


class EventQuerySet(AppendOnlyQuerySet):
    def for_target(self, target: object, *, also: Iterable[object] = ()) -> EventQuerySet:
        """Events that touched this object, newest first.

        Bulk acts name their batch or run only; an object says through its method
        `audit_trail()` which of those it went through, a caller through `also`.
        """
        condition = models.Q()
        for target_type, ids in target_keys(target, also).items():
            condition |= models.Q(target_type=target_type, target_id__in=ids)
        touched = EventTarget.objects.filter(condition).values("event_id")
        return self.filter(number__in=touched).order_by("-number")

    def happened_in(self, regions: Collection[str]) -> EventQuerySet:
        """Events of these regions; one may name several, those its actor belonged to."""
        if not regions:
            return self.none()
        any_of = "|".join(map(re.escape, sorted(regions)))
        among_several = models.Q(
            region__contains=SEPARATOR, region__regex=f"(^|{SEPARATOR})({any_of})({SEPARATOR}|$)"
        )
        return self.filter(models.Q(region__in=regions) | among_several)

    def touching(self, target_id: str) -> EventQuerySet:
        """Events one of whose targets has this key, of whatever kind; each event once."""
        touched = EventTarget.objects.filter(target_id=target_id).values("event_id")
        return self.filter(number__in=touched)

    def done(self) -> EventQuerySet:
        return self.filter(outcome=Outcome.DONE)

    def refused(self) -> EventQuerySet:
        return self.filter(outcome=Outcome.REFUSED)


class AppendOnlyModel(models.Model):
    class Meta:
        abstract = True

    def save(self, *args: object, **kwargs: object) -> None:
        if not self._state.adding:
            raise AppendOnlyError("Events are never changed.")
        kwargs["force_insert"] = True
        super().save(*args, **kwargs)  # type: ignore[arg-type]

    def delete(self, *args: object, **kwargs: object) -> tuple[int, dict[str, int]]:
        raise AppendOnlyError("Events are never deleted.")


class Event(AppendOnlyModel):
    """One act, done or refused, bound to the event before it."""

    number = models.BigIntegerField(_("序号"), primary_key=True)
    at = models.DateTimeField(_("时间"))
    actor = models.CharField(_("操作人"), max_length=150)
    agency = models.CharField(_("所属单位"), max_length=200, blank=True)
    region = models.CharField(_("地区"), max_length=32, blank=True)
    act = models.CharField(_("事项"), max_length=100)
    outcome = models.CharField(_("结果"), max_length=10, choices=Outcome)
    target_type = models.CharField(_("对象类别"), max_length=100, blank=True)
    target_id = models.CharField(_("对象编号"), max_length=200, blank=True)
    target_label = models.CharField(_("对象"), max_length=200, blank=True)
    details = models.JSONField(_("详情"), default=dict)
    previous_hash = models.CharField(_("上一条摘要"), max_length=chain.HASH_LENGTH)
    hash = models.CharField(_("摘要"), max_length=chain.HASH_LENGTH)

    objects = EventQuerySet.as_manager()

    class Meta:
        verbose_name = _("审计事件")
        verbose_name_plural = _("审计事件")
        ordering = ["-number"]
        indexes = [
            models.Index(fields=["at"], name="audit_event_at"),
            models.Index(fields=["actor", "number"], name="audit_event_actor"),
            models.Index(fields=["region", "number"], name="audit_event_region"),
            models.Index(fields=["act", "number"], name="audit_event_act"),
            models.Index(
                fields=["number"],
                name="audit_event_regions",
                condition=models.Q(region__contains=SEPARATOR),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.act}"

    @property
    def sentence(self) -> str:
        """The event as its reader sees it; the time stands beside it."""
        return labels.sentence(self)

    def content(self) -> dict[str, Any]:
        """What the hash is taken of: every column but the two hashes."""
        return event_content(*(getattr(self, name) for name in CONTENT_FIELDS))


CONTENT_FIELDS = (
    "number", "at", "actor", "agency", "region", "act", "outcome",
    "target_type", "target_id", "target_label", "details",
)  # fmt: skip


def event_content(number: int, at: dt.datetime, *rest: object) -> dict[str, Any]:
    return dict(zip(CONTENT_FIELDS, (number, instant(at), *rest), strict=True))


class EventTarget(AppendOnlyModel):
    """Where to look an event up from each object it touched."""

    event = models.ForeignKey(
        Event,
        on_delete=models.PROTECT,
        related_name="targets",
        db_index=False,  # the unique constraint begins with it
        verbose_name=_("事件"),
    )
    position = models.PositiveIntegerField(_("次序"))
    target_type = models.CharField(_("对象类别"), max_length=100)
    target_id = models.CharField(_("对象编号"), max_length=200)
    target_label = models.CharField(_("对象"), max_length=200, blank=True)

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        verbose_name = _("事件对象")
        verbose_name_plural = _("事件对象")
        constraints = [
            models.UniqueConstraint(
                fields=["event", "position"], name="audit_eventtarget_position"
            ),
        ]
        indexes = [
            models.Index(
                fields=["target_type", "target_id", "event"], name="audit_eventtarget_lookup"
            ),
        ]

    def __str__(self) -> str:
        return self.target_label or f"{self.target_type} {self.target_id}"


class ChainHead(models.Model):
    """The last link, a single row; locking it is what puts events in a row."""

    number = models.BigIntegerField(_("末条序号"), default=0)
    hash = models.CharField(_("末条摘要"), max_length=chain.HASH_LENGTH)
    chain = models.CharField(_("链标识"), max_length=chain.HASH_LENGTH)
    latest_at = models.DateTimeField(_("最晚时间"), null=True, blank=True)

    class Meta:
        verbose_name = _("审计链末端")
        verbose_name_plural = _("审计链末端")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(id=1),
                name="audit_chainhead_single",
                violation_error_message=_("审计链末端只有一行。"),
            ),
        ]

    def __str__(self) -> str:
        return str(self.number)


class ClockMark(models.Model):
    """The last cut: no later stamp may be at or before it. A single row."""

    cut_at = models.DateTimeField(_("最近截止时点"))

    class Meta:
        verbose_name = _("数据截止时点")
        verbose_name_plural = _("数据截止时点")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(id=1),
                name="audit_clockmark_single",
                violation_error_message=_("数据截止时点只有一行。"),
            ),
        ]

    def __str__(self) -> str:
        return instant(self.cut_at)


class SentForm(models.Model):
    """A form that was carried out, so that the same form sent again is not; see `audit.once`.

    Its key is not kept, only the digest of key and contents.
    """

    account = models.CharField(_("账号"), max_length=150)
    digest = models.CharField(_("表单摘要"), max_length=64)
    token = models.UUIDField(_("提交编号"))
    at = models.DateTimeField(_("办理时间"), db_index=True)
    target_type = models.CharField(_("对象类别"), max_length=100, blank=True)
    target_id = models.CharField(_("对象编号"), max_length=200, blank=True)
    location = models.TextField(_("办理后的页面"), blank=True)

    class Meta:
        verbose_name = _("已办理的表单")
        verbose_name_plural = _("已办理的表单")
        constraints = [
            models.UniqueConstraint(
                fields=["account", "digest"], name="audit_sentform_once_per_account"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account} {self.at:%Y-%m-%d %H:%M:%S}"
