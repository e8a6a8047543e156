from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig
from django.utils.translation import gettext_lazy as _


class CreditPortalConfig(AppConfig):
    name = "credit_portal"
    verbose_name = _("门户")


class PortalAdminConfig(AdminConfig):
    default_site = "credit_portal.site.PortalAdminSite"
