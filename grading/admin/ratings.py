"""评价结果: the ratings in force, and those of a chosen run."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from roster.admin_scope import ScopedAdmin
from roster.enums import Permission
from roster.models import Enterprise

from ..filters import RatingFilter
from ..messages import RULE_NAMES
from ..models import Rating
from ..queries import decided_by
from ..resources import RatingResource
from .explanation import ExplainsRatings

FEW = 10_000
"""So many codes are handed to the database with a search; more are asked for where they stand."""


@admin.register(Rating)
class RatingAdmin(ExplainsRatings, ScopedAdmin):
    view_permission = Permission.VIEW_RATINGS
    list_display = ("name", "badge", "rule", "roster", "reference_date", "note")
    list_display_links = None
    list_select_related = (
        "enterprise", "verdict__run__scheme", "part__region", "correction",
    )  # fmt: skip
    sortable_by = ()
    order_is_total = True  # standing ratings come once per part and enterprise
    search_fields = ("=enterprise__code",)
    search_help_text = _("企业名称或统一社会信用代码")
    filterset_class = RatingFilter
    export_resource = RatingResource

    class Media:
        css = {"all": ("grading/grading.css",)}

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("verdict__run__scheme__grades")

    def get_search_results(self, request: Any, queryset: Any, search_term: str) -> Any:
        """By enterprise, as the list of enterprises finds it, among those one may see.

        The few that a search mostly finds, anywhere or in sight, lead the database to their
        ratings; of very many it asks each rating in the order of the list.
        """
        if not search_term.strip():
            return queryset, False
        anywhere = Enterprise.objects.find(search_term).order_by().values_list("pk", flat=True)
        seen, known = _in_sight(request.user, search_term)
        for found in (anywhere, seen.union(known)):
            codes = list(found[: FEW + 1])
            if len(codes) <= FEW:
                return queryset.filter(enterprise__one_of=codes), False
        return queryset.filter(Q(enterprise__in=seen) | Q(enterprise__in=known)), False

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        return HttpResponseRedirect(_explanation(self.found(request, object_id)))

    @admin.display(description=_("企业"))
    def name(self, rating: Rating) -> str:
        return format_html(
            '<a href="{}">{}</a><br><span class="code quiet">{}</span>',
            _explanation(rating),
            rating.enterprise.name,
            rating.enterprise_id,
        )

    @admin.display(description=_("等级"))
    def badge(self, rating: Rating) -> str:
        names = {item.grade: item.name for item in rating.verdict.run.scheme.grades.all()}
        shown = {"letter": rating.grade, "tone": rating.grade[:1].lower()}
        return render_to_string("grading/grade.html", shown | {"word": names.get(rating.grade, "")})

    @admin.display(description=_("依据"))
    def rule(self, rating: Rating) -> Any:
        return RULE_NAMES[rating.verdict.rule]

    @admin.display(description=_("名录"))
    def roster(self, rating: Rating) -> str:
        return str(rating.part.region)

    @admin.display(description=_("评价基准日"))
    def reference_date(self, rating: Rating) -> Any:
        return rating.verdict.run.reference_date

    @admin.display(description=_("备注"))
    def note(self, rating: Rating) -> str:
        return rating.correction.cause if rating.correction else ""


def _in_sight(user: Any, text: str) -> tuple[QuerySet[Any, Any], QuerySet[Any, Any]]:
    """Codes of what a search finds among the enterprises a user may see, and among those about
    which the user's department decided something: it sees their grade. R39."""
    decided = decided_by(user).filter(enterprise=OuterRef("pk"))
    both = (Enterprise.objects.visible_to(user), Enterprise.objects.filter(Exists(decided)))
    seen, known = (rows.find(text).order_by().values_list("pk", flat=True) for rows in both)
    return seen, known


def _explanation(rating: Rating) -> str:
    url = reverse("admin:grading_rating_explain", args=(rating.enterprise_id,))
    return f"{url}?part={rating.part_id}"
