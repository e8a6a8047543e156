"""The inbox of the offices, and the letters they issued."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy

from roster.admin_scope import ScopedAdmin
from roster.enums import Permission

from . import letters, services
from .filters import NoticeFilters
from .models import Letter, Notice


@admin.register(Notice)
class NoticeAdmin(ScopedAdmin):
    view_permission = Permission.VIEW_CASES
    filterset_class = NoticeFilters
    list_display = ("title", "body", "told_at")
    list_display_links = None
    ordering = ("-pk",)
    sortable_by = ()
    order_is_total = True
    has_history = False

    def get_own_urls(self) -> list[Any]:
        return [
            self.own_path("<path:object_id>/open/", self.open_view, "open"),
            *super().get_own_urls(),
        ]

    @admin.display(description=gettext_lazy("消息"))
    def title(self, notice: Notice) -> Any:
        """A button of the list's own form: opening a notice marks it as read."""
        address = reverse("admin:notices_notice_open", args=[notice.pk])
        return format_html(
            '<button class="link-button" formaction="{}">{}</button>',
            address, services.sentences_of(notice)[0],
        )  # fmt: skip

    @admin.display(description=gettext_lazy("内容"))
    def body(self, notice: Notice) -> str:
        return services.sentences_of(notice)[1]

    def open_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        notice = self.found(request, object_id)
        if request.method == "POST":
            services.read(by=request.user, notice_id=notice.pk)  # type: ignore[arg-type]
        return HttpResponseRedirect(services.link_of(notice) or self.page_url("changelist"))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        return HttpResponseRedirect(services.link_of(self.found(request, object_id)))


@admin.register(Letter)
class LetterAdmin(ScopedAdmin):
    view_permission = Permission.VIEW_CASES
    list_display = ("number", "kind", "enterprise", "agency", "issued_on")
    list_select_related = ("enterprise", "agency")
    ordering = ("-pk",)
    sortable_by = ()
    order_is_total = True
    has_history = False

    def get_own_urls(self) -> list[Any]:
        return [
            self.own_path("<path:object_id>/pdf/", self.pdf_view, "pdf"),
            *super().get_own_urls(),
        ]

    def pdf_view(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        return letters.answer(self.found(request, object_id))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The letter itself is all there is."""
        return HttpResponseRedirect(
            reverse("admin:notices_letter_pdf", args=[self.found(request, object_id).pk])
        )
