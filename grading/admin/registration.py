"""更正登记信息: what registration never was, as against news that ends what was so."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from roster.admin.enterprises import EnterpriseAdmin
from roster.admin_scope import ScopedAdmin, refusal_shown
from roster.enums import Permission
from roster.models import Enterprise
from roster.scope import may

from .. import corrections
from ..models import Proposal
from ..people import names_of
from ..registration_forms import FIELDS, RegistrationForm
from .record_acts import effect_in_words


class CorrectsRegistration(ScopedAdmin):
    """Adds `admin:grading_proposal_registration` to the admin of proposals.

    Source: R26, R37; design idea 3.
    """

    def get_own_urls(self) -> list[Any]:
        page = self.own_path("registration/<str:code>/", self.registration_view, "registration")
        return [page, *super().get_own_urls()]

    def registration_view(self, request: HttpRequest, code: str) -> HttpResponse:
        owner: Any = self.admin_site.get_model_admin(Enterprise)
        enterprise = owner.held(request, code)
        wanted = owner.get_form(
            request, enterprise, change=True, form=RegistrationForm, fields=FIELDS
        )
        status = 200
        form = wanted(request.POST or None, instance=Enterprise.objects.get(pk=code))
        if request.method == "POST" and form.is_valid():
            with refusal_shown(request, target=enterprise, form=form):
                return self._correct(request, owner, form)
            status = 409
        waiting = Proposal.objects.waiting_on_registration(code)
        return owner.page(
            request,
            "grading/registration.html",
            obj=enterprise,
            status=status,
            title=_("更正登记信息"),
            media=owner.media + form.media,
            form=form,
            button=_("更正"),
            back=owner.change_url(enterprise),
            seen=owner.seen(request, enterprise),
            waiting=waiting,
            people=names_of([waiting.proposed_by if waiting else ""]),
        )

    def _correct(self, request: HttpRequest, owner: Any, form: Any) -> HttpResponse:
        user: Any = request.user
        code = form.instance.pk
        done = corrections.change_registration(
            by=user,
            code=code,
            changes=form.given(),
            reason=form.cleaned_data["reason"],
            on=localdate(),
            version=owner.seen_version(request),
        )
        if isinstance(done, Proposal):
            said = _("已提交复核。%s") % effect_in_words(done)
            self.message_user(request, said, messages.WARNING)
        else:
            self.message_user(request, _("更正已生效。"), messages.SUCCESS)
        saved = owner.get_object(request, code)
        if saved is None:
            return HttpResponseRedirect(owner.page_url("changelist"))
        return HttpResponseRedirect(owner.change_url(saved))


def _tool(request: HttpRequest, enterprise: Enterprise) -> tuple[Any, str] | None:
    if not may(request.user, Permission.EDIT_ROSTER, enterprise):  # type: ignore[arg-type]
        return None
    url = reverse("admin:grading_proposal_registration", args=[enterprise.pk])
    return _("更正登记信息"), url


EnterpriseAdmin.add_tool(_tool)
