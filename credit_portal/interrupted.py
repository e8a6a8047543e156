"""A sign-in that ends while a page is being answered, in another window of the browser, say.

Django finds it behind the view, when the session is to be written, and would answer 400: the page
that says that nothing was saved. What was sent may be done by then.
"""

from http import HTTPStatus

from django.contrib.sessions import middleware
from django.contrib.sessions.exceptions import SessionInterrupted
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from credit_portal import edge
from credit_portal.access import lead
from credit_portal.busy import is_busy
from credit_portal.sign_in_pages import address_to_sign_in, page_of


class SessionMiddleware(middleware.SessionMiddleware):
    """Leads to the sign-in page when the session is gone, and says what became of what was sent."""

    def process_response(  # type: ignore[override]  # the stubs know no other response
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        try:
            return super().process_response(request, response)  # type: ignore[arg-type]
        except SessionInterrupted as fault:
            if busy := _busy_behind(fault):
                return edge.busy(request, busy, code="credit_portal.busy_around")
        return lead(request, _way_in(request, response))


def _busy_behind(fault: BaseException | None) -> BaseException | None:
    """Whether the database was only busy; Django takes every fault of it for a row that is gone."""
    while fault is not None and not is_busy(fault):
        fault = fault.__context__
    return fault


def _way_in(request: HttpRequest, response: HttpResponseBase) -> str:
    """What was carried out leads to where its answer would have led."""
    if request.method != "POST":
        return address_to_sign_in(page_of(request), ended="left")
    if not getattr(request, "was_carried_out", False):
        return address_to_sign_in(page_of(request), ended="left_perhaps")
    is_led = HTTPStatus.MULTIPLE_CHOICES <= response.status_code < HTTPStatus.BAD_REQUEST
    page = response.headers["Location"] if is_led else page_of(request)
    return address_to_sign_in(page, ended="left_done")
