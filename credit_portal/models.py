from django.db import models
from django.utils.translation import gettext_lazy as _

from credit_portal.enums import Standing
from credit_portal.queries import WorkerPulseQuerySet


class WorkerPulse(models.Model):
    """A worker's last sign of life.

    A row, not a cached value: it survives an emptied Redis and is the same for all processes.
    """

    worker = models.CharField(_("工作进程"), max_length=255, primary_key=True)
    seen_at = models.DateTimeField(_("最近报告时间"))
    standing = models.CharField(
        _("版本"), max_length=5, choices=Standing.choices, default=Standing.FITS
    )
    through_at = models.DateTimeField(_("最近一次巡查办结时间"), null=True, blank=True)

    objects = WorkerPulseQuerySet.as_manager()

    class Meta:
        verbose_name = _("后台工作进程")
        verbose_name_plural = _("后台工作进程")

    def __str__(self) -> str:
        return self.worker


class Step(models.TextChoices):
    """What is tried when somebody signs in."""

    PASSWORD = "password", _("密码")
    CODE = "code", _("动态码")


class FailedSignIn(models.Model):
    """Failures to sign in that no event has told yet, of an account ("" for all unknown ones)
    from an address, or from all that are not told apart. A row, so that all processes count
    together."""

    step = models.CharField(_("步骤"), max_length=8, choices=Step.choices, default=Step.PASSWORD)
    account = models.CharField(_("账号"), max_length=60, blank=True)
    address = models.CharField(_("来源地址"), max_length=45, blank=True)
    told_at = models.DateTimeField(_("上次记录时间"))
    untold = models.PositiveIntegerField(_("此后次数"), default=0)
    unlooked = models.PositiveIntegerField(_("其中未核对的次数"), default=0)

    class Meta:
        verbose_name = _("登录失败计数")
        verbose_name_plural = _("登录失败计数")
        constraints = [
            models.UniqueConstraint(
                fields=["step", "account", "address"],
                name="one_count_per_step_account_and_address",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account} {self.address}"


class Tries(models.Model):
    """How often something was tried since an instant; what it was stands in the key as a digest.

    A row, so that all processes count together, each after the other.
    """

    key = models.CharField(_("计数对象"), max_length=64, primary_key=True)
    counted = models.PositiveIntegerField(_("次数"), default=0)
    since = models.DateTimeField(_("起始时间"), db_index=True)

    class Meta:
        verbose_name = _("尝试次数")
        verbose_name_plural = _("尝试次数")

    def __str__(self) -> str:
        return self.key
