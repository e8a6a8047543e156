"""What forms share: what a page was read at, what a service said to it, small tables."""

from __future__ import annotations

import hashlib
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Model

from audit.refusal import explain_code
from intake import limits


class ScopedForm(forms.ModelForm):
    """A model form that shows the sentence of a refused service above its fields."""

    refusal = ""

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        if self.refusal:
            raise ValidationError(self.refusal)
        return cleaned


class SmallTableField(forms.FileField):
    """A table of a few lines, read whole."""

    def clean(self, data: Any, initial: Any = None) -> Any:
        file = super().clean(data, initial)
        if file.size > limits.TABLE_BYTES:
            limit = {"limit_mb": limits.TABLE_BYTES // limits.MB}
            raise forms.ValidationError(explain_code("intake.file_too_large", limit))
        if fault := getattr(file, "fault", ""):
            raise forms.ValidationError(explain_code(fault, {}))
        return file


def fingerprint(obj: Model, *, without: tuple[str, ...] = (), also: tuple[str, ...] = ()) -> str:
    """What a row holds, in 16 characters; a page carries it back so that nothing is overwritten."""
    values = [
        f"{field.attname}={getattr(obj, field.attname)!s}"
        for field in obj._meta.concrete_fields
        if field.name not in without
    ]
    return hashlib.sha256("\n".join([*values, *also]).encode()).hexdigest()[:16]
