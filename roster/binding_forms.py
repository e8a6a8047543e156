"""Forms by which people of enterprises register and ask to speak for one, and of who decides."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.utils.translation import gettext_lazy as _

from audit.refusal import Refused, explain
from intake import cells, evidence

from .enums import BindingRefusal
from .forms import unified_code
from .models import User


class BindingForm(forms.Form):
    """Which enterprise somebody wants to speak for, and the proof."""

    code = forms.CharField(
        label=_("统一社会信用代码"),
        max_length=40,
        help_text=_("18 位，见营业执照"),
        widget=forms.TextInput(attrs={"autocapitalize": "characters", "spellcheck": "false"}),
    )
    name = forms.CharField(
        label=_("企业名称"),
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )
    phone = forms.RegexField(
        r"^[0-9+() \-]{5,30}$",
        label=_("联系电话"),
        required=False,
        strip=True,
        help_text=_("选填，便于核定单位联系您"),
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}),
        error_messages={"invalid": _("电话号码请只填数字，可以有区号和连字符。")},
    )
    proof = forms.FileField(
        label=_("证明材料"),
        max_length=None,
        widget=forms.FileInput(attrs={"accept": evidence.ACCEPTED}),
        help_text=_(
            "加盖企业公章的授权书或法定代表人身份证明，PDF、JPEG、PNG 或 DOCX，不超过 10 MB"
        ),
        error_messages={
            "required": _("请选择证明材料。"),
            "missing": _("请选择证明材料。"),
            "invalid": _("文件没有上传成功，请重新选择。"),
            "empty": _("文件是空的（0 字节）。请重新选择文件。"),
        },
    )

    def clean_code(self) -> str:
        return unified_code(self.cleaned_data["code"])

    def clean_name(self) -> str:
        return cells.name(self.cleaned_data["name"])

    def clean_proof(self) -> evidence.Evidence:
        """The file looked through; what it is refused for stands beside its field."""
        file = self.cleaned_data["proof"]
        try:
            return evidence.examine(file, name=file.name)
        except Refused as refusal:
            raise forms.ValidationError(explain(refusal), code=refusal.code) from None


class BindingDecisionForm(forms.Form):
    """Whether a request to speak for an enterprise is granted; a refusal says why."""

    APPROVE, REFUSE = "approve", "refuse"

    decision = forms.ChoiceField(choices=[(APPROVE, APPROVE), (REFUSE, REFUSE)])
    refusal = forms.ChoiceField(
        label=_("未同意的原因"),
        choices=[("", "—"), *BindingRefusal.choices],
        required=False,
    )
    reason = forms.CharField(
        label=_("说明"),
        max_length=200,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "class": "vLargeTextField"}),
        help_text=_("申请人可以看到。原因为“其他原因”的，须写明"),
    )

    @property
    def agrees(self) -> bool:
        return self.cleaned_data["decision"] == self.APPROVE

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("decision") == self.REFUSE and not given.get("refusal"):
            self.add_error("refusal", _("请选择未同意的原因。"))
        if given.get("refusal") == BindingRefusal.OTHER and not given.get("reason"):
            self.add_error("reason", _("请写明原因。"))
        return given

    def given(self) -> dict[str, str]:
        """What the form says, as the service takes it."""
        return {"refusal": self.cleaned_data["refusal"], "reason": self.cleaned_data["reason"]}


class RegisterForm(forms.Form):
    """An account that somebody of an enterprise makes; its name is made by the portal."""

    full_name = forms.CharField(
        label=_("姓名"), max_length=60, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    email = forms.EmailField(
        label=_("电子邮箱"),
        required=False,
        help_text=_("选填，忘记密码时用来重设"),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        error_messages={"invalid": _("电子邮箱的写法不对，请核对；没有可以不填。")},
    )
    password = forms.CharField(
        label=_("密码"),
        strip=False,
        help_text=_("至少 8 个字符，不能全是数字，也不要用姓名"),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label=_("再输一次密码"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if "password" in given and "again" in given:
            if given["password"] != given["again"]:
                self.add_error("again", _("两次输入的密码不一致。"))
            person = User(full_name=given.get("full_name", ""), email=given.get("email", ""))
            try:
                validate_password(given["password"], person)
            except forms.ValidationError as fault:
                self.add_error("password", fault)
        return given


class ForgottenForm(forms.Form):
    """The account whose password is forgotten."""

    username = forms.CharField(
        label=_("账号"),
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none"}),
    )
