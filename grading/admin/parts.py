"""名录评价结果: the list of parts, and the page on which a part is reviewed and published."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.urls import URLPattern, reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from audit import once
from roster.admin_scope import Column, ScopedAdmin
from roster.enums import Permission
from roster.scope import may

from .. import review, services
from ..enums import PartState, RunKind
from ..filters import PartFilter
from ..forms import WithdrawalForm
from ..messages import RULE_HINTS, RULE_NAMES
from ..models import RosterRun
from ..people import names_of
from ..progress import grade_names
from ..resources import PartResource
from ..wording import READINGS_OF_RULES, facts_in_words, rule_in_words, window_in_words

NOT_YET = (PartState.COMPUTED, PartState.REVIEWED)


def _current_words(user: Any, parts: Sequence[Any]) -> dict[int, str]:
    """Which of some parts are current, in one query."""
    shown = RosterRun.objects.filter(pk__in=[part.pk for part in parts])
    return {key: _("现行") for key in shown.current().values_list("pk", flat=True)}


def _current_mark(user: Any, parts: Sequence[Any]) -> dict[int, str]:
    return {
        key: format_html('<span class="mark">{}</span>', word)
        for key, word in _current_words(user, parts).items()
    }


@admin.register(RosterRun)
class PartAdmin(ScopedAdmin):
    view_permission = Permission.VIEW_RATINGS
    list_display = ("region", "batch", "state", "size", "picture", "published_at")
    list_select_related = ("region", "run__scheme")
    sortable_by = ()
    filterset_class = PartFilter
    export_resource = PartResource

    class Media:
        css = {"all": ("grading/grading.css",)}

    extra_columns = (Column("current", _lazy("现行"), values=_current_mark, plain=_current_words),)

    @admin.display(description=_lazy("评价批次"))
    def batch(self, part: RosterRun) -> str:
        url = reverse("admin:grading_run_change", args=(part.run_id,))
        number = _("第%(number)s号") % {"number": part.run_id}
        return format_html(
            '<a href="{}">{}</a> <span class="quiet">{}</span>', url, part.run, number
        )

    @admin.display(description=_lazy("等级"))
    def picture(self, part: RosterRun) -> str:
        return render_to_string(
            "grading/grade_counts.html", {"grades": sorted(part.grades.items())}
        )

    def get_own_urls(self) -> list[URLPattern]:
        return [
            self.own_path("<int:part_id>/review/", self.review_view, "review"),
            self.own_path("<int:part_id>/publish/", self.publish_view, "publish"),
            self.own_path(
                "<int:part_id>/ask-withdrawal/", self.ask_withdrawal_view, "ask_withdrawal"
            ),
            self.own_path("<int:part_id>/withdraw/", self.withdraw_view, "withdraw"),
            self.own_path(
                "<int:part_id>/drop-withdrawal/", self.drop_withdrawal_view, "drop_withdrawal"
            ),
        ]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        part = self.found(request, object_id)
        names = grade_names(part.run)
        return self.page(
            request,
            "grading/part.html",
            obj=part,
            title=str(part.region),
            part=part,
            seen=part.basis,
            withdrawal=WithdrawalForm(),
            **_head(part, names),
            **_verdicts(request, part, names),
            **_acts(request, part),
            **_changes(_user(request), part, names),
        )

    # --- acts ---------------------------------------------------------------------------------------

    def review_view(self, request: HttpRequest, part_id: int) -> HttpResponse:
        if request.method == "POST":
            services.review_part(
                by=request.user,
                part_id=part_id,
                digest=request.POST.get("digest", ""),
                seen=_seen(request),
            )
            messages.success(request, _("已审核。须由另一人发布。"))
        return _back(part_id)

    def publish_view(self, request: HttpRequest, part_id: int) -> HttpResponse:
        if request.method == "POST":
            part = services.publish_part(
                by=_user(request),
                part_id=part_id,
                digest=request.POST.get("digest", ""),
                seen=_seen(request),
            )
            newer = review.newer_than(part)
            text = _("已发布。现行评价结果仍是基准日更晚的“%s”。") % newer.run if newer else ""
            messages.success(request, text or _("已发布，成为该名录的现行评价结果。"))
        return _back(part_id)

    def ask_withdrawal_view(self, request: HttpRequest, part_id: int) -> HttpResponse:
        if request.method == "POST":
            services.ask_withdrawal(
                by=request.user,
                part_id=part_id,
                reason=request.POST.get("reason", ""),
                seen=_seen(request),
            )
            messages.success(request, _("已提出作废申请，等待另一人同意。"))
        return _back(part_id)

    def withdraw_view(self, request: HttpRequest, part_id: int) -> HttpResponse:
        if request.method == "POST":
            services.withdraw_part(by=request.user, part_id=part_id, seen=_seen(request))
            messages.success(request, _("已作废。"))
        return _back(part_id)

    def drop_withdrawal_view(self, request: HttpRequest, part_id: int) -> HttpResponse:
        if request.method == "POST":
            services.drop_withdrawal(by=request.user, part_id=part_id, seen=_seen(request))
            messages.success(request, _("作废申请已撤销，评价结果不变。"))
        return _back(part_id)


def _user(request: HttpRequest) -> Any:
    return request.user


def _seen(request: HttpRequest) -> str:
    return request.POST.get(once.SEEN, "")


def _back(part_id: int) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("admin:grading_rosterrun_change", args=(part_id,)))


# --- what the page shows ----------------------------------------------------------------------------


def _head(part: RosterRun, names: dict[str, str]) -> dict[str, Any]:
    people = names_of(
        [part.reviewed_by, part.published_by, part.withdrawn_by, part.withdrawn_confirmed_by]
    )
    return {
        "window": window_in_words(part.run.scheme, part.run.reference_date),
        "grades": [(grade, name, part.grades.get(grade, 0)) for grade, name in names.items()],
        "asked_by": people[part.withdrawn_by],
        "agreed_by": people[part.withdrawn_confirmed_by],
        "steps": _steps(part, people),
    }


def _steps(part: RosterRun, people: dict[str, str]) -> list[dict[str, Any]]:
    """已算完 → 已审核 → 已发布, with who and when."""
    at = [PartState.COMPUTING, PartState.COMPUTED, PartState.REVIEWED, PartState.PUBLISHED]
    reached = at.index(part.state) if part.state in at else len(at)
    done = [
        (_("已算完"), "", part.run.computed_at if part.digest else None),
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


def _verdicts(request: HttpRequest, part: RosterRun, names: dict[str, str]) -> dict[str, Any]:
    """The lines that are asked for, under the rule that decided them."""
    lines = review.lines_of(part)
    grade, rule = request.GET.get("grade", ""), request.GET.get("rule", "")
    shown = [
        line for line in lines
        if grade in ("", line.verdict.grade) and rule in ("", line.verdict.rule)
    ]  # fmt: skip
    return {
        "awaiting": review.awaiting_confirmation(lines),
        "chosen": {"grade": grade, "rule": rule},
        "rules_met": _rules_met(lines),
        "groups": _groups(review.with_examples(shown, part, user=_user(request)), part, names),
        "line_count": len(shown),
        "shown_count": sum(line.count for line in shown),
    }


def _rules_met(lines: list[review.Line]) -> list[tuple[str, Any]]:
    """The rules that occur in a part, in the order in which they are asked."""
    return [(rule, RULE_NAMES[rule]) for rule in dict.fromkeys(line.verdict.rule for line in lines)]


def _groups(
    lines: list[review.Line], part: RosterRun, names: dict[str, str]
) -> list[dict[str, Any]]:
    return [
        {
            "grade": found[0].verdict.grade,
            "name": names.get(found[0].verdict.grade, ""),
            "words": rule_in_words(rule, scheme=part.run.scheme),
            "clause": found[0].verdict.clause,
            "hint": RULE_HINTS.get(rule, ""),
            "readings": READINGS_OF_RULES.get(rule, ()),
            "count": sum(line.count for line in found),
            "lines": [
                {
                    "facts": facts_in_words(line.facts),
                    "count": line.count,
                    "examples": line.examples,
                    "disputed": line.facts.disputed,
                }
                for line in found
            ],
        }
        for rule, lines_of_rule in groupby(lines, key=lambda line: line.verdict.rule)
        if (found := list(lines_of_rule))
    ]


def _acts(request: HttpRequest, part: RosterRun) -> dict[str, Any]:
    """Which buttons this person gets, and why a button is missing."""
    user = _user(request)
    may_review = may(user, Permission.REVIEW_PART, part)
    may_publish = may(user, Permission.PUBLISH_PART, part)
    withdrawn = part.state == PartState.WITHDRAWN
    return {
        "is_ad_hoc": part.run.kind == RunKind.AD_HOC,
        "can_review": may_review and part.state == PartState.COMPUTED,
        "can_publish": may_publish
        and part.state == PartState.REVIEWED
        and part.reviewed_by != user.username
        and not part.withdrawn_by,
        "needs_other": may_publish
        and part.state == PartState.REVIEWED
        and part.reviewed_by == user.username,
        "can_ask_withdrawal": may_review
        and part.state not in (PartState.WITHDRAWN, PartState.ESTIMATED)
        and not part.withdrawn_by,
        "can_drop_withdrawal": not withdrawn
        and bool(part.withdrawn_by)
        and (may_publish or (may_review and part.withdrawn_by == user.username)),
        "can_withdraw": may_publish
        and not withdrawn
        and part.withdrawn_by not in ("", user.username),
    }


def _changes(user: Any, part: RosterRun, names: dict[str, str]) -> dict[str, Any]:
    """What changed since the part before, and what was or will be put right on top of this one."""
    before = review.part_before(part) if part.state != PartState.COMPUTING else None
    return {
        "before": before,
        "newer": review.newer_than(part) if part.state in NOT_YET else None,
        "comparison": _comparison(review.transitions(before, part), list(names)) if before else {},
        "leavers": review.leavers(before, part, user=user) if before else [],
        "pending": review.to_regrade(part, user=user) if part.state in NOT_YET else None,
        "corrections": review.corrections_of(part, user=user),
    }


def _comparison(found: list[review.Transition], grades: list[str]) -> dict[str, Any]:
    """A table with a row for each grade before and a column for each grade now, and sums."""
    counts = {(item.before, item.after): item.count for item in found}
    place = {grade: number for number, grade in enumerate(grades)}
    both = [item for item in found if item.before in place and item.after in place]
    return {
        "columns": [*grades, ""],
        "rows": [
            {
                "before": before,
                "cells": [
                    {"after": after, "count": counts.get((before, after), 0)}
                    for after in [*grades, ""]
                ],
            }
            for before in [*grades, ""]
        ],
        "worse": sum(item.count for item in both if place[item.after] > place[item.before]),
        "better": sum(item.count for item in both if place[item.after] < place[item.before]),
        "new": sum(item.count for item in found if not item.before),
        "gone": sum(item.count for item in found if not item.after),
    }
