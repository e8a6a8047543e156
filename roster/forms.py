"""Forms of the roster room; what they refuse, the services refuse again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms
from django.contrib.admin.forms import AdminPasswordChangeForm
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.password_validation import validate_password
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from audit.refusal import explain, explain_code
from intake import cells, limits

from .accounts import change_own_password
from .admin_scope.forms import ScopedForm, SmallTableField
from .enums import REGISTERED_AS, Level, Status
from .files import UnitLayout
from .models import Agency, AgencyName, Enterprise, Posting, Region, Reporting, Representative, User
from .sign_in import turned_away

DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


def unified_code(text: str) -> str:
    """A unified code as it is stored. Raises ValidationError, which says what is wrong with it."""
    try:
        code = cells.unified_code(text)
    except cells.BadCell as bad:
        raise forms.ValidationError(explain_code(f"intake.{bad.code}", bad.values)) from None
    if not code:
        raise forms.ValidationError(_("请填写统一社会信用代码。"))
    return code


class EnterpriseForm(ScopedForm):
    """Registration facts of one enterprise; which roster follows from them."""

    class Meta:
        model = Enterprise
        fields = (
            "code", "name", "former_names", "registration_number", "legal_representative",
            "address", "region", "industry", "affiliation", "monopoly", "status", "status_on",
            "established_on",
        )  # fmt: skip
        widgets = {"former_names": forms.Textarea(attrs={"rows": 2, "class": "vLargeTextField"})}

    status = forms.ChoiceField(
        label=_("登记状态"), choices=REGISTERED_AS, initial=Status.OPEN.value
    )

    def clean_code(self) -> str:
        return unified_code(self.cleaned_data["code"])

    def clean_name(self) -> str:
        return cells.name(self.cleaned_data["name"])

    def clean_former_names(self) -> str:
        """One to a line, as a file gives them: a browser sends other line breaks."""
        lines = (line.strip() for line in self.cleaned_data["former_names"].splitlines())
        return "\n".join(line for line in lines if line)

    def clean_status_on(self) -> dt.date | None:
        """The page still shows the day of the former state; it says nothing about the new one."""
        day, status = self.cleaned_data["status_on"], self.cleaned_data.get("status")
        former = self.initial.get("status")
        if (
            day is None
            or not former
            or status in (None, former)
            or "status_on" in self.changed_data
        ):
            return day
        raise forms.ValidationError(
            _("%(day)s 是“%(former)s”的日期。请填写“%(status)s”自何日起；日期不详的，请清空。"),
            params={
                "day": day,
                "former": Status(former).label,
                "status": Status(status).label,
            },
        )

    def validate_unique(self) -> None:
        """The service answers for a code that is known: it may be another unit's."""

    def given(self) -> dict[str, Any]:
        """What the form says, as the service takes it."""
        names = {"region": "region_id", "industry": "industry_id"}
        return {
            names.get(name, name): getattr(self.instance, names.get(name, name))
            for name in self.cleaned_data
            if name != "code"
        }


class PlaceForm(forms.Form):
    """Which roster an enterprise is put on by hand, and why."""

    region = forms.ModelChoiceField(label=_("名录"), queryset=Region.objects.none())
    level = forms.ChoiceField(
        label=_("名录层级"),
        choices=[("", _("与所选区划的层级一致")), *Level.choices],
        required=False,
        help_text=_("定州市、辛集市兼有市级和县级名录，请注明"),
    )
    reason = forms.CharField(
        label=_("理由"),
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 3, "class": "vLargeTextField"}),
    )

    def __init__(self, *args: Any, regions: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["region"].queryset = regions  # type: ignore[attr-defined]

    def given(self) -> dict[str, str]:
        """What the form says, as the service takes it."""
        region, level = self.cleaned_data["region"], self.cleaned_data["level"]
        return {
            "region": region.pk,
            "level": level or region.level,
            "reason": self.cleaned_data["reason"],
        }


class ReasonForm(forms.Form):
    """Why something is done."""

    reason = forms.CharField(
        label=_("理由"),
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 3, "class": "vLargeTextField"}),
    )

    def given(self) -> dict[str, str]:
        """What the form says, as the service takes it."""
        return {"reason": self.cleaned_data["reason"]}


class TakeBackForm(forms.Form):
    """A second person's answer to a request to take a file back; a refusal says why."""

    AGREE, REFUSE = "agree", "refuse"

    decision = forms.ChoiceField(choices=[(AGREE, AGREE), (REFUSE, REFUSE)])
    digest = forms.CharField(required=False)
    reason = forms.CharField(
        label=_("复核意见"),
        max_length=200,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "class": "vLargeTextField"}),
        help_text=_("不同意时须写明理由"),
    )

    @property
    def agrees(self) -> bool:
        return self.cleaned_data["decision"] == self.AGREE


class AccountForm(ScopedForm):
    """A new account, with its first password."""

    password = forms.CharField(
        label=_("初始密码"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("请当面告知本人，并请其首次登录后修改。"),
    )

    class Meta:
        model = User
        fields = ("username", "full_name", "email")

    def validate_unique(self) -> None:
        """The service answers for a name that is taken: it may be by this form's first click."""

    def clean_password(self) -> str:
        validate_password(self.cleaned_data["password"], self.instance)
        return self.cleaned_data["password"]


class PasswordForm(forms.Form):
    """A new password, typed twice."""

    password = forms.CharField(
        label=_("新密码"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label=_("再输一次"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if "password" in cleaned:
            if cleaned["password"] != cleaned.get("again"):
                raise forms.ValidationError(_("两次输入的密码不一致。"))
            validate_password(cleaned["password"], self.user)
        return cleaned


class OwnPasswordForm(AdminPasswordChangeForm):
    """The old password once, the new one twice."""

    def save(self, commit: bool = True) -> User:
        self.user = change_own_password(by=self.user, password=self.cleaned_data["new_password1"])
        return self.user


class SignInForm(AuthenticationForm):
    """For who holds a post or speaks for an enterprise; whom it turns away it tells why."""

    required_css_class = "required"
    error_messages: ClassVar[dict[str, Any]] = {
        **AuthenticationForm.error_messages,
        "invalid_login": _("账号或密码不正确。请核对后再试，注意区分大小写。"),
    }

    def confirm_login_allowed(self, user: Any) -> None:
        super().confirm_login_allowed(user)
        if refusal := turned_away(user, on=localdate()):
            raise forms.ValidationError(explain(refusal), code=refusal.code)


class PostingForm(ScopedForm):
    """A person in an agency in a role, from a day on."""

    class Meta:
        model = Posting
        fields = ("user", "agency", "role", "since", "until")

    def validate_constraints(self) -> None:
        """The service answers: it also sees posts that have an end."""


class PostingEndForm(forms.Form):
    """The day from which a post is no longer held."""

    until = forms.DateField(label=_("免职日期"), widget=DAY, help_text=_("当日起不再任职"))


class RepresentativeForm(ScopedForm):
    """A person and the enterprise to speak for, by its code: administrators see no enterprises."""

    code = forms.CharField(label=_("统一社会信用代码"), max_length=40)

    class Meta:
        model = Representative
        fields = ("user", "since", "until")

    def clean_code(self) -> str:
        return unified_code(self.cleaned_data["code"])


class RepresentationEndForm(forms.Form):
    """The day from which a person no longer speaks for an enterprise."""

    until = forms.DateField(label=_("终止日期"), widget=DAY, help_text=_("当日起不再代表该企业"))


class ReportingForm(ScopedForm):
    """To whom a region reports from a day on."""

    class Meta:
        model = Reporting
        fields = ("region", "superior", "since")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "since" in self.fields:
            self.fields["since"].required = True

    def validate_constraints(self) -> None:
        """The service ends the present line first, so two open ones are no fault here."""


class AgencyForm(ScopedForm):
    class Meta:
        model = Agency
        fields = ("code", "name", "region", "kind", "field", "since", "until")

    def validate_unique(self) -> None:
        """The service answers for a name that is taken: it says by whom."""
        try:
            self.instance.validate_unique(exclude=self._get_validation_exclusions() | {"name"})
        except forms.ValidationError as fault:
            self._update_errors(fault)

    def validate_constraints(self) -> None:
        """The service answers for a second lead agency: it says which is there, and when."""


class AgencyNameForm(ScopedForm):
    class Meta:
        model = AgencyName
        fields = ("name",)

    def validate_unique(self) -> None:
        """As for the agency's own name."""


class FileForm(forms.Form):
    """A file and what kind it is; only kinds that the person may send are offered."""

    layout = forms.ChoiceField(
        label=_("文件种类"),
        widget=forms.RadioSelect,
        error_messages={
            "required": _("请选择文件种类。"),
            "invalid_choice": _("请在所列的文件种类中选择。"),
        },
    )
    file = forms.FileField(
        label=_("文件"),
        max_length=None,
        widget=forms.FileInput(attrs={"accept": ".csv,.xlsx"}),
        error_messages={
            "required": _("请选择要上传的文件。"),
            "missing": _("请选择要上传的文件。"),
            "invalid": _("文件没有上传成功，请重新选择。"),
            "empty": _("文件是空的（0 字节）。请选择填有数据的文件。"),
        },
    )

    def __init__(self, *args: Any, kinds: Sequence[UnitLayout], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kinds = list(kinds)
        self.fields["layout"].choices = [(one.key, one.title) for one in kinds]  # type: ignore[attr-defined]
        if len(self.kinds) == 1 and not self.initial.get("layout"):
            self.initial["layout"] = self.kinds[0].key

    @property
    def chosen(self) -> UnitLayout | None:
        """The kind that is ticked, if any."""
        value = self["layout"].value()
        return next((one for one in self.kinds if one.key == value), None)

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if fault := getattr(file, "fault", ""):
            limit = {"limit_mb": limits.FILE_BYTES // limits.MB}
            raise forms.ValidationError(explain_code(fault, limit))
        return file


class CalendarForm(forms.Form):
    """The State Council's calendar of a year, as a table."""

    file = SmallTableField(
        label=_("节假日表（CSV）"), help_text=_("首行为 date,kind,festival；kind 为“休”或“班”")
    )
    source = forms.CharField(
        label=_("依据"), max_length=200, help_text=_("如：国办发明电〔2025〕7号")
    )
