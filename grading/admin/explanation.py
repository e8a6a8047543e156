"""The page that says why an enterprise has its grade."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone

from audit.refusal import NotPermitted

from ..explained import page_of
from ..explanation import explain_rating


class ExplainsRatings(admin.ModelAdmin):
    """Adds `admin:grading_rating_explain` to the admin of ratings."""

    def get_urls(self) -> list[URLPattern]:
        page = path(
            "explain/<str:code>/",
            self.admin_site.admin_view(self.explain_view),
            name="grading_rating_explain",
        )
        return [page, *super().get_urls()]

    def explain_view(self, request: HttpRequest, code: str) -> HttpResponse:
        found = explain_rating(
            code,
            user=request.user,  # type: ignore[arg-type]
            at=timezone.now(),
            on=timezone.localdate(),
            part_id=_number(request.GET.get("part", "")),
        )
        context = {**self.admin_site.each_context(request), **page_of(found)}
        return TemplateResponse(request, "grading/explanation.html", context)


def _number(text: str) -> int | None:
    """A part's number from the address; anything else is a part that is not there."""
    if not text:
        return None
    if not text.isdecimal() or len(text) > 18:
        raise NotPermitted("roster.not_permitted")
    return int(text)
