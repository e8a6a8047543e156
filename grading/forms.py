"""Forms of the grading room; what they refuse, the services refuse again."""

from __future__ import annotations

import datetime as dt
import secrets
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from roster.models import Region

from .enums import RunKind
from .messages import MESSAGES
from .rules.window import is_leap_day

ALL, SOME = "all", "some"


def new_form_key() -> str:
    """The key of one page view, by which a form sent twice is known."""
    return secrets.token_hex(16)


class StartForm(forms.Form):
    """Which run to start: kind, reference date, rosters. `free` are the rosters that may be taken."""

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
    form_key = forms.RegexField(r"^[0-9a-f]{32}$", widget=forms.HiddenInput)

    def __init__(self, *args: Any, free: list[Region], on: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.free, self.on = free, on
        self.fields["rosters"].choices = [(region.pk, str(region)) for region in free]  # type: ignore[attr-defined]
        self.fields["reference_date"].widget.attrs["max"] = on.isoformat()

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        date = given.get("reference_date")
        if date and date > self.on:
            self._refuse("reference_date", "grading.future_reference_date", date=date.isoformat())
        elif date and given.get("kind") != RunKind.AD_HOC and is_leap_day(date):
            self._refuse("reference_date", "grading.leap_day", date=date.isoformat())
        if given.get("which") == SOME and not given.get("rosters"):
            self.add_error("rosters", _("请至少选择一个名录。"))
        return given

    def _refuse(self, field: str, code: str, **values: str) -> None:
        self.add_error(field, str(MESSAGES[code]).format(**values))

    @property
    def regions(self) -> list[str]:
        """Codes of the rosters to grade."""
        if self.cleaned_data["which"] == SOME:
            return self.cleaned_data["rosters"]
        return [region.pk for region in self.free]


class WithdrawalForm(forms.Form):
    """Why a part should be given up."""

    reason = forms.CharField(
        label=_("作废理由"), max_length=300, widget=forms.Textarea(attrs={"rows": 3})
    )
