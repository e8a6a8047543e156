"""The pages of the second step of signing in. What they change, `roster.second_factor` changes."""

from collections.abc import Callable
from typing import Any

from allauth.mfa.base.views import IndexView
from allauth.mfa.recovery_codes.views import GenerateRecoveryCodesView, ViewRecoveryCodesView
from allauth.mfa.totp.internal.auth import clear_totp_secret
from allauth.mfa.totp.views import ActivateTOTPView, DeactivateTOTPView
from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from credit_portal import sessions
from credit_portal.sign_in_pages import frame
from roster.models import User
from roster.second_factor import (
    has_second_factor,
    make_recovery_codes,
    remove_second_factor,
    set_up_second_factor,
)


def is_missing(user: Any) -> bool:
    """Whether a member of the staff still has to set up the second step."""
    return settings.SECOND_FACTOR_REQUIRED and user.is_staff and not has_second_factor(user)


class _Framed:
    """Stands in the frame of all pages of signing in, for whoever is signed in."""

    request: HttpRequest

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {
            **super().get_context_data(**kwargs),  # type: ignore[misc]
            **frame(self.request),
            "is_required": is_missing(self.request.user),
        }


class _Changing(_Framed):
    """Calls the service and stays signed in; all other sessions of the account have ended."""

    service: Callable[..., User]

    def changed(self, said: str, **given: Any) -> None:
        with transaction.atomic():
            user = type(self).service(by=self.request.user, **given)
            sessions.stay(self.request, user)
        messages.success(self.request, said)


class OverviewView(_Framed, IndexView):
    pass


class SetUpView(_Changing, ActivateTOTPView):
    service = staticmethod(set_up_second_factor)

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if isinstance(request.user, User) and has_second_factor(request.user):
            return redirect("mfa_index")
        return super().dispatch(request, *args, **kwargs)

    def form_valid(self, form: Any) -> HttpResponse:
        self.changed(
            _("两步验证已设置。请把下面的恢复码抄下来或者打印，妥善保管。"), secret=form.secret
        )
        clear_totp_secret(self.request)
        return redirect("mfa_view_recovery_codes")


class RemoveView(_Changing, DeactivateTOTPView):
    service = staticmethod(remove_second_factor)

    def form_valid(self, form: Any) -> HttpResponse:
        self.changed(_("两步验证已停用。"))
        return redirect("mfa_index")


class RecoveryCodesView(_Framed, ViewRecoveryCodesView):
    pass


class NewRecoveryCodesView(_Changing, GenerateRecoveryCodesView):
    service = staticmethod(make_recovery_codes)

    def form_valid(self, form: Any) -> HttpResponse:
        self.changed(_("已生成新的恢复码，原来的全部作废。"))
        return redirect("mfa_view_recovery_codes")
