"""The admin site of the portal."""

from typing import Any

from django.contrib.admin import AdminSite
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.utils.timezone import localdate, now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache

from credit_portal import sign_in
from credit_portal.home import home_of

LIBRARIES = ("allauth.", "django.")
"""Whose own admin classes show what is nobody's to see, such as the keys of the second step."""


class PortalAdminSite(AdminSite):
    site_title = _("企业信用分级分类监管")
    site_header = _("河北省企业信用分级分类监管系统")
    index_title = _("工作台")
    enable_nav_sidebar = True

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """The rooms' own tables. Groups say nothing here, for what a person may do comes from posts
        alone; the second step of signing in has pages and acts of its own."""
        models = (
            model_or_iterable
            if isinstance(model_or_iterable, tuple | list)
            else (model_or_iterable,)
        )
        own = [model for model in models if not model.__module__.startswith(LIBRARIES)]
        super().register(own, admin_class, **options)

    def login(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """The one page where everybody signs in."""
        from credit_portal.sign_in_pages import SignInView  # the site is made before the models are

        return SignInView.as_view()(request)

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        home = home_of(request, at=now(), on=localdate())
        return super().index(request, {**(extra_context or {}), "home": home})

    def logout(self, request: HttpRequest, extra_context: Any = None) -> Any:
        return sign_in.left(
            request, lambda: super(PortalAdminSite, self).logout(request, extra_context)
        )

    def get_urls(self) -> list[Any]:
        """The own password is changed by whoever is signed in (`access.csv`); the admin itself
        would ask for a desk."""
        own = [
            path("password_change/", self.password_change, name="password_change"),
            path("password_change/done/", self.password_change_done, name="password_change_done"),
        ]
        return [*own, *super().get_urls()]

    @method_decorator(never_cache)
    def password_change(self, request: HttpRequest, extra_context: Any = None) -> Any:
        from credit_portal.sign_in_pages import OwnPasswordView, frame  # likewise

        request.current_app = self.name  # type: ignore[attr-defined]
        return OwnPasswordView.as_view(
            success_url=reverse("admin:password_change_done", current_app=self.name),
            extra_context={**frame(request), **(extra_context or {})},
        )(request)

    def password_change_done(self, request: HttpRequest, extra_context: Any = None) -> Any:
        from credit_portal.sign_in_pages import frame  # likewise

        return super().password_change_done(request, {**frame(request), **(extra_context or {})})
