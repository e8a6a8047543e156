from django.db import models
from django.utils.translation import gettext_lazy as _

from credit_portal.queries import WorkerPulseQuerySet


class WorkerPulse(models.Model):
    """A worker's last sign of life.

    A row, not a cached value: it survives an emptied Redis and is the same for all processes.
    """

    worker = models.CharField(_("工作进程"), max_length=255, primary_key=True)
    seen_at = models.DateTimeField(_("最近报告时间"))

    objects = WorkerPulseQuerySet.as_manager()

    class Meta:
        verbose_name = _("后台工作进程")
        verbose_name_plural = _("后台工作进程")

    def __str__(self) -> str:
        return self.worker
