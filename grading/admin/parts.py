"""名录评价结果: the list of parts, and the page on which a part is reviewed and published."""

from __future__ import annotations

from collections import Counter
from typing import Any

import django_filters
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from roster.admin_scope import ScopedAdmin, ScopedChoiceFilter, ScopedFilterSet
from roster.enums import Permission
from roster.models import Region, User
from roster.scope import may

from .. import review, services
from ..corrections import awaiting_confirmation
from ..enums import PartState, RunKind
from ..forms import WithdrawalForm
from ..models import RosterRun
from ..progress import grade_names
from ..wording import facts_in_words, readings_of, rule_in_words, window_in_words

NOT_YET = (PartState.COMPUTED, PartState.REVIEWED)


class PartFilters(ScopedFilterSet):
    region = ScopedChoiceFilter(label=_lazy("名录"), queryset=Region.objects.all())
    kind = django_filters.ChoiceFilter(
        label=_lazy("评价类型"), field_name="run__kind", choices=RunKind.choices
    )

    class Meta:
        model = RosterRun
        fields = ("state",)


@admin.register(RosterRun)
class PartAdmin(ScopedAdmin):
    view_permission = Permission.VIEW_RATINGS
    list_display = ("region", "run", "state", "size", "reviewed_by", "published_by", "published_at")
    list_select_related = ("region", "run__scheme")
    filterset_class = PartFilters

    def get_own_urls(self) -> list[URLPattern]:
        return [
            self.own_path("<int:part_id>/review/", self.review_view, "review"),
            self.own_path("<int:part_id>/publish/", self.publish_view, "publish"),
            self.own_path(
                "<int:part_id>/ask-withdrawal/", self.ask_withdrawal_view, "ask_withdrawal"
            ),
            self.own_path("<int:part_id>/withdraw/", self.withdraw_view, "withdraw"),
        ]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        part = self.found(request, object_id)
        return self.page(
            request,
            "grading/part.html",
            obj=part,
            title=str(part.region),
            part=part,
            withdrawal=WithdrawalForm(),
            **_head(part),
            **_verdicts(request, part),
            **_acts(request, part),
            **_changes(part),
        )

    # --- acts ---------------------------------------------------------------------------------------

    def review_view(self, request: HttpRequest, part_id: int) -> HttpResponse:
        if request.method == "POST":
            services.review_part(
                by=request.user, part_id=part_id, digest=request.POST.get("digest", "")
            )
            messages.success(request, _("已审核。须由另一人发布。"))
        return _back(part_id)

    def publish_view(self, request: HttpRequest, part_id: int) -> HttpResponse:
        if request.method == "POST":
            services.publish_part(
                by=request.user, part_id=part_id, digest=request.POST.get("digest", "")
            )
            messages.success(request, _("已发布，成为该名录的现行评价结果。"))
        return _back(part_id)

    def ask_withdrawal_view(self, request: HttpRequest, part_id: int) -> HttpResponse:
        if request.method == "POST":
            services.ask_withdrawal(
                by=request.user, part_id=part_id, reason=request.POST.get("reason", "")
            )
            messages.success(request, _("已提出作废申请，等待另一人同意。"))
        return _back(part_id)

    def withdraw_view(self, request: HttpRequest, part_id: int) -> HttpResponse:
        if request.method == "POST":
            services.withdraw_part(by=request.user, part_id=part_id)
            messages.success(request, _("已作废。"))
        return _back(part_id)


def _back(part_id: int) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("admin:grading_rosterrun_change", args=(part_id,)))


# --- what the page shows ----------------------------------------------------------------------------


def _head(part: RosterRun) -> dict[str, Any]:
    names = grade_names(part.run)
    people = _people(
        part.reviewed_by, part.published_by, part.withdrawn_by, part.withdrawn_confirmed_by
    )
    return {
        "window": window_in_words(part.run.scheme, part.run.reference_date),
        "grades": [(grade, name, part.grades.get(grade, 0)) for grade, name in names.items()],
        "grade_names": names,
        "people": people,
        "steps": _steps(part, people),
        "awaiting": awaiting_confirmation(part),
    }


def _people(*usernames: str) -> dict[str, str]:
    """Names and accounts of people, in one query."""
    found = {user.username: str(user) for user in User.objects.filter(username__in=usernames)}
    return {username: found.get(username, username) for username in usernames}


def _steps(part: RosterRun, people: dict[str, str]) -> list[dict[str, Any]]:
    """已算完 → 已审核 → 已发布, with who and when."""
    at = [PartState.COMPUTING, PartState.COMPUTED, PartState.REVIEWED, PartState.PUBLISHED]
    reached = at.index(part.state) if part.state in at else len(at)
    done = [
        (_("已算完"), "", part.run.computed_at),
        (_("已审核"), people[part.reviewed_by], part.reviewed_at),
        (_("已发布"), people[part.published_by], part.published_at),
    ]
    return [
        {
            "name": name,
            "who": who,
            "when": when,
            "done": reached > number if part.state in at else bool(when),
            "current": reached == number and part.state in at,
        }
        for number, (name, who, when) in enumerate(done)
    ]


def _verdicts(request: HttpRequest, part: RosterRun) -> dict[str, Any]:
    lines = review.lines_of(part)
    grade, rule = request.GET.get("grade", ""), request.GET.get("rule", "")
    shown = [
        line for line in lines
        if grade in ("", line.verdict.grade) and rule in ("", line.verdict.rule)
    ]  # fmt: skip
    return {
        "chosen": {"grade": grade, "rule": rule},
        "filters": _filters(lines),
        "shown_count": sum(line.count for line in shown),
        "lines": [
            {
                "line": line,
                "rule": rule_in_words(line.verdict.rule),
                "facts": facts_in_words(line.facts),
                "readings": readings_of(line.verdict.rule, line.facts),
            }
            for line in review.with_examples(shown, part)
        ],
    }


def _filters(lines: list[review.Line]) -> dict[str, list[tuple[str, Any, int]]]:
    """The rules that occur, with their enterprises: what can be chosen."""
    rules: Counter[str] = Counter()
    for line in lines:
        rules[line.verdict.rule] += line.count
    return {"rules": [(rule, rule_in_words(rule), count) for rule, count in rules.items()]}


def _acts(request: HttpRequest, part: RosterRun) -> dict[str, Any]:
    """Which buttons this person gets, and why a button is missing."""
    user: Any = request.user
    may_review = may(user, Permission.REVIEW_PART, part)
    may_publish = may(user, Permission.PUBLISH_PART, part)
    is_ad_hoc = part.run.kind == RunKind.AD_HOC
    withdrawn = part.state == PartState.WITHDRAWN
    return {
        "is_ad_hoc": is_ad_hoc,
        "can_review": may_review and part.state == PartState.COMPUTED,
        "can_publish": may_publish
        and part.state == PartState.REVIEWED
        and not is_ad_hoc
        and part.reviewed_by != user.username,
        "needs_other": may_publish
        and part.state == PartState.REVIEWED
        and part.reviewed_by == user.username,
        "can_ask_withdrawal": may_review and not withdrawn and not part.withdrawn_by,
        "can_withdraw": may_publish
        and not withdrawn
        and part.withdrawn_by not in ("", user.username),
    }


def _changes(part: RosterRun) -> dict[str, Any]:
    """What changed since the part before, and what was or will be put right on top of this one."""
    before = review.part_before(part) if part.state != PartState.COMPUTING else None
    return {
        "before": before,
        "transitions": review.transitions(before, part) if before else [],
        "pending": review.to_regrade(part) if part.state in NOT_YET else None,
        "corrections": review.corrections_of(part),
    }
