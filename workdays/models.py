from __future__ import annotations

import datetime as dt

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from workdays.enums import DayKind, Unit


class CalendarYear(models.Model):
    """A year whose calendar is loaded; a year without a row is unknown, not without holidays."""

    year = models.PositiveSmallIntegerField(_("年份"), primary_key=True)
    source = models.CharField(_("依据"), max_length=200)
    loaded_at = models.DateTimeField(_("载入时间"))
    loaded_by = models.CharField(_("载入人"), max_length=150)

    class Meta:
        verbose_name = _("已载入年份")
        verbose_name_plural = _("已载入年份")
        ordering = ["-year"]

    def __str__(self) -> str:
        return str(self.year)

    def stated(self) -> object:
        """With the days of the year."""
        days = CalendarDay.objects.filter(date__year=self.year).order_by("date")
        return [
            self.source, self.loaded_at, self.loaded_by,
            list(days.values_list("date", "kind", "festival")),
        ]  # fmt: skip


class CalendarDay(models.Model):
    """A day that does not follow the week."""

    date = models.DateField(_("日期"), unique=True)
    kind = models.CharField(_("类别"), max_length=1, choices=DayKind)
    festival = models.CharField(_("节日"), max_length=50)

    class Meta:
        verbose_name = _("节假日与调休日")
        verbose_name_plural = _("节假日与调休日")
        ordering = ["-date"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=DayKind.values),
                name="workdays_calendarday_kind",
                violation_error_message=_("类别只能是“休”或“班”。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.date} {self.kind}"


class LimitQuerySet(models.QuerySet["Limit"]):
    def effective_on(self, on: dt.date) -> LimitQuerySet:
        """Limits in force on a day: from `since`, or always, up to but without `until`."""
        return self.filter(
            Q(since__isnull=True) | Q(since__lte=on), Q(until__isnull=True) | Q(until__gt=on)
        )


class Limit(models.Model):
    """How long an office has, as dated data with its source."""

    code = models.CharField(_("时限代码"), max_length=60)
    name = models.CharField(_("时限"), max_length=100)
    days = models.PositiveSmallIntegerField(_("天数"))
    unit = models.CharField(_("单位"), max_length=10, choices=Unit)
    source = models.CharField(_("依据"), max_length=300)
    since = models.DateField(
        _("生效日期"), null=True, blank=True, help_text=_("空白表示生效日期未载明。")
    )
    until = models.DateField(
        _("失效日期"), null=True, blank=True, help_text=_("自该日起不再适用。")
    )

    objects = LimitQuerySet.as_manager()

    class Meta:
        verbose_name = _("办理时限")
        verbose_name_plural = _("办理时限")
        ordering = ["code", "-since"]
        constraints = [
            models.UniqueConstraint(
                fields=["code"],
                condition=Q(until__isnull=True),
                name="workdays_limit_one_in_force",
                violation_error_message=_("同一时限只能有一条未失效的规定。"),
            ),
            models.CheckConstraint(
                condition=Q(since__isnull=True) | Q(until__isnull=True) | Q(until__gt=F("since")),
                name="workdays_limit_dates",
                violation_error_message=_("失效日期必须晚于生效日期。"),
            ),
            models.CheckConstraint(
                condition=Q(unit__in=Unit.values),
                name="workdays_limit_unit",
                violation_error_message=_("单位只能是工作日、日或个月。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.days}{self.get_unit_display()}"

    def stated(self) -> object:
        return [
            self.code, self.name, self.days, self.unit, self.source, self.since, self.until,
        ]  # fmt: skip
