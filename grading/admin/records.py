"""失信信息: what authorities decided. To the clerk a correction feels like an edit."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from records import services as records
from records.enums import Category, MarkKind
from records.models import Kind, Mark, Record, TakenDown
from records.publication import Publication, publication_of
from records.queries import authorities_for
from records.services import Given
from roster.admin_scope import ScopedAdmin
from roster.enums import Permission
from roster.models import User
from workdays.queries import LimitGap

from .. import corrections
from ..enums import ProposalKind, ProposalState
from ..models import Proposal
from ..people import names_of
from ..record_filters import ALL, OWN, ROSTER, RecordFilters, in_range, range_of
from ..record_forms import GIVEN_FIELDS, RecordForm
from ..record_resources import RecordResource
from ..versions import sees, stale_version, successor_of, versions_for
from .record_acts import RecordActs, effect_in_words

GATHERED = (
    "q",
    "authority",
    "decided_on_after",
    "decided_on_before",
    "mark",
    "down_after",
    "down_before",
)
"""Filters that leave few rows."""


@admin.register(Record)
class RecordAdmin(RecordActs, ScopedAdmin):
    view_permission = Permission.VIEW_RECORDS
    add_permission = Permission.GIVE_RECORDS
    change_permission = Permission.CORRECT_RECORDS
    form = RecordForm
    filterset_class = RecordFilters
    export_resource = RecordResource
    file_layouts = ("penalties", "listings", "behaviours")
    list_display = ("about", "kind_and_marks", "number_shown", "authority", "days")
    list_select_related = ("enterprise", "kind", "authority", "provider")
    search_fields = ("number",)
    search_help_text = gettext_lazy("企业名称、统一社会信用代码或文号（整号）")
    sortable_by = ()
    actions = ("decide_kind",)
    change_form_template = "grading/record_form.html"

    # --- list ---------------------------------------------------------------------------------------

    def get_queryset(self, request: HttpRequest) -> Any:
        live = Prefetch("marks", Mark.objects.live().order_by("recorded_at"), to_attr="live_marks")
        return self._rows(request).prefetch_related(live)

    def _rows(self, request: HttpRequest) -> Any:
        """What may be seen. A narrow range is part of it, and the question of what may be seen,
        which two tables answer, would keep the database from finding it by its index."""
        value = range_of(request) if self._is_list(request) else ALL
        if value in (OWN, ROSTER):
            return in_range(Record.objects.all(), request.user, value)  # type: ignore[arg-type]
        return super().get_queryset(request)

    def _is_list(self, request: HttpRequest) -> bool:
        match = request.resolver_match
        return match is not None and str(match.view_name).endswith(("_changelist", "_export"))

    def get_ordering(self, request: HttpRequest) -> Any:
        """Latest first. A list of a few among all is gathered and sorted; the order of the key
        would tempt the database to walk the whole table for them."""
        few = self._is_list(request) and (
            range_of(request) != ALL or any(request.GET.get(name) for name in GATHERED)
        )
        return ("-recorded_at", "-pk") if few else ("-pk",)

    @admin.display(description=gettext_lazy("企业"))
    def about(self, record: Record) -> Any:
        return format_html(
            '{}<br><span class="code">{}</span>', record.enterprise.name, record.enterprise_id
        )

    @admin.display(description=gettext_lazy("信息类别"))
    def kind_and_marks(self, record: Record) -> Any:
        marks = format_html_join("", '<br><span class="mark">{}</span>', _marks(record))
        return format_html("{}{}", record.kind, marks)

    @admin.display(description=gettext_lazy("文号"))
    def number_shown(self, record: Record) -> str:
        return record.number or "—"

    @admin.display(description=gettext_lazy("认定日期"))
    def days(self, record: Record) -> Any:
        if record.ended_on is None:
            return record.decided_on.isoformat()
        ended = _("{day} 终止").format(day=record.ended_on.isoformat())
        return format_html('{}<br><span class="quiet">{}</span>', record.decided_on, ended)

    # --- form ---------------------------------------------------------------------------------------

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A version that was put right, or waits for a second person, is only looked at; a form
        sent for it all the same gets its answer from the service."""
        allowed = super().has_change_permission(request, obj)
        if obj is None or not allowed or request.method == "POST":
            return allowed
        return obj.retracted_at is None and Proposal.objects.waiting_on_record(obj.pk) is None

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        edits = self.has_change_permission(request, obj) if obj else True
        who = ("enterprise_code", "enterprise_name") if edits else ("enterprise",)
        given = (
            (None, {"fields": who}),
            (
                _("认定"),
                {"fields": ("kind", "authority", "number", "decided_on", "ended_on", "end_reason")},
            ),
            *_contents(obj, edits=edits),
        )
        if obj is None:
            return given
        reason = ((_("更正"), {"fields": ("reason",)}),) if edits else ()
        known = ("provider", "source", "first_known_at", "recorder", "recorded_at")
        return (*given, *reason, (_("登记"), {"fields": known}))

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("provider", "source", "first_known_at", "recorder", "recorded_at")

    @admin.display(description=gettext_lazy("登记人"))
    def recorder(self, record: Record) -> str:
        return names_of([record.recorded_by])[record.recorded_by]

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "authority":
            wanted = (
                Permission.GIVE_RECORDS
                if request.resolver_match.view_name.endswith("_add")
                else Permission.CORRECT_RECORDS
            )
            kwargs["queryset"] = authorities_for(request.user, wanted, on=localdate())
        elif db_field.name == "kind":
            kwargs["queryset"] = Kind.objects.effective_on(localdate()).exclude(
                category=Category.BASIC
            )
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        """Without the link to the chosen row: it leads away from a form half filled in."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None and hasattr(field.widget, "can_view_related"):
            field.widget.can_view_related = False
        return field

    def render_change_form(
        self, request: Any, context: Any, add: bool = False, change: bool = False,
        form_url: str = "", obj: Any = None,
    ) -> Any:  # fmt: skip
        context.update(show_save_and_continue=False)
        if obj is not None:
            context.update(self._around(request, obj))
        return super().render_change_form(request, context, add, change, form_url, obj)

    def _around(self, request: HttpRequest, record: Record) -> dict[str, Any]:
        """What stands around the form: the live version, who waits for whom, what was before."""
        # The form has put what was typed into its own record; the versions are read afresh.
        user: Any = request.user
        line = versions_for(user, Record.objects.get(pk=record.pk))
        now = successor_of(record) if record.retracted_at else None
        marks = list(Mark.objects.filter(record=record).order_by("-recorded_at"))
        waiting = Proposal.objects.waiting_on_record(record.pk)
        proposals = list(record.proposals.exclude(state=ProposalState.WAITING).order_by("-pk"))
        return {
            "people": names_of(
                [record.retracted_by, waiting.proposed_by if waiting else ""]
                + [
                    name
                    for row in line
                    for name in (row.record.recorded_by, row.record.retracted_by)
                ]
                + [name for row in marks for name in (row.recorded_by, row.retracted_by)]
                + [name for row in proposals for name in (row.proposed_by, row.decided_by)]
            ),
            "publication": _publication(record),
            "taken_down": TakenDown.objects.filter(record=record).order_by("-waits"),
            "live_version": now if sees(user, now) else None,
            "waiting": waiting,
            "versions": list(reversed(line)) if len(line) > 1 or line[0].came else [],
            "marks": marks,
            "proposals": proposals,
            "undecided": record.kind_id == "penalty_undecided" and record.retracted_at is None,
        }

    # --- saving -------------------------------------------------------------------------------------

    def _refuse_stale(self, request: HttpRequest, obj: Any, state: Any = None) -> None:
        """`write` looks itself: a version that was put right since says what and by whom."""

    def write(self, request: HttpRequest, *, form: Any, formsets: Any, change: bool) -> Any:
        user: Any = request.user
        if not change:
            return _give(user, form)
        record = Record.objects.select_for_update(of=("self",)).get(pk=form.instance.pk)
        if record.retracted_at is not None:
            raise stale_version(record, by=user)
        done = corrections.change_record(
            by=user,
            record_id=record.pk,
            kind=ProposalKind.CORRECT,
            changes=form.given(),
            reason=form.cleaned_data["reason"],
            on=localdate(),
        )
        if isinstance(done, Proposal):
            request.proposal = done  # type: ignore[attr-defined]
            return record
        return done

    def response_add(
        self, request: HttpRequest, obj: Any, post_url_continue: Any = None
    ) -> HttpResponse:
        saved = Record.objects.select_related("kind").get(pk=obj.pk)
        self.message_user(request, _("已登记：%s。") % saved, messages.SUCCESS)
        return HttpResponseRedirect(self.change_url(saved))

    def response_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        proposal = getattr(request, "proposal", None)
        if proposal is not None:
            self.message_user(
                request, _("已提交复核。%s") % effect_in_words(proposal), messages.WARNING
            )
        else:
            self.message_user(request, _("更正已生效。"), messages.SUCCESS)
        saved = Record.objects.filter(pk=obj.pk).first()
        if saved is None or self.get_object(request, str(obj.pk)) is None:
            return HttpResponseRedirect(reverse("admin:records_record_changelist"))
        return HttpResponseRedirect(self.change_url(saved))


def _publication(record: Record) -> Publication | None:
    """How long a live record is published; None where nobody has set how long."""
    if record.retracted_at is not None or record.kind.category == Category.BASIC:
        return None
    try:
        return publication_of(record)
    except LimitGap:
        return None


def _marks(record: Any) -> list[tuple[Any]]:
    """What is said of a record, for its line in the list."""
    said: list[Any] = [_("已失效")] if record.retracted_at is not None else []
    said += [mark.get_kind_display() for mark in record.live_marks]
    known = {mark.kind for mark in record.live_marks}
    waits = record.serious_claimed and record.kind.category == Category.GENERAL
    if waits and MarkKind.SERIOUS not in known:
        said.append(_("严重后果待认定"))
    return [(text,) for text in said]


def _contents(record: Record | None, *, edits: bool) -> tuple[Any, ...]:
    """All fields to fill in; of a record that is only looked at those that say something."""
    names = GIVEN_FIELDS[6:]
    if record is not None and not edits:
        names = tuple(name for name in names if getattr(record, name))
    return ((_("内容"), {"fields": names}),) if names else ()


def _give(user: User, form: RecordForm) -> Record:
    said = form.given()
    given = Given(**said, provider_id=_provider(user, said["authority_id"]))
    return records.give_record(by=user, given=given, source=_("页面登记"), on=localdate())


def _provider(user: User, authority: int) -> int:
    """Who provides: the authority itself, or the lead agency that collects for it."""
    own = [post.agency for post in user.posts() if post.grants(Permission.GIVE_RECORDS)]
    return authority if authority in own or not own else own[0]
