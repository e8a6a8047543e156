"""The edge: bytes that cannot be meant are held here, and a refusal becomes a clear page.

Six answers. 400: the request itself is broken; 405: by a method of no use here. 404: not there,
or not yours; the two are one page, so that nobody learns which. 409: understood, and refused, with
the reason and what to do; 413: so of more files than a form is read with. 503: the database is busy
with somebody else's work; the same again will do.
"""

import logging
import sys
from collections.abc import Callable, Iterator
from http import HTTPStatus
from typing import Any

from allauth.core.exceptions import ReauthenticationRequired
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.core.exceptions import DisallowedHost, TooManyFilesSent
from django.db import DataError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.middleware.security import SecurityMiddleware
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext as _

from audit import committed
from audit.refusal import NotPermitted, Refused, explain, explain_code
from credit_portal import sign_in
from credit_portal.busy import is_busy
from roster.admin_scope.refusals import write_down

logger = logging.getLogger(__name__)

LONGEST_ADDRESS = 8_000
LONGEST_VALUE = 2_000
RETRY_SECONDS = 30
METHODS = ("GET", "HEAD", "POST", "OPTIONS")
"""What the portal is asked with; what is not POST changes nothing."""
FORM_TYPES = ("application/x-www-form-urlencoded", "multipart/form-data")

View = Callable[..., HttpResponseBase]


class HostMiddleware(SecurityMiddleware):
    """Django's SecurityMiddleware, which asks for the host before anybody else. One that is not ours
    is a scan, answered here with all the headers of a page and told in one line."""

    def process_request(self, request: HttpRequest) -> Any:
        try:
            request.get_host()
        except DisallowedHost as fault:
            logger.info("%s %s", sign_in.address_of(request), fault)
            return bad_request(request)
        return super().process_request(request)


class SaneRequestMiddleware:
    """Answers 400 to what no form of ours sends: NUL characters, endless addresses; 405 to other
    methods than ours; 413 to a form with files without end."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.method not in METHODS:
            return _unknown_method()
        fault = _address_fault(request)
        return bad_request(request, reason=fault) if fault else self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: View, args: Any, kwargs: Any
    ) -> HttpResponse | None:
        if request.method != "POST" or request.content_type not in FORM_TYPES:
            return None
        try:
            is_sane = all("\0" not in part for part in _form_parts(request))
        except TooManyFilesSent:
            return too_many_files(request)
        return None if is_sane else bad_request(request, reason=_("表单含有空字符（NUL）。"))


class RefusalMiddleware:
    """Turns a domain refusal into its page and has it recorded, after the rollback.

    Watches whether an act was carried out: a page that fails behind it does not say otherwise.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        with committed.watching() as watch:
            response = self.get_response(request)
            request.was_carried_out = watch.committed  # type: ignore[attr-defined]
            return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, Refused):
            return refuse(request, exception)
        if isinstance(exception, ReauthenticationRequired):
            return _password_again(request)
        if isinstance(exception, DataError | OverflowError):
            # A number or text that no column can hold; the transaction is already undone.
            logger.warning("Unstorable value at %s: %s", request.path, exception)
            return bad_request(request, reason=_("有一项内容过长，或数字过大，无法处理。"))
        if is_busy(exception):
            around = "_around" if committed.any_act() else ""
            return busy(request, exception, code=f"credit_portal.busy{around}")
        return None


def _password_again(request: HttpRequest) -> HttpResponse:
    """To the page that asks for it, and then to the page one was on, to be pressed there again: a form
    that was kept meanwhile would be carried out without its key."""
    if request.method == "POST":
        messages.warning(request, _("刚才的操作没有办理。输入密码之后，请在原页面上再办理一次。"))
    said = urlencode({REDIRECT_FIELD_NAME: request.get_full_path()})
    return HttpResponseRedirect(f"{reverse('account_reauthenticate')}?{said}")


def refuse(request: HttpRequest, exception: Refused) -> HttpResponse:
    """The page for a refusal, and its line in the audit log when somebody is signed in."""
    if request.user.is_authenticated:
        write_down(request, exception)
    if isinstance(exception, NotPermitted):
        return page_not_found(request, exception)
    return not_done(request, explain(exception))


def too_many_files(request: HttpRequest) -> HttpResponse:
    """What was typed is read no further either; the browser still has it on the page before."""
    message = _("一次选择的文件太多，最多 {limit} 份。请返回上一页，减少文件后再提交。")
    said = message.format(limit=settings.DATA_UPLOAD_MAX_NUMBER_FILES)
    return not_done(request, said, status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)


def not_done(
    request: HttpRequest, message: str, *, status: HTTPStatus = HTTPStatus.CONFLICT
) -> HttpResponse:
    """The page that says why nothing was saved, and leads back."""
    return _page(
        "portal/refused.html",
        status,
        request,
        title=_("这一步没有办理"),
        message=message,
        back=way_back(request),
    )


def bad_request(
    request: HttpRequest, exception: Exception | None = None, *, reason: str = ""
) -> HttpResponse:
    return _page("400.html", HTTPStatus.BAD_REQUEST, None, reason=reason)


def _unknown_method() -> HttpResponse:
    reason = _("不支持这种请求方式。")
    said = HTTPStatus.METHOD_NOT_ALLOWED
    answer = _page("400.html", said, None, reason=reason, said=said.value)
    answer.headers["Allow"] = ", ".join(METHODS)
    return answer


def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _page("403.html", HTTPStatus.FORBIDDEN, request)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return _page("403_csrf.html", HTTPStatus.FORBIDDEN, request)


def page_not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _page("404.html", HTTPStatus.NOT_FOUND, request)


def busy(request: HttpRequest, exception: BaseException | None, *, code: str) -> HttpResponse:
    """The page for a database that stayed locked: asks neither session nor database."""
    logger.warning("The database stayed busy at %s: %s", request.path, exception)
    message = explain_code(code, {})
    answer = _page("503.html", HTTPStatus.SERVICE_UNAVAILABLE, None, message=message)
    answer.headers["Retry-After"] = str(RETRY_SECONDS)
    return answer


def server_error(request: HttpRequest) -> HttpResponse:
    """What no view answers for: the session, say, may be written when the act is already done."""
    fault = sys.exception()
    if is_busy(fault):
        return busy(request, fault, code="credit_portal.busy_around")
    return _page("500.html", HTTPStatus.INTERNAL_SERVER_ERROR, None)


def _page(
    template: str, status: HTTPStatus, request: HttpRequest | None, **context: Any
) -> HttpResponse:
    """Without a request the page asks neither session nor database."""
    return HttpResponse(render_to_string(template, context, request), status=status)


def _address_fault(request: HttpRequest) -> str:
    query = request.META.get("QUERY_STRING", "")
    if len(query) + len(request.path) > LONGEST_ADDRESS:
        return _("网址过长。")
    for part in _address_parts(request):
        if "\0" in part:
            return _("网址含有空字符（NUL）。")
        if len(part) > LONGEST_VALUE:
            return _("网址中有一项内容过长。")
    return ""


def _address_parts(request: HttpRequest) -> Iterator[str]:
    yield request.path
    for name, values in request.GET.lists():
        yield name
        yield from values
    yield from request.COOKIES.values()


def _form_parts(request: HttpRequest) -> Iterator[str]:
    for name, values in request.POST.lists():
        yield name
        yield from values
    for name, files in request.FILES.lists():
        yield name
        yield from (file.name or "" for file in files)


def way_back(request: HttpRequest) -> str:
    """Where the person came from, if that was a page of ours."""
    referer = request.META.get("HTTP_REFERER", "")
    origin = f"{request.scheme}://{request.get_host()}/"
    page = "/" + referer.removeprefix(origin) if referer.startswith(origin) else ""
    # What begins with two slashes leads elsewhere.
    return page if url_has_allowed_host_and_scheme(page, allowed_hosts=None) else ""
