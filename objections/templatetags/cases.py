"""Words of cases: `{% load cases %}`."""

from typing import Any

from django import template

from grading.corrections import Effect
from records.models import Record
from roster.models import Enterprise

from ..enums import Ground

register = template.Library()
OF_THE_ENTERPRISE = ("status", "status_on", "keeper", "level")


@register.filter
def ground(code: str) -> Any:
    """The name of a ground; nothing when none was chosen yet."""
    return Ground(code).label if code in Ground.values else ""


@register.filter
def field_name(name: str) -> Any:
    """What the offices call a field of a record, or of the enterprise."""
    model: Any = Enterprise if name in OF_THE_ENTERPRISE else Record
    known = {field.attname: field for field in model._meta.concrete_fields}
    known |= {field.name: field for field in model._meta.concrete_fields}
    return known[name].verbose_name if name in known else name


@register.filter
def changes_grade(effect: Effect) -> bool:
    return effect.before != effect.after
