"""Acts on the composition table, by the provincial lead agency. Source: R20–R24, 三(一)."""

from __future__ import annotations

import re

from audit.acts import act, note
from audit.refusal import Refused
from roster.enums import Permission
from roster.saving import store
from roster.scope import Actor, require

from .models import Kind

CODE = re.compile(r"[a-z][a-z0-9_]*")


@act("records.kind_saved")
def save_kind(*, by: Actor, kind: Kind) -> Kind:
    """Add a kind of information or correct what the table says about it.

    Records of a new kind can be given at once; it counts only from the scheme that names it.
    Raises NotPermitted, Refused. Source: R20, R24.
    """
    require(by, Permission.EDIT_KINDS, kind)
    if CODE.fullmatch(kind.code) is None:
        raise Refused("records.kind_code", code=kind.code)
    known = Kind.objects.select_for_update().filter(pk=kind.pk)
    before = None if kind._state.adding else known.first()
    store(kind)
    note(
        target=kind,
        changes=[
            (field.attname, str(getattr(before, field.attname, "")), str(value))
            for field in Kind._meta.concrete_fields
            if (value := getattr(kind, field.attname)) != getattr(before, field.attname, None)
            and not field.primary_key
        ],
    )
    return kind


__all__ = ["save_kind"]
