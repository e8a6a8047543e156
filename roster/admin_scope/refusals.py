"""A service's no, said on the page that asked: with what was typed, and the reason above it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.forms import BaseForm
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from audit.refusal import NotPermitted, Refused, explain, record_refusal

from ..stale import STALE

_AGAIN = gettext_lazy("下面仍是您填写的内容，再次提交即以其为准。")


@dataclass
class Answer:
    """What a service said no with; nothing as long as it has not."""

    refusal: Refused | None = None

    @property
    def text(self) -> str:
        if self.refusal is None:
            return ""
        said = explain(self.refusal)
        return f"{said}{_AGAIN}" if self.refusal.code in STALE else said


@contextmanager
def refusal_shown(
    request: HttpRequest, *, target: object = None, form: BaseForm | None = None, act: str = ""
) -> Iterator[Answer]:
    """Go on behind the block when a service in it refuses, which answers the page with 409.

    The refusal is recorded and stands above the form. What is not there or not the person's own
    (NotPermitted) is none of the page's business and goes to the edge.

        with refusal_shown(request, form=form) as answer:
            return done(service(by=request.user))
        return page(form, status=409)
    """
    answer = Answer()
    try:
        yield answer
    except NotPermitted:
        raise
    except Refused as refusal:
        answer.refusal = refusal
        request.refused_with = refusal.code  # type: ignore[attr-defined]
        write_down(request, refusal, target=target, act=act)
        if form is not None:
            form.add_error(None, answer.text)


def write_down(
    request: HttpRequest, refusal: Refused, *, target: object = None, act: str = ""
) -> None:
    """Write a refusal down under the service's act, or else under the address that was asked."""
    record_refusal(act=act or asked(request), by=request.user, exc=refusal, target=target)


def asked(request: HttpRequest) -> str:
    """What was asked for, when the refused service did not say: the name of the address."""
    match = request.resolver_match
    return f"{request.method} {match.view_name}" if match else str(request.method)
