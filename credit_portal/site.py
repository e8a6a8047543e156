"""The admin site of the portal."""

from typing import Any

from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.timezone import localdate, now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache

from audit.refusal import explain
from credit_portal import sign_in
from credit_portal.home import home_of


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

    @property
    def login_form(self) -> Any:  # type: ignore[override]  # a form cannot be named before then
        from roster.forms import SignInForm  # the site is made before the models are

        return SignInForm

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """Who is signed in but has no desk here is led to the own page, or told why."""
        from roster.sign_in import turned_away  # likewise

        said = None
        if request.user.is_authenticated and not self.has_permission(request):
            said = turned_away(request.user, on=localdate())
            if said is None and request.method == "GET":
                return HttpResponseRedirect(reverse("enterprise_home"))
        told = {"turned_away": explain(said) if said else ""}
        response = super().login(request, {**(extra_context or {}), **told})
        if request.method == "POST":
            sign_in.attempted(request, response)
        return response

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        home = home_of(request, at=now(), on=localdate())
        return super().index(request, {**(extra_context or {}), "home": home})

    def logout(self, request: HttpRequest, extra_context: Any = None) -> Any:
        return sign_in.left(
            request, lambda: super(PortalAdminSite, self).logout(request, extra_context)
        )

    @method_decorator(never_cache)
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
