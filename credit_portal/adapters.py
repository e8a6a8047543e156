"""What django-allauth asks the portal."""

import base64
import hashlib
from typing import Any, ClassVar

import qrcode
from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.utils.timezone import localdate
from django.utils.translation import gettext, gettext_lazy
from qrcode.image.svg import SvgPathImage

from audit.refusal import Refused
from credit_portal import sessions, sign_in
from roster.sign_in import turned_away


class AccountAdapter(DefaultAccountAdapter):
    """Everybody who gets in comes through `login`, with one step or two."""

    def login(self, request: HttpRequest, user: Any) -> None:
        """Between the two steps the account may have been switched off, have lost its post, or
        have another password."""
        is_same = sessions.is_as_begun(request, user)
        if not (is_same and user.is_active) or turned_away(user, on=localdate()):
            way_in = f"{reverse('account_login')}?ended=changed"
            raise ImmediateHttpResponse(HttpResponseRedirect(way_in))
        super().login(request, user)
        sign_in.came_in(request, user)

    def get_client_ip(self, request: HttpRequest) -> str:
        return sign_in.address_of(request)

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Accounts are opened by the security administrators."""
        return False

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Who has just signed in has just typed the password."""
        return not sessions.is_fresh(self.request)

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """The portal's own pages say what was done."""


class SecondFactorAdapter(DefaultMFAAdapter):
    """Secrets are stored encrypted: a copy of the database alone gives nobody a code."""

    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": gettext_lazy(
            "动态码不正确或已经用过。请等手机上出现新的动态码再输入，并核对手机时间。"
        ),
    }

    def get_totp_issuer(self) -> str:
        return gettext("河北企业信用监管")

    def build_totp_svg(self, url: str) -> str:
        """As it stands in a page: an address of its own would not be let in by the policy."""
        picture = qrcode.make(url, image_factory=SvgPathImage, border=2)
        return mark_safe(picture.to_string(encoding="unicode"))  # noqa: S308 -- our own SVG of squares

    def encrypt(self, text: str) -> str:
        return _cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Raises Refused for what was encrypted with a key that is no longer there."""
        try:
            return _cipher().decrypt(encrypted_text.encode()).decode()
        except InvalidToken:
            raise Refused("credit_portal.factor_unreadable") from None


def _cipher() -> MultiFernet:
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return MultiFernet([Fernet(_derived(key)) for key in keys])


def _derived(key: str) -> bytes:
    return base64.urlsafe_b64encode(hashlib.sha256(f"second factor\0{key}".encode()).digest())
