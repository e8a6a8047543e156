"""The grade in force on the list and page of enterprises, which the roster room keeps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import django_filters as filters
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from roster.admin.enterprises import EnterpriseAdmin
from roster.admin_scope import Column
from roster.enums import Permission
from roster.models import Enterprise
from roster.scope import may

from ..disagreement import BY_RECORD, BY_REGISTRATION, EITHER, disagreeing
from ..models import Rating
from ..regrading import current_parts, current_rating


def grades(user: Any, enterprises: Sequence[Enterprise]) -> dict[str, str]:
    """The grades in force of some enterprises, as far as the user may see them: two queries."""
    found = (
        Rating.objects.in_force(current_parts())
        .visible_to(user)
        .filter(enterprise__in=[enterprise.pk for enterprise in enterprises])
    )
    return dict(found.values_list("enterprise_id", "grade"))


def _badges(user: Any, enterprises: Sequence[Enterprise]) -> Mapping[str, Any]:
    given = grades(user, enterprises)
    return {
        enterprise.pk: format_html(
            '<a href="{}">{}</a>',
            reverse("admin:grading_rating_explain", args=[enterprise.pk]),
            _badge(given[enterprise.pk]) if enterprise.pk in given else _("尚未评价"),
        )
        for enterprise in enterprises
    }


def _badge(grade: str) -> Any:
    tone = grade[:1].lower()
    return render_to_string("grading/grade.html", {"letter": grade, "tone": tone, "word": ""})


def _section(request: HttpRequest, enterprise: Enterprise) -> Any:
    user: Any = request.user
    if not may(user, Permission.VIEW_RATINGS, enterprise):
        return ""
    rating = current_rating(enterprise.pk)
    grade = rating.verdict.run.scheme.grades.filter(grade=rating.grade).first() if rating else None
    return render_to_string(
        "grading/enterprise_grade.html",
        {"enterprise": enterprise, "rating": rating, "grade": grade},
    )


def _records(request: HttpRequest, enterprise: Enterprise) -> tuple[Any, str] | None:
    if not may(request.user, Permission.VIEW_RECORDS):  # type: ignore[arg-type]
        return None
    url = reverse("admin:records_record_changelist")
    return _("失信信息"), f"{url}?q={enterprise.pk}&state=all"


def _disagreeing(rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
    return disagreeing(rows, on=localdate(), which=value)


EnterpriseAdmin.add_column(
    Column(name="grade", title=gettext_lazy("现行等级"), values=_badges, plain=grades)
)
EnterpriseAdmin.add_filter(
    "disagreement",
    filters.ChoiceFilter(
        label=gettext_lazy("登记与处罚不一致"),
        method=_disagreeing,
        choices=[
            (EITHER, gettext_lazy("全部不一致")),
            (BY_RECORD, gettext_lazy("处罚为吊销营业执照，登记不是")),
            (BY_REGISTRATION, gettext_lazy("登记为吊销，没有相应处罚")),
        ],
    ),
)
EnterpriseAdmin.add_section(_section)
EnterpriseAdmin.add_tool(_records)
