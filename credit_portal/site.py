"""The admin site of the portal."""

from django.contrib.admin import AdminSite
from django.utils.translation import gettext_lazy as _


class PortalAdminSite(AdminSite):
    site_title = _("企业信用分级分类监管")
    site_header = _("河北省企业信用分级分类监管系统")
    index_title = _("工作台")
    enable_nav_sidebar = True
