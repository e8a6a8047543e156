"""协查: what source departments are asked about their records, and their answers."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.utils.html import format_html
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.refusal import NotPermitted, explain
from intake import evidence
from roster.admin_scope import ScopedAdmin, refusal_shown
from roster.enums import Permission
from roster.rules.steps import Step
from roster.scope import may

from .. import handling
from ..enums import Action, CaseKind, FileRole, State
from ..filters import VerificationFilters
from ..models import CaseFile, CaseItem, Verification
from ..office_forms import WhyForm, finding_form
from ..queries import ASKED_BY_URGENCY
from ..rules.workflow import WORKFLOWS
from ..running import hindrance, refuse_person
from .cases import due_shown, item_forms


def papers_for(asked: Verification) -> QuerySet[CaseFile]:
    """What a source department reads of the papers: all but who was given authority to act."""
    rows = CaseFile.objects.filter(case=asked.case_id).exclude(role=FileRole.AUTHORISATION)
    return rows.select_related("file").order_by("pk")


REASON = Verification._meta.get_field("extension_reason").max_length


def _answering(asked: Verification) -> Step:
    return WORKFLOWS[CaseKind(asked.case.kind)].step(State.VERIFYING, Action.ANSWER)


@admin.register(Verification)
class VerificationAdmin(ScopedAdmin):
    view_permission = Permission.VIEW_CASES
    filterset_class = VerificationFilters
    list_display = ("case_number", "about", "agency", "asked_on", "due", "answered_on")
    list_select_related = ("case__enterprise", "agency")
    ordering = ASKED_BY_URGENCY
    sortable_by = ()

    def get_own_urls(self) -> list[Any]:
        one = "<path:object_id>/"
        return [
            self.own_path(f"{one}answer/", self.answer_view, "answer"),
            self.own_path(f"{one}extend/", self.extend_view, "extend"),
            self.own_path(f"{one}files/<int:file>/", self.file_view, "file"),
            *super().get_own_urls(),
        ]

    @admin.display(description=gettext_lazy("事项编号"))
    def case_number(self, asked: Verification) -> str:
        return asked.case.number

    @admin.display(description=gettext_lazy("企业"))
    def about(self, asked: Verification) -> Any:
        enterprise = asked.case.enterprise
        return format_html('{}<br><span class="code">{}</span>', enterprise.name, enterprise.pk)

    @admin.display(description=gettext_lazy("应答复日期"))
    def due(self, asked: Verification) -> Any:
        return due_shown(asked.due_on, is_open=asked.waits, gap_year=asked.gap_year)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        asked = self.found(request, object_id)
        return self._page(request, asked, "objections/verification.html", title=str(asked.case))

    def answer_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        asked = self._to_act(request, object_id)
        posted = request.method == "POST"
        forms = item_forms(finding_form, self._items(asked), request)
        why = WhyForm(request.POST if posted else None, label=_("核查意见"), needed=False)
        if posted and all(form.is_valid() for form in [*forms, why]):
            with refusal_shown(request, target=asked, form=why):
                handling.answer(
                    by=request.user, verification_id=asked.pk,
                    found=[form.found() for form in forms],
                    opinion=why.cleaned_data["reason"], on=localdate(),
                )  # fmt: skip
                return self._done(request, asked, _("核查结果已经答复。"))
        return self._page(
            request, asked, "objections/office_verify.html", title=_("答复核查结果"), forms=forms,
            why=why, status=409 if posted else 200,
        )  # fmt: skip

    def extend_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        asked = self._to_act(request, object_id)
        posted = request.method == "POST"
        form = WhyForm(request.POST if posted else None, label=_("延期理由"), longest=REASON)
        if posted and form.is_valid():
            with refusal_shown(request, target=asked, form=form):
                handling.extend(
                    by=request.user, verification_id=asked.pk,
                    reason=form.cleaned_data["reason"], on=localdate(),
                )  # fmt: skip
                return self._done(request, asked, _("核查期限已经延长。"))
        return self._page(
            request, asked, "objections/office_extend.html", title=_("延长核查期限"), form=form,
            status=409 if posted else 200,
        )  # fmt: skip

    def file_view(self, request: HttpRequest, object_id: str, file: int) -> HttpResponseBase:
        """The papers of the case, for who verifies it."""
        asked = self.found(request, object_id)
        row = papers_for(asked).filter(pk=file).first()
        if row is None:
            raise NotPermitted("roster.not_permitted")
        return evidence.answer(row.file)

    def _to_act(self, request: HttpRequest, object_id: str) -> Verification:
        asked = self.found(request, object_id)
        if not may(request.user, Permission.VERIFY_CASES, asked):
            raise NotPermitted("roster.not_permitted")
        if request.method == "GET":  # what was sent comes back with what was typed
            handling.refuse_answered(asked)
        if asked.waits:
            refuse_person(asked.case, _answering(asked), by=request.user)  # type: ignore[arg-type]
        return asked

    def _items(self, asked: Verification) -> list[CaseItem]:
        return list(asked.items.select_related("record__kind", "record__authority", "case"))

    def _page(
        self, request: HttpRequest, asked: Verification, template: str, *, title: Any,
        status: int = 200, **context: Any,
    ) -> HttpResponse:  # fmt: skip
        user: Any = request.user
        may_answer = asked.waits and may(user, Permission.VERIFY_CASES, asked)
        hinders = hindrance(asked.case, _answering(asked), by=user) if may_answer else None
        return self.page(
            request, template, obj=asked, status=status, title=title, asked=asked,
            case=asked.case, items=self._items(asked),
            files=papers_for(asked), back=self.change_url(asked), on=localdate(),
            may_answer=may_answer and hinders is None, hindered=explain(hinders) if hinders else "",
            **context,
        )  # fmt: skip

    def _done(self, request: HttpRequest, asked: Verification, said: str) -> HttpResponse:
        self.message_user(request, said, messages.SUCCESS)
        return HttpResponseRedirect(self.change_url(asked))
