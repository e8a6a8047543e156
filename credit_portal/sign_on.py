"""Sign-on of the province by OpenID Connect, for people of enterprises: docs/guides/sign-on.md.

What the province says is who somebody is there. It opens an account that can ask to speak for an
enterprise, and no desk: an account that was opened here is never connected with it.
"""

from __future__ import annotations

from typing import Any

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.internal import jwtkit
from allauth.socialaccount.providers.base import AuthProcess
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView, OAuth2LoginView
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.timezone import localdate
from requests import RequestException

from credit_portal import sessions
from credit_portal.sign_in_pages import home_address
from roster.registering import register_signed_on
from roster.sign_in import turned_away

PROVIDER = "province"
"""What the sign-on is called in addresses and rows."""
CLAIMS = ("sub", "name")
"""What is read of a person; the province may know much more."""


def is_on() -> bool:
    return bool(settings.OIDC_URL)


class ProvinceAdapter(OpenIDConnectOAuth2Adapter):
    """The library's, which here always holds the token against the province's keys."""

    def complete_login(self, request: HttpRequest, app: Any, token: Any, **given: Any) -> Any:
        """Raises OAuth2Error for a token that is not the province's, not for us, or out of date."""
        claims = jwtkit.verify_and_decode(
            credential=given["response"].get("id_token", ""),
            keys_url=self.openid_config["jwks_uri"],
            issuer=self.openid_config["issuer"],
            audience=app.client_id,
            lookup_kid=jwtkit.lookup_kid_jwk,
            verify_signature=True,
        )
        if "name" not in claims:
            claims |= self._named(claims["sub"], token.token)
        said = {name: claims[name] for name in CLAIMS if name in claims}
        return self.get_provider().sociallogin_from_response(request, {"id_token": said})

    def _named(self, subject: str, token: str) -> dict[str, Any]:
        """The name as it stands beside the token; of nobody else."""
        told = self._fetch_user_info(token)
        if told.get("sub") != subject:
            raise OAuth2Error("userinfo is about somebody else")
        return {"name": told.get("name", "")}


class SignOnAdapter(DefaultSocialAccountAdapter):
    """What django-allauth asks the portal about a sign-on."""

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        """Somebody has come back. Who is new gets an account; who may not come in is told so."""
        if sociallogin.state.get("process") != AuthProcess.LOGIN or request.user.is_authenticated:
            raise _back_to_sign_in("sign_on")
        if not sociallogin.is_existing:
            said = sociallogin.account.extra_data["id_token"]
            register_signed_on(
                full_name=str(said.get("name", ""))[:60],
                provider=sociallogin.account.provider,
                uid=sociallogin.account.uid,
            )
            sociallogin.lookup()
        user = sociallogin.user
        if not user.is_active or turned_away(user, on=localdate()):
            raise _back_to_sign_in("sign_on_refused")
        sessions.begin_half(request, user)

    def on_authentication_error(self, *args: Any, **kwargs: Any) -> None:
        """Cancelled there, or what came back is not theirs."""
        raise _back_to_sign_in("sign_on")


def _back_to_sign_in(ended: str) -> ImmediateHttpResponse:
    return ImmediateHttpResponse(HttpResponseRedirect(f"{reverse('account_login')}?ended={ended}"))


def start(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Off to the province. Who is signed in stays here: another site must not change who one is."""
    if request.user.is_authenticated:
        return HttpResponseRedirect(home_address(request))
    return _asked(request, provider_id, OAuth2LoginView)


def back(request: HttpRequest, provider_id: str) -> HttpResponse:
    return _asked(request, provider_id, OAuth2CallbackView)


def _asked(request: HttpRequest, provider_id: str, view: Any) -> HttpResponse:
    if not is_on() or provider_id != PROVIDER:
        raise Http404
    try:
        return view.adapter_view(ProvinceAdapter(request, PROVIDER))(request)
    except (RequestException, KeyError, ValueError):  # not there, or no OpenID Connect
        return HttpResponseRedirect(f"{reverse('account_login')}?ended=sign_on")
