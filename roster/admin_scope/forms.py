"""The form of a change page: what it was read at, and what a service said to it."""

from __future__ import annotations

import hashlib
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Model


class ScopedForm(forms.ModelForm):
    """A model form that shows the sentence of a refused service above its fields."""

    refusal = ""

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        if self.refusal:
            raise ValidationError(self.refusal)
        return cleaned


def fingerprint(obj: Model, *, without: tuple[str, ...] = (), also: tuple[str, ...] = ()) -> str:
    """What a row holds, in 16 characters; a page carries it back so that nothing is overwritten."""
    values = [
        f"{field.attname}={getattr(obj, field.attname)!s}"
        for field in obj._meta.concrete_fields
        if field.name not in without
    ]
    return hashlib.sha256("\n".join([*values, *also]).encode()).hexdigest()[:16]
