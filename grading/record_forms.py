"""Forms about records; what they refuse, the services refuse again."""

from __future__ import annotations

import unicodedata
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from records.enums import Category
from records.messages import MESSAGES
from records.models import Kind, Record
from roster.admin_scope import ScopedForm
from roster.admin_scope.fields import plain_decimal
from roster.enums import Status
from roster.models import Enterprise
from roster.rules.registration import name_key, name_keys

GIVEN_FIELDS = (
    "kind", "authority", "number", "decided_on", "ended_on", "end_reason", "measures", "conduct",
    "facts", "basis", "content", "fine_wan", "confiscated_wan", "licence", "valid_until",
    "publication_until", "serious_claimed", "remark",
)  # fmt: skip
DATES = ("decided_on", "ended_on")
UNDECIDED = "penalty_undecided"
AMOUNTS = ("fine_wan", "confiscated_wan")


class RecordForm(ScopedForm):
    """A record as a clerk gives it, or puts it right: then the reason is asked for."""

    enterprise_code = forms.CharField(
        label=_("统一社会信用代码"),
        max_length=24,
        widget=forms.TextInput(attrs={"class": "vTextField code", "autocomplete": "off"}),
    )
    enterprise_name = forms.CharField(
        label=_("企业名称"),
        max_length=200,
        widget=forms.TextInput(attrs={"class": "vTextField"}),
        help_text=_("须与代码对应的企业名称或曾用名一致，以防代码录错"),
    )
    reason = forms.CharField(
        label=_("更正理由"),
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "class": "vLargeTextField"}),
        help_text=_("会改变等级的更正须由另一人复核后生效，其他更正立即生效"),
    )

    class Meta:
        model = Record
        fields = GIVEN_FIELDS

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        record = self.instance
        if record.pk and record.enterprise_id:
            self.initial.setdefault("enterprise_code", record.enterprise_id)
            self.initial.setdefault("enterprise_name", record.enterprise.name)
        if "reason" in self.fields:
            self.fields["reason"].required = bool(record.pk)
        for name in AMOUNTS:
            value = self.initial.get(name)
            if isinstance(value, Decimal):  # from an address it is a text, of whatever kind
                self.initial[name] = plain_decimal(value)

    def clean_enterprise_code(self) -> str:
        return "".join(
            unicodedata.normalize("NFKC", self.cleaned_data["enterprise_code"]).split()
        ).upper()

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or {}
        today = localdate()
        for name in DATES:
            value = cleaned.get(name)
            if value is not None and value > today:
                self._refuse(
                    name,
                    "records.future_date",
                    label=Record._meta.get_field(name).verbose_name,
                    value=value.isoformat(),
                )
        if cleaned.get("enterprise_code") and cleaned.get("enterprise_name"):
            self._match(cleaned["enterprise_code"], cleaned["enterprise_name"])
        return cleaned

    def _match(self, code: str, name: str) -> None:
        """Code and name must speak of the same enterprise; the code is the identity."""
        found = Enterprise.objects.filter(pk=code).first()
        own = code == self.instance.enterprise_id
        if found is None or (found.status == Status.TAKEN_BACK and not own):
            self._refuse("enterprise_code", "records.unknown_enterprise", code=code)
            return
        if name_key(name) not in name_keys(found.name, found.former_names):
            self._refuse("enterprise_name", "records.name_differs", code=code, name=name)

    def _refuse(self, field: str, reason: str, /, **values: Any) -> None:
        self.add_error(field, str(MESSAGES[reason]).format(**values))

    def given(self) -> dict[str, Any]:
        """What the form says, by the names of the columns."""
        said: dict[str, Any] = {"enterprise_id": self.cleaned_data["enterprise_code"]}
        for name in GIVEN_FIELDS:
            value = self.cleaned_data[name]
            if name in ("kind", "authority"):
                said[f"{name}_id"] = value.pk
            elif isinstance(value, str):
                said[name] = value.replace("\r\n", "\n")  # as a browser sends line breaks
            else:
                said[name] = value
        return said


class ReasonForm(forms.Form):
    """Why; nothing of the kind is done without."""

    reason = forms.CharField(
        label=_("理由"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3, "class": "vLargeTextField"}),
    )


class KindForm(ReasonForm):
    """The kind of penalties whose wording was not recognised."""

    kind = forms.ModelChoiceField(label=_("信息类别"), queryset=Kind.objects.none())
    field_order = ("kind", "reason")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = Kind.objects.effective_on(localdate()).exclude(category=Category.BASIC)
        self.fields["kind"].queryset = kinds.exclude(pk=UNDECIDED)  # type: ignore[attr-defined]


class DecisionForm(forms.Form):
    """A second person's answer to a correction; a refusal says why."""

    AGREE, REFUSE = "agree", "refuse"

    decision = forms.ChoiceField(choices=[(AGREE, AGREE), (REFUSE, REFUSE)])
    basis = forms.CharField(required=False)
    reason = forms.CharField(
        label=_("复核意见"),
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "class": "vLargeTextField"}),
        help_text=_("不同意时须写明理由"),
    )

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or {}
        if cleaned.get("decision") == self.REFUSE and not cleaned.get("reason", "").strip():
            self.add_error("reason", _("不同意须写明理由。"))
        return cleaned
