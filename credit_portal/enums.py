"""Stored choices of the portal."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Standing(TextChoices):
    """How a program stands to the database that it meets."""

    FITS = "fits", _("版本一致")
    OLDER = "older", _("程序比数据旧")
    NEWER = "newer", _("数据库尚未迁移")
