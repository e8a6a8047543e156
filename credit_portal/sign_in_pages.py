"""The pages of signing in: the password, the code of the second step, the password once more."""

import datetime as dt
import math
from http import HTTPStatus
from typing import Any, ClassVar
from urllib.parse import urlencode

from allauth.account.internal.flows.reauthentication import STATE_SESSION_KEY
from allauth.account.utils import perform_login
from allauth.account.views import ReauthenticateView
from allauth.mfa.base.views import AuthenticateView
from django.contrib import admin
from django.contrib.auth import REDIRECT_FIELD_NAME, logout
from django.contrib.auth.views import LoginView, PasswordChangeView
from django.core.exceptions import NON_FIELD_ERRORS
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.timezone import localdate

from audit.refusal import explain
from credit_portal import edge, sessions, sign_in, throttle
from credit_portal.models import Step
from credit_portal.throttle import Attempt
from roster.forms import OwnPasswordForm, SignInForm
from roster.models import User
from roster.sign_in import turned_away


def address_of_sign_in(request: HttpRequest, *, ended: str = "") -> str:
    """Where to sign in, and what is to be said there: why that is needed again, and that what was
    just sent was not saved. It leads back to the page one was on."""
    unsaved = request.method == "POST" and bool(ended)
    page = request.get_full_path()
    if request.headers.get("HX-Request"):
        page = request.htmx.current_url_abs_path or page  # type: ignore[attr-defined]
    elif unsaved:
        page = edge.way_back(request) or page
    said = {REDIRECT_FIELD_NAME: page}
    if ended:
        said["ended"] = ended
    if unsaved:
        said["unsaved"] = "1"
    return f"{reverse('account_login')}?{urlencode(said, safe='/')}"


class TriedPage:
    """A page where something secret is tried: the try is counted before it is looked at."""

    step: ClassVar[str]
    field: ClassVar[str]
    """What the form calls the secret; without it nothing is tried."""
    request: HttpRequest

    def account(self) -> str:
        raise NotImplementedError

    attempt: Attempt | None = None

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if (account := self.account()) and request.POST.get(self.field):
            self.attempt = sign_in.attempt_of(request, step=self.step, account=account)
            if left := throttle.wait(self.attempt, at=timezone.now()):
                self._failed()
                return please_wait(request, left)
        return super().post(request, *args, **kwargs)  # type: ignore[misc]

    def form_invalid(self, form: Any) -> HttpResponse:
        if self.attempt and not form.errors.keys().isdisjoint({self.field, NON_FIELD_ERRORS}):
            self._failed()
        elif self.attempt:  # the secret was right, something else in the form was not
            throttle.completed(self.attempt)
        return super().form_invalid(form)  # type: ignore[misc]

    def form_valid(self, form: Any) -> HttpResponse:
        return self.passed(super().form_valid(form))  # type: ignore[misc]

    def passed(self, answer: HttpResponse) -> HttpResponse:
        if isinstance(self.request.user, User):
            sign_in.let_in(self.request, answer, self.request.user)
        return answer

    def _failed(self) -> None:
        sign_in.failed(
            step=self.step,
            account=self.account(),
            address=sign_in.address_of(self.request),
            at=timezone.now(),
        )


def please_wait(request: HttpRequest, left: dt.timedelta) -> HttpResponse:
    """What everybody is told who has tried too often, whether there is such an account or not."""
    minutes = math.ceil(left / dt.timedelta(minutes=1))
    answer = render(
        request,
        "portal/wait.html",
        {**_frame(request), "minutes": minutes},
        status=HTTPStatus.TOO_MANY_REQUESTS,
    )
    answer.headers["Retry-After"] = str(math.ceil(left.total_seconds()))
    return answer


def _frame(request: HttpRequest) -> dict[str, Any]:
    return admin.site.each_context(request)


class SignInView(TriedPage, LoginView):
    """Account and password. Who is signed in but has no desk is led to the own page, or told why."""

    step = Step.PASSWORD
    field = "password"
    authentication_form = SignInForm
    template_name = "admin/login.html"

    def account(self) -> str:
        return self.request.POST.get("username", "").strip()

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if admin.site.has_permission(request):
            return HttpResponseRedirect(reverse("admin:index"))
        if request.user.is_authenticated and self._turned_away() is None:
            return HttpResponseRedirect(reverse("enterprise_home"))
        return super().get(request, *args, **kwargs)

    def _turned_away(self) -> Any:
        user = self.request.user
        return turned_away(user, on=localdate()) if isinstance(user, User) else None

    def form_valid(self, form: Any) -> HttpResponse:
        """Whoever was signed in here no longer is; who has a second step is led to it."""
        goal = self.get_success_url()
        if self.request.user.is_authenticated:
            logout(self.request)
        return self.passed(perform_login(self.request, form.get_user(), redirect_url=goal))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        refusal = self._turned_away()
        return {
            **super().get_context_data(**kwargs),
            **_frame(self.request),
            "app_path": reverse("account_login"),
            "turned_away": explain(refusal) if refusal else "",
            "ended": sessions.why_ended(self.request.GET.get("ended", "")),
            "unsaved": "unsaved" in self.request.GET,
        }


class CodeView(TriedPage, AuthenticateView):
    """The second step: a code from the phone, or a recovery code."""

    step = Step.CODE
    field = "code"

    def account(self) -> str:
        return self.stage.login.user.username

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), **_frame(self.request)}


class PasswordAgainView(TriedPage, ReauthenticateView):
    """Before the second step is changed in a session that was begun a while ago."""

    step = Step.PASSWORD
    field = "password"

    def account(self) -> str:
        return self.request.user.get_username()

    def form_valid(self, form: Any) -> HttpResponse:
        """It leads back; no form that was kept with the session is carried out from here."""
        self.request.session.pop(STATE_SESSION_KEY, None)
        return super().form_valid(form)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), **_frame(self.request)}


class OwnPasswordView(TriedPage, PasswordChangeView):
    """Django's page with our form: the new password goes through the service."""

    step = Step.PASSWORD
    field = "old_password"
    form_class = OwnPasswordForm

    def account(self) -> str:
        return self.request.user.get_username()
