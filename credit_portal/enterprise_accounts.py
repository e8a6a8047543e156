"""Pages on which people of enterprises register, ask to speak for one, and reset a password.

None of them tells whether there is an account or an enterprise: who asks for another gets the same
answer as who asks for none. Source: R32, R64.
"""

from __future__ import annotations

from typing import Any

from allauth.account.utils import perform_login
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth.views import PasswordResetConfirmView
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.timezone import localdate
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters

from credit_portal import pace, sessions, sign_in, tasks, throttle
from credit_portal.models import Step
from credit_portal.sign_in_pages import home_address, please_wait
from credit_portal.throttle import Attempt
from intake.announce import send
from roster import bindings
from roster.admin_scope import refusal_shown
from roster.binding_forms import BindingForm, ForgottenForm, RegisterForm
from roster.models import Binding, Enterprise, User
from roster.registering import may_reset_by_mail, register_account, reset_password
from roster.scope import represented

REGISTER, RESET, BIND = "register", "reset", "bind"
"""What is counted by the throttle: accounts of a network, letters to an account, its requests."""
FORMS = 30
"""Requests of an account within a quarter of an hour, right or wrong; each brings a file that has
to be looked through. Default, no source."""


def mail_is_on() -> bool:
    """Whether somebody has said how the portal sends mail."""
    return bool(settings.EMAIL_URL)


# --- registering ------------------------------------------------------------------------------------


@sensitive_post_parameters("password", "again")
def register(request: HttpRequest) -> HttpResponse:
    """A new account, whose name is shown on the page that follows; signed in with it."""
    if request.user.is_authenticated:
        return HttpResponseRedirect(home_address(request))
    form = RegisterForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return render(request, "enterprise/register.html", {"form": form, "mail": mail_is_on()})
    network = throttle.network_of(sign_in.address_of(request))
    if left := throttle.wait(Attempt(REGISTER, network, network), at=timezone.now()):
        return please_wait(request, left)
    given = form.cleaned_data
    user = register_account(
        full_name=given["full_name"], password=given["password"], email=given["email"]
    )
    sessions.begin_half(request, user)
    answer = perform_login(request, user, redirect_url=reverse("enterprise_bind"))
    sign_in.let_in(request, answer, user, step=Step.PASSWORD)
    messages.success(
        request,
        _("账号已建立：{account}。请记下账号，以后用它和您设的密码登录。").format(
            account=user.username
        ),
    )
    return answer


# --- asking to speak for an enterprise ----------------------------------------------------------------


def bind(request: HttpRequest) -> HttpResponse:
    """The own requests and what became of them, and the form for another."""
    user: Any = request.user
    if request.method != "POST":
        return _bind_page(request, BindingForm())
    left = throttle.too_often(BIND, user.username, most=FORMS, at=timezone.now())
    if left:
        return pace.please_wait(request, left)
    form = BindingForm(request.POST, request.FILES)
    if not form.is_valid():
        return _bind_page(request, form)
    with refusal_shown(request, form=form, act="roster.binding_asked"):
        bindings.ask_binding(by=user, on=localdate(), **form.cleaned_data)
        messages.success(request, _("申请已提交。结果在本页查看。"))
        return HttpResponseRedirect(reverse("enterprise_bind"))
    return _bind_page(request, form, status=409)


def _bind_page(request: HttpRequest, form: Form, *, status: int = 200) -> HttpResponse:
    user: Any = request.user
    codes = represented(user, on=localdate())
    asked = Binding.objects.of(user).select_related("representative", "proof")
    context = {
        "form": form,
        "is_officer": admin.site.has_permission(request),
        "asked": asked[:50],
        "enterprises": Enterprise.objects.filter(pk__in=codes),
        "today": localdate(),
    }
    return render(request, "enterprise/bind.html", context, status=status)


def withdraw(request: HttpRequest, binding_id: int) -> HttpResponse:
    """Take an own request back; a request that is another's is not there."""
    user: Any = request.user
    if request.method == "POST":
        bindings.withdraw_binding(by=user, binding_id=binding_id)
        messages.success(request, _("申请已撤回。"))
    return HttpResponseRedirect(reverse("enterprise_bind"))


# --- a forgotten password -----------------------------------------------------------------------------


def forgotten(request: HttpRequest) -> HttpResponse:
    """A letter with a link, if there is such an account and it has an address; the page says the
    same in every case, and takes as long."""
    form = ForgottenForm(request.POST or None)
    context = {"form": form, "mail": mail_is_on()}
    if request.method != "POST" or not form.is_valid() or not mail_is_on():
        return render(request, "enterprise/forgotten.html", context)
    account = form.cleaned_data["username"]
    attempt = Attempt(RESET, account, throttle.network_of(sign_in.address_of(request)))
    if left := throttle.wait(attempt, at=timezone.now()):
        return please_wait(request, left)
    name = User.normalize_username(account.strip())
    user = User.objects.filter(username=name).first()
    key = user.pk if user and may_reset_by_mail(user) else 0
    origin = request.build_absolute_uri("/").rstrip("/")
    send(tasks.mail_reset_link, key, origin, get_language() or "")
    return render(request, "enterprise/forgotten_sent.html", {"mail": True})


class ResetView(PasswordResetConfirmView):
    """Behind the link of the letter: a new password, typed twice; signing in is for itself."""

    template_name = "enterprise/reset.html"
    reset_url_token = "new"  # noqa: S105 -- what stands in the address in its place

    def form_valid(self, form: Any) -> HttpResponse:
        user: Any = self.user
        reset_password(by=user, password=form.cleaned_data["new_password1"])
        self.request.session.pop("_password_reset_token", None)
        return HttpResponseRedirect(f"{reverse('account_login')}?ended=reset")
