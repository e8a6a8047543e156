"""The form that says what registration should have been all along."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from roster.forms import EnterpriseForm

FIELDS = (
    "name", "former_names", "registration_number", "legal_representative", "address", "region",
    "industry", "affiliation", "monopoly", "status", "status_on", "established_on",
)  # fmt: skip


class RegistrationForm(EnterpriseForm):
    """The values as they are today, to be put right, and why."""

    reason = forms.CharField(
        label=_("更正理由"),
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 3, "class": "vLargeTextField"}),
        help_text=_("更正登记状态或状态日期须由另一人复核后生效，其他更正立即生效"),
    )

    def clean_status_on(self) -> dt.date | None:
        """As it stands: of a wrong state the day may have been right."""
        return self.cleaned_data["status_on"]

    def given(self) -> dict[str, Any]:
        """What the form says, by the names of the columns."""
        names = {"region": "region_id", "industry": "industry_id"}
        columns = [names.get(name, name) for name in FIELDS if name in self.cleaned_data]
        return {name: getattr(self.instance, name) for name in columns}
