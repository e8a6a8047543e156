"""Sentences for the refusals of the edge."""

from django.utils.translation import gettext_lazy as _

MESSAGES = {
    "credit_portal.no_access": _("您现任岗位没有访问该页面的权限（{address}）。"),
}
