"""The admin site of the portal."""

from typing import Any

from django.contrib.admin import AdminSite
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.timezone import localdate, now
from django.utils.translation import gettext_lazy as _

from credit_portal import sign_in
from credit_portal.home import home_of
from roster.models import User


class PortalAdminSite(AdminSite):
    site_title = _("企业信用分级分类监管")
    site_header = _("河北省企业信用分级分类监管系统")
    index_title = _("工作台")
    enable_nav_sidebar = True

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """All but Django's groups: what a person may do comes from posts alone."""
        from django.contrib.auth.models import Group  # the site is made before the models are

        if model_or_iterable not in (Group, (Group,)):
            super().register(model_or_iterable, admin_class, **options)

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        home = home_of(request, at=now(), on=localdate())
        return super().index(request, {**(extra_context or {}), "home": home})

    def login(self, request: HttpRequest, extra_context: Any = None) -> Any:
        response = super().login(request, extra_context)
        if request.method == "POST":
            sign_in.attempted(request, response)
        return response

    def logout(self, request: HttpRequest, extra_context: Any = None) -> Any:
        leaving = User.objects.filter(pk=request.user.pk).first()
        response = super().logout(request, extra_context)
        if leaving and not request.user.is_authenticated:
            sign_in.sign_out(by=leaving, address=sign_in.address_of(request))
        return response

    def password_change(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """Django's page with our form: the new password goes through the service."""
        from django.contrib.auth.views import PasswordChangeView  # the models are not ready above

        from roster.forms import OwnPasswordForm  # likewise

        request.current_app = self.name  # type: ignore[attr-defined]
        return PasswordChangeView.as_view(
            form_class=OwnPasswordForm,
            success_url=reverse("admin:password_change_done", current_app=self.name),
            extra_context={**self.each_context(request), **(extra_context or {})},
        )(request)
