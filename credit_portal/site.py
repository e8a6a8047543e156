"""The admin site of the portal."""

from typing import Any

from django.contrib.admin import AdminSite
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils.timezone import localdate, now
from django.utils.translation import gettext_lazy as _

from credit_portal.home import home_of


class PortalAdminSite(AdminSite):
    site_title = _("企业信用分级分类监管")
    site_header = _("河北省企业信用分级分类监管系统")
    index_title = _("工作台")
    enable_nav_sidebar = True

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        home = home_of(request, at=now(), on=localdate())
        return super().index(request, {**(extra_context or {}), "home": home})
