"""The pages of signing in: the password, the code of the second step, the password once more."""

import datetime as dt
import math
from http import HTTPStatus
from typing import Any, ClassVar
from urllib.parse import urlencode

from allauth.account.internal.flows.reauthentication import STATE_SESSION_KEY
from allauth.account.internal.stagekit import get_pending_stage
from allauth.account.utils import perform_login
from allauth.account.views import ReauthenticateView
from allauth.mfa.base.forms import AuthenticateForm
from allauth.mfa.base.views import AuthenticateView
from django.conf import settings
from django.contrib import admin
from django.contrib.auth import REDIRECT_FIELD_NAME, logout
from django.contrib.auth.views import LoginView, PasswordChangeView
from django.core.exceptions import NON_FIELD_ERRORS
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from audit.refusal import explain
from credit_portal import edge, sessions, sign_in, throttle
from credit_portal.models import Step
from credit_portal.throttle import Attempt
from roster.enums import Permission
from roster.forms import OwnPasswordForm, SignInForm
from roster.models import User
from roster.scope import may
from roster.sign_in import turned_away


def address_of_sign_in(request: HttpRequest, *, ended: str = "") -> str:
    """Where to sign in before the view, and what is to be said there: why that is needed again, and
    that what was just sent was not saved. It leads back to the page one was on."""
    is_unsaved = request.method == "POST" and bool(ended)
    page = page_of(request) if is_unsaved else _address_of(request)
    return address_to_sign_in(page, ended=ended, **({"unsaved": "1"} if is_unsaved else {}))


def address_to_sign_in(page: str, *, ended: str = "", **said: str) -> str:
    """Where to sign in to come to a page, and why."""
    asked = {REDIRECT_FIELD_NAME: page} | ({"ended": ended} if ended else {}) | said
    return f"{reverse('account_login')}?{urlencode(asked, safe='/')}"


def page_of(request: HttpRequest) -> str:
    """The page one is on: of a form that was sent, the one that held it."""
    page = _address_of(request)
    is_part = request.headers.get("HX-Request")
    return page if is_part or request.method != "POST" else edge.way_back(request) or page


def _address_of(request: HttpRequest) -> str:
    """What was asked for; of a part of a page, the whole page."""
    page = request.get_full_path()
    if request.headers.get("HX-Request"):
        return request.htmx.current_url_abs_path or page  # type: ignore[attr-defined]
    return page


def home_address(request: HttpRequest) -> str:
    """The own first page of whoever is signed in: the desk, that of the enterprise, or the one on
    which somebody who speaks for none asks to."""
    if admin.site.has_permission(request):
        return reverse("admin:index")
    user: Any = request.user
    is_bound = not user.is_authenticated or may(user, Permission.OWN_ENTERPRISE)
    return reverse("enterprise_home" if is_bound else "enterprise_bind")


class TriedPage:
    """A page where something secret is tried: the try is counted before it is looked at."""

    step: ClassVar[str]
    field: ClassVar[str]
    """What the form calls the secret; without it nothing is tried."""
    request: HttpRequest

    def account(self) -> str:
        raise NotImplementedError

    attempt: Attempt | None = None
    """The try that was counted, and when."""
    tried_at: dt.datetime

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if (account := self.account()) and request.POST.get(self.field):
            attempt = sign_in.attempt_of(request, step=self.step, account=account)
            self.tried_at = timezone.now()
            if left := throttle.wait(attempt, at=self.tried_at):
                self._failed(looked_at=False)
                return please_wait(request, left)
            self.attempt = attempt
        return super().post(request, *args, **kwargs)  # type: ignore[misc]

    def form_invalid(self, form: Any) -> HttpResponse:
        if self.attempt and not form.errors.keys().isdisjoint({self.field, NON_FIELD_ERRORS}):
            self._failed()
        elif self.attempt:  # the secret was right, something else in the form was not
            throttle.was_right(self.attempt, at=self.tried_at)
            throttle.forget_own(self.attempt)
        return super().form_invalid(form)  # type: ignore[misc]

    def form_valid(self, form: Any) -> HttpResponse:
        return self.passed(super().form_valid(form))  # type: ignore[misc]

    def passed(self, answer: HttpResponse) -> HttpResponse:
        """The secret was right; who is in by now may have it wrong again as often as before."""
        if self.attempt:
            throttle.was_right(self.attempt, at=self.tried_at)
        if isinstance(self.request.user, User):
            sign_in.let_in(self.request, answer, self.request.user, step=self.step)
        return answer

    def _failed(self, *, looked_at: bool = True) -> None:
        sign_in.failed(
            step=self.step,
            account=self.account(),
            address=sign_in.address_of(self.request),
            at=timezone.now(),
            looked_at=looked_at,
        )


def please_wait(request: HttpRequest, left: dt.timedelta) -> HttpResponse:
    """What everybody is told who has tried too often, whether there is such an account or not."""
    minutes = math.ceil(left / dt.timedelta(minutes=1))
    answer = render(
        request,
        "portal/wait.html",
        {**frame(request), "minutes": minutes},
        status=HTTPStatus.TOO_MANY_REQUESTS,
    )
    answer.headers["Retry-After"] = str(math.ceil(left.total_seconds()))
    return answer


def frame(request: HttpRequest) -> dict[str, Any]:
    """What all pages of signing in need for their frame: the admin's, and the way home."""
    return {**admin.site.each_context(request), "own_home": home_address(request)}


class SignInView(TriedPage, LoginView):
    """Account and password. Who is signed in but has no desk is led to the own page, or told why."""

    step = Step.PASSWORD
    field = "password"
    authentication_form = SignInForm
    template_name = "admin/login.html"

    def account(self) -> str:
        return self.request.POST.get("username", "").strip()

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if request.user.is_authenticated and self._turned_away() is None:
            return HttpResponseRedirect(home_address(request))
        return super().get(request, *args, **kwargs)

    def _turned_away(self) -> Any:
        user = self.request.user
        return turned_away(user, on=localdate()) if isinstance(user, User) else None

    def form_valid(self, form: Any) -> HttpResponse:
        """Whoever was signed in here no longer is; who has a second step is led to it."""
        goal = self.get_success_url()
        if self.request.user.is_authenticated:
            logout(self.request)
        sessions.begin_half(self.request, form.get_user())
        return self.passed(perform_login(self.request, form.get_user(), redirect_url=goal))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        refusal = self._turned_away()
        return {
            **super().get_context_data(**kwargs),
            **frame(self.request),
            "app_path": reverse("account_login"),
            "turned_away": explain(refusal) if refusal else "",
            "ended": sessions.why_ended(self.request.GET.get("ended", "")),
            "unsaved": "unsaved" in self.request.GET,
            "sign_on": settings.OIDC_NAME if settings.OIDC_URL else "",
        }


class CodeForm(AuthenticateForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].error_messages["required"] = _("请输入动态码。")


class CodeView(TriedPage, AuthenticateView):
    """The second step: a code from the phone, or a recovery code."""

    step = Step.CODE
    field = "code"
    form_class = CodeForm

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Whoever comes without a right password, or too long after it, is told so."""
        if not request.user.is_authenticated and get_pending_stage(request) is None:
            return HttpResponseRedirect(f"{reverse('account_login')}?ended=half")
        return super().dispatch(request, *args, **kwargs)

    def _build_forms(self) -> AuthenticateForm:
        """The library takes what is sent without a code for a passkey, which nobody has here."""
        given = self.request.POST if self.request.method == "POST" else None
        self.auth_form = self.form_class(user=self.stage.login.user, data=given)
        self.webauthn_form = None
        return self.auth_form

    def account(self) -> str:
        return self.stage.login.user.username

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), **frame(self.request)}


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
        return {**super().get_context_data(**kwargs), **frame(self.request)}


class OwnPasswordView(TriedPage, PasswordChangeView):
    """Django's page with our form: the new password goes through the service, for whoever is
    signed in."""

    step = Step.PASSWORD
    field = "old_password"
    form_class = OwnPasswordForm

    def account(self) -> str:
        return self.request.user.get_username()

    def form_valid(self, form: Any) -> HttpResponse:
        with transaction.atomic():
            sessions.stay(self.request, form.save())
        return self.passed(HttpResponseRedirect(self.get_success_url()))
