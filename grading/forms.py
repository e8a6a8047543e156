"""Forms of the grading room; what they refuse, the services refuse again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from records.models import Kind
from roster.admin_scope import ScopedForm
from roster.models import Region

from .enums import RunKind, Weight
from .messages import MESSAGES
from .models import RunSchedule, Scheme
from .rules.scheme import Counting
from .rules.window import FIRST_REFERENCE_DATE, is_leap_day
from .schemes import Draft

ALL, SOME = "all", "some"


class StartForm(forms.Form):
    """Which run to start: kind, reference date, rosters.

    `free` are the rosters that may be taken, `busy` the codes of those with an unfinished part.
    """

    kind = forms.ChoiceField(
        label=_("评价类型"),
        choices=RunKind.choices,
        widget=forms.RadioSelect,
        initial=RunKind.ANNUAL,
    )
    reference_date = forms.DateField(
        label=_("评价基准日"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    which = forms.ChoiceField(
        label=_("评价范围"), choices=[(ALL, ""), (SOME, "")], initial=ALL, widget=forms.RadioSelect
    )
    rosters = forms.MultipleChoiceField(
        label=_("名录"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(
        self, *args: Any, free: list[Region], busy: list[str], on: dt.date, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.free, self.busy, self.on = free, busy, on
        self.fields["rosters"].choices = [(region.pk, str(region)) for region in free]  # type: ignore[attr-defined]
        self.fields["reference_date"].widget.attrs["max"] = on.isoformat()

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        date = given.get("reference_date")
        if date and date > self.on:
            self._refuse("reference_date", "grading.future_reference_date", date=date.isoformat())
        elif date and date < FIRST_REFERENCE_DATE:
            first = FIRST_REFERENCE_DATE.isoformat()
            self._refuse("reference_date", "grading.early_reference_date", date=first)
        elif date and given.get("kind") != RunKind.AD_HOC and is_leap_day(date):
            self._refuse("reference_date", "grading.leap_day", date=date.isoformat())
        if given.get("which") == SOME and not given.get("rosters"):
            self.add_error("rosters", _("请至少选择一个名录。"))
        return given

    def _refuse(self, field: str, code: str, **values: str) -> None:
        self.add_error(field, str(MESSAGES[code]).format(**values))

    @property
    def regions(self) -> list[str]:
        """Codes of the rosters to grade; when none is free those that are not, to be refused."""
        if self.cleaned_data["which"] == SOME:
            return self.cleaned_data["rosters"]
        return [region.pk for region in self.free] or self.busy


class WithdrawalForm(forms.Form):
    """Why a part should be given up."""

    reason = forms.CharField(
        label=_("作废理由"), max_length=300, widget=forms.Textarea(attrs={"rows": 3})
    )


# --- drafts of the standard -------------------------------------------------------------------

SCOPES = (
    ("window", _("计算期内认定的")),
    ("window_open", _("计算期内认定，且到评价基准日尚未终止的")),
    ("open", _("不论何时认定，到评价基准日尚未终止（移出）的")),
    ("ever", _("不论何时认定的")),
)
FLAGS = {
    "window": (True, False),
    "window_open": (True, True),
    "open": (False, True),
    "ever": (False, False),
}
"""A scope as (in_window, while_open)."""


class KindForm(forms.Form):
    """How one kind counts."""

    weight = forms.ChoiceField(label=_("计为"), choices=Weight.choices)
    scope = forms.ChoiceField(label=_("范围"), choices=SCOPES)

    def __init__(self, *args: Any, kind: Kind, counting: Counting, **kwargs: Any) -> None:
        scopes = {flags: name for name, flags in FLAGS.items()}
        given = {
            "weight": counting.weight,
            "scope": scopes[counting.in_window, counting.while_open],
        }
        super().__init__(*args, prefix=f"kind-{kind.pk}", initial=given, **kwargs)
        self.kind = kind
        for field in self.fields.values():
            field.widget.attrs["aria-label"] = f"{kind} {field.label}"

    @property
    def counting(self) -> Counting:
        in_window, while_open = FLAGS[self.cleaned_data["scope"]]
        return Counting(self.cleaned_data["weight"], in_window=in_window, while_open=while_open)


class GradeForm(forms.Form):
    """The name and meaning of one grade."""

    name = forms.CharField(label=_("名称"), max_length=20)
    meaning = forms.CharField(label=_("内涵"), max_length=300)

    def __init__(self, *args: Any, grade: str, words: tuple[str, str], **kwargs: Any) -> None:
        given = {"name": words[0], "meaning": words[1]}
        super().__init__(*args, prefix=f"grade-{grade}", initial=given, **kwargs)
        self.grade = grade
        for field in self.fields.values():
            field.widget.attrs["aria-label"] = f"{grade} {field.label}"


class DraftForm(forms.Form):
    """A whole draft: its head, a line for each kind, a line for each grade."""

    title = forms.CharField(
        label=_("名称"), max_length=120, widget=forms.TextInput(attrs={"class": "vLargeTextField"})
    )
    window_months = forms.IntegerField(
        label=_("计算期（月）"), min_value=1, max_value=120,
        help_text=_("从评价基准日往前推算；政策为1年，即12个月"),
    )  # fmt: skip
    general_limit = forms.IntegerField(
        label=_("B类一般失信行为次数上限"), min_value=1, max_value=1000,
        help_text=_("政策为“5次以下（含5次）”，即5；超过的为C类"),
    )  # fmt: skip
    note = forms.CharField(
        label=_("修改说明"), required=False, max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )  # fmt: skip

    def __init__(self, data: Any = None, *, scheme: Scheme) -> None:
        said = Draft.of(scheme)
        head = {name: getattr(said, name) for name in ("title", "window_months", "note")}
        initial = {**head, "general_limit": said.general_limit}
        super().__init__(data, initial=initial)
        kinds = Kind.objects.in_bulk(list(said.kinds))
        self.kinds = [
            KindForm(data, kind=kind, counting=said.kinds[code]) for code, kind in kinds.items()
        ]
        self.grades = [
            GradeForm(data, grade=grade, words=words) for grade, words in said.grades.items()
        ]

    def rows(self) -> Iterator[forms.Form]:
        yield from (*self.kinds, *self.grades)

    def is_valid(self) -> bool:
        return all([super().is_valid(), *(row.is_valid() for row in self.rows())])

    @property
    def draft(self) -> Draft:
        """What the form says, once it is valid."""
        given = self.cleaned_data
        return Draft(
            title=given["title"],
            window_months=given["window_months"],
            general_limit=given["general_limit"],
            note=given["note"],
            kinds={row.kind.pk: row.counting for row in self.kinds},
            grades={
                row.grade: (row.cleaned_data["name"], row.cleaned_data["meaning"])
                for row in self.grades
            },
        )


class ScheduleForm(ScopedForm):
    """A new cycle, or the end of one."""

    class Meta:
        model = RunSchedule
        fields = ("kind", "month", "day", "wait_days", "since", "until")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "kind" in self.fields:
            self.fields["kind"].choices = [  # type: ignore[attr-defined]
                choice for choice in RunKind.choices if choice[0] != RunKind.AD_HOC
            ]
