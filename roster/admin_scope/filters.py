"""One FilterSet per model, in the admin as its side panel."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import django_filters as filters
from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.forms.utils import flatatt
from django.http import HttpRequest
from django.utils.datastructures import MultiValueDict
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy as _
from django_filters.widgets import DateRangeWidget, SuffixedMultiWidget

from ..models import Agency
from ..scope import visible


class ScopedFilterSet(filters.FilterSet):
    """The filters of one model for admin, pages and API; related choices are scoped."""

    @classmethod
    def parameter_names(cls) -> frozenset[str]:
        """Every name such a form may send in an address."""
        return _parameter_names(cls)


@cache
def _parameter_names(filterset: type[ScopedFilterSet]) -> frozenset[str]:
    rows = filterset._meta.model._default_manager.none()
    return frozenset(_names(filterset(queryset=rows).form))


def _names(form: forms.Form) -> Iterator[str]:
    for name, field in form.fields.items():
        widget = field.widget
        if isinstance(widget, SuffixedMultiWidget):
            yield from (widget.suffixed(name, suffix) for suffix in widget.suffixes)
        elif isinstance(widget, forms.MultiWidget):
            yield from (name + suffix for suffix in widget.widgets_names)
        else:
            yield name


class PlainSelect(forms.Select):
    """A list of two hundred regions without a template for each: a tenth of the time."""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> Any:
        context = self.get_context(name, [] if value is None else value, attrs)["widget"]
        options = format_html_join(
            "",
            '<option value="{}"{}>{}</option>',
            (
                (one["value"], mark_safe(" selected") if one["selected"] else "", one["label"])
                for _group, found, _index in context["optgroups"]
                for one in found
            ),
        )
        attributes = flatatt({**context["attrs"], "name": name})
        return format_html("<select{}>{}</select>", attributes, options)


class ScopedChoiceFilter(filters.ModelChoiceFilter):
    """A choice among the related rows the asking user may see; to others it answers "no such"."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"widget": PlainSelect, **kwargs})

    def get_queryset(self, request: Any) -> QuerySet[Any]:
        rows = super().get_queryset(request)
        return rows.none() if request is None else visible(rows, request.user)


class DaysWidget(DateRangeWidget):
    """From a day to a day, each picked from the browser's own calendar."""

    def __init__(self, attrs: Any = None) -> None:
        super().__init__({"type": "date", **(attrs or {})})

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> Any:
        first, last = self.get_context(name, value, attrs)["widget"]["subwidgets"]
        labelled = (
            (
                one["attrs"]["id"],
                word,
                self._render(one["template_name"], {"widget": one}, renderer),
            )
            for word, one in ((_("自"), first), (_("至"), last))
        )
        labels = format_html_join("", '<label for="{}">{}</label>{}', labelled)
        return format_html('<div class="date-range">{}</div>', labels)


class DaysFilter(filters.DateFromToRangeFilter):
    """Rows between two days, both included."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, widget=DaysWidget(), **kwargs)


class ChecksFilter(filters.MultipleChoiceFilter):
    """Rows with any of the choices that are ticked."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, widget=forms.CheckboxSelectMultiple, distinct=False, **kwargs)


class AgencyFilter(filters.CharFilter):
    """Rows of the agency with a code, or of those whose names hold all the words."""

    def filter(self, qs: QuerySet[Any], value: str) -> QuerySet[Any]:
        if not value:
            return qs
        agencies = Agency.objects.filter(code=value)
        if not agencies.exists():
            agencies = Agency.objects.all()
            for word in value.split():
                agencies = agencies.filter(name__contains=word)
        return qs.filter(**{f"{self.field_name}__in": agencies.values("pk")})


class YesNoFilter(filters.TypedChoiceFilter):
    """Rows for which a lookup, or a method, says true, or for which it does not."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        choices = [("", _("不限")), ("yes", _("是")), ("no", _("否"))]
        super().__init__(*args, choices=choices, coerce=lambda said: said == "yes", **kwargs)


class MineFilter(filters.ChoiceFilter):
    """Rows that concern the person who asks. For each choice a rule of the queryset that takes the
    user, so that a figure elsewhere and the list it leads to ask the same."""

    def __init__(self, *args: Any, rules: dict[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rules = rules

    def filter(self, qs: QuerySet[Any], value: str) -> QuerySet[Any]:
        return getattr(qs, self.rules[value])(self.parent.request.user) if value else qs


class FilterPanel(admin.ListFilter):
    """All filters of a list as one form beside it."""

    title = _("筛选")
    template = "roster/filter_panel.html"
    filterset_class: type[ScopedFilterSet]

    def __init__(self, request: HttpRequest, params: Any, model: Any, model_admin: Any) -> None:
        super().__init__(request, params, model, model_admin)
        given = {
            name: params.pop(name)
            for name in sorted(self.filterset_class.parameter_names())
            if name in params
        }
        self.used_parameters = given
        self.filterset = self.filterset_class(MultiValueDict(given), request=request)

    @classmethod
    def of(cls, filterset: type[ScopedFilterSet]) -> type[FilterPanel]:
        return type(f"{filterset.__name__}Panel", (cls,), {"filterset_class": filterset})

    def has_output(self) -> bool:
        return True

    def expected_parameters(self) -> list[str]:
        return sorted(self.filterset_class.parameter_names())

    def choices(self, changelist: Any) -> Iterator[dict[str, Any]]:
        """What the form must carry along: search and order, but never the page."""
        names = self.filterset_class.parameter_names()
        for name, values in changelist.filter_params.items():
            if name not in names:
                for value in values:
                    yield {"name": name, "value": value}

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Filtered rows; none when the form was filled in wrongly, with the reason beside it."""
        self.filterset.queryset = queryset
        return self.filterset.qs if self.filterset.is_valid() else queryset.none()
