"""企业代表申请: the queue of the unit, a request with its proof, its decision, and its end."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.utils.html import format_html
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.refusal import NotPermitted
from intake import evidence

from ..admin_scope import ScopedAdmin, refusal_shown
from ..binding_forms import BindingDecisionForm
from ..bindings import approve_binding, end_binding, refuse_binding
from ..enums import Permission
from ..filters import BindingFilter
from ..forms import ReasonForm
from ..models import Binding, Enterprise, User
from ..scope import may, visible


@admin.register(Binding)
class BindingAdmin(ScopedAdmin):
    view_permission = Permission.DECIDE_BINDINGS
    filterset_class = BindingFilter
    list_display = ("about", "applicant", "asked_at", "due", "state", "handler")
    list_select_related = ("user",)
    search_fields = ("code", "name", "user__username", "user__full_name")
    search_help_text = gettext_lazy("企业名称、统一社会信用代码、账号或姓名")
    ordering = ("-pk",)
    sortable_by = ()

    def get_own_urls(self) -> list[Any]:
        return [
            self.own_path("<path:object_id>/decide/", self.decide_view, "decide"),
            self.own_path("<path:object_id>/proof/", self.proof_view, "proof"),
            self.own_path("<path:object_id>/end/", self.end_view, "end"),
        ]

    # --- list ---------------------------------------------------------------------------------------

    @admin.display(description=gettext_lazy("企业"))
    def about(self, binding: Binding) -> Any:
        return format_html('{}<br><span class="code">{}</span>', binding.name, binding.code)

    @admin.display(description=gettext_lazy("申请人"))
    def applicant(self, binding: Binding) -> str:
        return str(binding.user)

    @admin.display(description=gettext_lazy("应办结日期"))
    def due(self, binding: Binding) -> Any:
        if not binding.is_waiting:
            return "—"
        if binding.due_on is None:
            return format_html('<span class="mark mark-warning">{}</span>', _("日历不全"))
        day = format_html('<span class="nowrap">{}</span>', binding.due_on)
        if binding.due_on >= localdate():
            return day
        return format_html('{}<br><span class="mark mark-warning">{}</span>', day, _("逾期"))

    @admin.display(description=gettext_lazy("办理人"))
    def handler(self, binding: Binding) -> str:
        return binding.decided_by or "—"

    # --- page ---------------------------------------------------------------------------------------

    def get_tools(self, request: HttpRequest) -> Any:
        return (self._end_tool, *self.extra_tools)

    def _end_tool(self, request: HttpRequest, binding: Binding) -> Any:
        row = binding.representative
        if row is None or (row.until is not None and row.until <= localdate()):
            return None
        return _("终止代表资格"), self._page_url(binding, "end")

    def _page_url(self, binding: Binding, page: str) -> str:
        return f"{self.change_url(binding).removesuffix('change/')}{page}/"

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        return self._page(request, self.found(request, object_id), BindingDecisionForm())

    def decide_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        binding = self.found(request, object_id)
        form = BindingDecisionForm(request.POST or None)
        if request.method != "POST" or not form.is_valid():
            return self._page(request, binding, form)
        with refusal_shown(request, target=binding, form=form):
            self._decide(request, binding, form)
            return HttpResponseRedirect(self.change_url(binding))
        return self._page(request, self.found(request, object_id), form, status=409)

    def _decide(self, request: HttpRequest, binding: Binding, form: BindingDecisionForm) -> None:
        user: Any = request.user
        if form.agrees:
            approve_binding(by=user, binding_id=binding.pk, on=localdate())
            self.message_user(request, _("已同意。%s 今日起代表该企业。") % binding.user)
        else:
            refuse_binding(by=user, binding_id=binding.pk, **form.given())
            self.message_user(request, _("已记录为未同意，申请人可以看到原因。"))

    def proof_view(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        return evidence.answer(self.found(request, object_id).proof)

    def end_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        binding = self.found(request, object_id)
        if binding.representative is None:
            raise NotPermitted("roster.not_permitted")
        form, status = ReasonForm(request.POST or None), 200
        if request.method == "POST" and form.is_valid():
            with refusal_shown(request, target=binding, form=form):
                end_binding(by=request.user, binding_id=binding.pk, on=localdate(), **form.given())
                self.message_user(request, _("%s 的代表资格今日起终止。") % binding.user)
                return HttpResponseRedirect(self.change_url(binding))
            status = 409
        return self.page(
            request,
            "roster/form.html",
            obj=binding,
            status=status,
            title=_("终止代表资格"),
            form=form,
            button=_("终止代表资格"),
            back=self.change_url(binding),
        )

    def _page(
        self, request: HttpRequest, binding: Binding, form: Any, *, status: int = 200
    ) -> HttpResponse:
        known = visible(Enterprise.objects.filter(pk=binding.code), request.user).first()
        row = binding.representative
        return self.page(
            request,
            "roster/binding.html",
            obj=binding,
            status=status,
            title=_("企业代表申请"),
            binding=binding,
            enterprise=known,
            is_same_name=known is not None and known.name == binding.name,
            others=self._others(request, binding),
            representative=row,
            decided_by=User.objects.filter(username=binding.decided_by).first()
            or binding.decided_by,
            is_overdue=binding.due_on is not None and binding.due_on < localdate(),
            can_decide=binding.is_waiting
            and may(request.user, Permission.DECIDE_BINDINGS, binding),
            proof_url=self._page_url(binding, "proof"),
            decide_url=self._page_url(binding, "decide"),
            history_url=self.history_url(request, binding),
            tools=[tool for one in self.get_tools(request) if (tool := one(request, binding))],
            form=form,
        )

    def _others(self, request: HttpRequest, binding: Binding) -> Any:
        """What else was asked for by this person or about this enterprise, for the same eyes."""
        rows = visible(Binding.objects.exclude(pk=binding.pk), request.user)
        return rows.filter(code=binding.code).select_related("user")[:20]
