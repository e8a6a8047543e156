"""Acts on the composition table, by the provincial lead agency. Source: R20–R24, 三(一)."""

from __future__ import annotations

import re

from audit.acts import act, note
from audit.refusal import Refused
from intake.cells import words
from roster.enums import Permission
from roster.rules.registration import name_key
from roster.saving import store
from roster.scope import Actor, require

from .enums import Shape
from .models import Kind

SHORTEST = 2
"""Characters of a list's name; a single one stands in too many."""
CODE = re.compile(r"[a-z][a-z0-9_]*")


@act("records.kind_saved")
def save_kind(*, by: Actor, kind: Kind) -> Kind:
    """Add a kind of information or correct what the table says about it.

    Records of a new kind can be given at once; it counts only from the scheme that names it.
    Raises NotPermitted, Refused (code, names of lists). Source: R20, R24.
    """
    require(by, Permission.EDIT_KINDS, kind)
    if CODE.fullmatch(kind.code) is None:
        raise Refused("records.kind_code", code=kind.code)
    _check_list_names(kind)
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


def _check_list_names(kind: Kind) -> None:
    """A name leads to one kind only, and is long enough to be one."""
    names = words(kind.list_names)
    if names and kind.shape != Shape.STATE:
        raise Refused("records.list_of_no_state")
    taken = {
        name_key(name): other.name
        for other in Kind.objects.exclude(pk=kind.pk)
        for name in other.names_of_lists()
    }
    for name in names:
        if len(name_key(name)) < SHORTEST:
            raise Refused("records.list_name_short", name=name)
        if name_key(name) in taken:
            raise Refused("records.list_name_taken", name=name, kind=taken[name_key(name)])


__all__ = ["save_kind"]
