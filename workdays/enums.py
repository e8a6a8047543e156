from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class DayKind(TextChoices):
    """As the State Council's notices say it."""

    OFF = "休", _("放假")
    MAKE_UP = "班", _("调休上班")


class Unit(TextChoices):
    WORKDAYS = "workdays", _("工作日")
    DAYS = "days", _("日")
    MONTHS = "months", _("个月")


class Why(TextChoices):
    """Why a day counts or does not."""

    WORKDAY = "workday", _("工作日")
    MAKE_UP = "make_up", _("调休上班")
    HOLIDAY = "holiday", _("放假")
    WEEKEND = "weekend", _("周末")
    STOPPED = "stopped", _("停止计算")
    DAY = "day", _("自然日")
