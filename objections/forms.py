"""Forms of the enterprise: what is wrong, what it should be, and with which evidence."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from intake import evidence

from .enums import OF_RATINGS, OF_RECORDS, CaseKind, FileRole, Target
from .filing import Content, Item
from .models import Draft
from .words import OBJECTED, name_of_field

CLAIMS = 2
"""Fields one can name per record on the form; what goes beyond stands in the explanation."""
LONGEST = 2_000


def field_choices() -> list[tuple[str, Any]]:
    names = [(name, name_of_field(name)) for name in OBJECTED]
    return [("", _("请选择")), *names]


class ItemForm(forms.Form):
    """One record, or the rating: the ground, what is wrong in which field, and why. later: it is
    kept as it is, and what is missing asked for another time."""

    ground = forms.ChoiceField(label=_("理由类别"))
    explanation = forms.CharField(
        label=_("说明"), required=False, max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 3}),
    )  # fmt: skip

    def __init__(self, item: Item, *args: Any, later: bool = False, **kwargs: Any) -> None:
        initial = {"ground": item.ground, "explanation": item.explanation}
        for number, claim in enumerate(item.claims):
            initial |= {f"{part}_{number}": claim[part] for part in ("field", "is", "should")}
        super().__init__(*args, initial=initial, **kwargs)
        self.item, self.later = item, later
        of = OF_RECORDS if item.target == Target.RECORD else OF_RATINGS
        self.fields["ground"].choices = [("", _("请选择")), *((g.value, g.label) for g in of)]
        self.fields["ground"].required = False
        if item.target == Target.RECORD:
            for number in range(CLAIMS):
                self._add_claim(number)

    def _add_claim(self, number: int) -> None:
        for part, label in (("field", _("项目")), ("is", _("登记为")), ("should", _("应当是"))):
            name = f"{part}_{number}"
            if part == "field":
                self.fields[name] = forms.ChoiceField(
                    label=label, required=False, choices=field_choices()
                )
            else:
                self.fields[name] = forms.CharField(label=label, required=False, max_length=500)

    def claims(self) -> list[list[forms.BoundField]]:
        """The rows of the form's small table."""
        if self.item.target != Target.RECORD:
            return []
        return [
            [self[f"{part}_{number}"] for part in ("field", "is", "should")]
            for number in range(CLAIMS)
        ]

    def clean(self) -> None:
        for number, row in enumerate(self._rows()):
            if not row["field"] and any(row.values()) and not self.later:
                self.add_error(f"field_{number}", _("请选择是哪一项，或者清空这一行。"))

    def _rows(self) -> list[dict[str, str]]:
        data = self.cleaned_data
        return [
            {part: data.get(f"{part}_{number}", "").strip() for part in ("field", "is", "should")}
            for number in range(CLAIMS)
        ]

    def said(self) -> Item:
        return Item(
            record=self.item.record,
            ground=self.cleaned_data["ground"] or self.item.ground,
            claims=[row for row in self._rows() if any(row.values())],
            explanation=self.cleaned_data["explanation"],
        )


class ApplicationForm(forms.Form):
    """What a case says as a whole."""

    statement = forms.CharField(
        label=_("事实和理由"), required=False, max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 6}),
    )  # fmt: skip
    agent = forms.CharField(
        label=_("代理人姓名"), required=False, max_length=60,
        help_text=_("委托他人办理的填写，并提交授权委托书；本人办理的留空"),
    )  # fmt: skip
    committed = forms.BooleanField(
        label=_("本企业承诺：所填内容和所交材料真实、合法、有效，如有虚假，愿意承担相应责任。"),
        required=False,
    )

    def __init__(self, draft: Draft, *args: Any, **kwargs: Any) -> None:
        said = Content.of(draft)
        initial = {"statement": said.statement, "agent": said.agent, "committed": said.committed}
        super().__init__(*args, initial=initial, **kwargs)
        if draft.kind == CaseKind.HELP:
            del self.fields["agent"], self.fields["committed"]
            self.fields["statement"].label = _("想了解的问题，或者遇到的困难")


def roles_of(kind: str) -> list[FileRole]:
    """What files can be there for, the one most needed first."""
    first = [FileRole.PROOF] if kind == CaseKind.REPAIR else [FileRole.EVIDENCE]
    return [*first, FileRole.COMMITMENT, FileRole.AUTHORISATION]


class SeveralFiles(forms.ClearableFileInput):
    allow_multiple_selected = True


class SeveralFilesField(forms.FileField):
    """Files chosen together; what each holds is looked at when it is taken in."""

    widget = SeveralFiles

    def clean(self, data: Any, initial: Any = None) -> Any:
        return [super(SeveralFilesField, self).clean(file, initial) for file in data or () if file]


class FilesForm(forms.Form):
    """One field of files for each purpose; several can be chosen at once."""

    def __init__(self, kind: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for role in roles_of(kind):
            self.fields[role.value] = SeveralFilesField(
                label=role.label,
                required=False,
                widget=SeveralFiles(attrs={"accept": evidence.ACCEPTED}),
            )

    def chosen(self) -> list[tuple[Any, str]]:
        """The files that came, each with its purpose."""
        return [(file, name) for name, files in self.cleaned_data.items() for file in files]


class ReasonForm(forms.Form):
    """Why, in a few words; may be left empty."""

    reason = forms.CharField(
        label=_("说明"), required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 4})
    )
