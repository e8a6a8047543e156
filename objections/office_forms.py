"""Forms of the offices: reasons, findings, decisions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.http import urlencode
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from audit.refusal import Refused, explain
from grading.versions import checked, fitting, successor_of
from records.models import Record
from roster.enums import REGISTERED_AS, Level
from roster.geography import geography
from roster.rules.placing import roster_levels

from .deciding import Decision
from .enums import CaseKind, Finding, Outcome, Target
from .forms import field_choices
from .handling import Found, reasons_for
from .models import Case, CaseItem
from .statistics import Period

ROWS = 3
"""Corrections one can write per record on the form."""


class PeriodForm(forms.Form):
    """From a day to a day, both included; without a choice the year up to today."""

    since = forms.DateField(label=_("自"), widget=forms.DateInput({"type": "date"}))
    until = forms.DateField(label=_("至"), widget=forms.DateInput({"type": "date"}))

    def __init__(self, data: Any = None) -> None:
        today = localdate()
        year = {"since": today.replace(month=1, day=1).isoformat(), "until": today.isoformat()}
        super().__init__(year | (data.dict() if data else {}))

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if {"since", "until"} <= said.keys() and said["since"] > said["until"]:
            raise ValidationError(_("起始日期不能晚于截止日期。"))
        return said

    def period(self) -> Period | None:
        """None when it was filled in wrongly."""
        return Period(**self.cleaned_data) if self.is_valid() else None

    def query(self) -> str:
        return urlencode({name: str(self.cleaned_data[name]) for name in ("since", "until")})


class WhyForm(forms.Form):
    """A reason, needed or not as the step says."""

    def __init__(
        self, *args: Any, label: Any = "", needed: bool = True, longest: int = 1000, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"] = forms.CharField(
            label=label or _("说明"), required=needed, max_length=longest,
            widget=forms.Textarea(attrs={"rows": 4}),
        )  # fmt: skip


class RefusalForm(WhyForm):
    code = forms.ChoiceField(label=_("不予受理的理由"))
    field_order = ("code", "reason")

    def __init__(self, case: Case, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        reasons = reasons_for(case)
        self.fields["code"].choices = [("", _("请选择")), *((o.value, o.label) for o in reasons)]
        self.order_fields(self.field_order)


class FindingForm(forms.Form):
    """What was found of one item; which fields are right otherwise, the two below ask."""

    finding = forms.ChoiceField(
        label=_("核查结果"), choices=Finding.choices, widget=forms.RadioSelect
    )
    reason = forms.CharField(
        label=_("核查说明"), max_length=500, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, item: CaseItem, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.item = item

    def rows(self) -> list[list[forms.BoundField]]:
        """The rows of the small table of what is right."""
        return []

    def note(self) -> str:
        """What cannot be put right here, and why."""
        return ""

    def corrections(self) -> dict[str, str]:
        return {}

    def found(self) -> Found:
        data = self.cleaned_data
        return Found(self.item.pk, data["finding"], data["reason"], self.corrections())


class RecordFindingForm(FindingForm):
    """Of a record: its fields as they should be."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for number in range(ROWS):
            self.fields[f"field_{number}"] = forms.ChoiceField(
                label=_("项目"), required=False, choices=field_choices()
            )
            self.fields[f"value_{number}"] = forms.CharField(
                label=_("应当是"), required=False, max_length=500
            )

    def rows(self) -> list[list[forms.BoundField]]:
        return [[self[f"field_{n}"], self[f"value_{n}"]] for n in range(ROWS)]

    def corrections(self) -> dict[str, str]:
        data = self.cleaned_data
        return {
            data[f"field_{n}"]: data.get(f"value_{n}", "").strip()
            for n in range(ROWS)
            if data.get(f"field_{n}")
        }

    def clean(self) -> dict[str, Any]:
        """A value that no record can hold is told here, and one that does not go with the others."""
        data, record = super().clean() or {}, self.item.record
        assert record is not None  # noqa: S101 -- the form of a record
        for name, value in self.corrections().items():
            try:
                fitting({name: value}, model=Record)
            except ValidationError:
                label = Record._meta.get_field(name).verbose_name
                said = _("“{label}”不能是“{value}”。日期写作 2026-03-02，金额写数字（万元）。")
                raise ValidationError(str(said).format(label=label, value=value)) from None
        try:
            checked(self.corrections(), of=successor_of(record) or record)
        except Refused as refusal:
            raise ValidationError(explain(refusal)) from None
        return data


class RatingFindingForm(FindingForm):
    """Of a rating: the state of registration, or the roster, as it should be."""

    status = forms.ChoiceField(
        label=_("登记状态应当是"), required=False, choices=[("", _("不变")), *REGISTERED_AS]
    )
    status_on = forms.DateField(
        label=_("状态日期"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    roster = forms.ChoiceField(label=_("所在名录应当是"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.enterprise = self.item.case.enterprise
        if self.enterprise.keeper_id is None:
            del self.fields["roster"]
        else:
            self.fields["roster"].choices = [("", _("不变")), *rosters()]

    def rows(self) -> list[list[forms.BoundField]]:
        of_state = [self["status"], self["status_on"]]
        return [of_state, [self["roster"]]] if "roster" in self.fields else [of_state]

    def note(self) -> str:
        if self.enterprise.keeper_id is not None:
            return ""
        said = _(
            "企业的登记状态是“{status}”，不在任何名录，不能更正所在名录；"
            "登记状态有误的，更正后自动列入名录。"
        )
        return str(said).format(status=self.enterprise.get_status_display())

    def corrections(self) -> dict[str, str]:
        data, found = self.cleaned_data, {}
        if data.get("status"):
            found["status"] = data["status"]
            found["status_on"] = str(data.get("status_on") or "")
        if data.get("roster"):
            found["keeper"], found["level"] = data["roster"].split(" ")
        return found


def rosters() -> list[tuple[str, str]]:
    """Every roster there is today: region and level."""
    where = geography(on=localdate())
    return [
        (f"{region} {level}", f"{where.names[region]} · {Level(level).label}")
        for region in sorted(where.levels)
        for level in roster_levels(where.levels[region], is_own_city=where.cities[region] == region)
    ]


def finding_form(item: CaseItem, *args: Any, **kwargs: Any) -> FindingForm:
    """The form for an item; of a repair it asks for no corrections."""
    if item.target == Target.RATING:
        return RatingFindingForm(item, *args, **kwargs)
    made_good = item.case.matter == CaseKind.REPAIR
    return (FindingForm if made_good else RecordFindingForm)(item, *args, **kwargs)


class OutcomeForm(forms.Form):
    """What is decided of one item."""

    outcome = forms.ChoiceField(label=_("处理"))
    reason = forms.CharField(
        label=_("处理理由"), max_length=500, widget=forms.Textarea(attrs={"rows": 3})
    )
    removed_on = forms.DateField(
        label=_("移出日期"), required=False, widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_("按“移出名单”处理时填写；留空为已经登记的移出日期，没有登记的为今天"),
    )  # fmt: skip

    def __init__(
        self, possible: Sequence[Outcome], item: CaseItem, *args: Any, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.item = item
        self.fields["outcome"].choices = [
            ("", _("请选择")),
            *((o.value, o.label) for o in possible),
        ]
        if Outcome.REMOVE not in possible:
            del self.fields["removed_on"]

    def decision(self) -> Decision:
        data = self.cleaned_data
        return Decision(self.item.pk, data["outcome"], data["reason"], data.get("removed_on"))
