"""Words of cases: `{% load cases %}`."""

import datetime as dt

from django import template

from grading.corrections import Effect

from ..clock import Reckoned
from ..words import name_of_charge, name_of_field, name_of_ground

register = template.Library()
register.filter("ground", name_of_ground)
register.filter("field_name", name_of_field)
register.filter("charge", name_of_charge)


@register.filter
def used(leg: Reckoned, on: dt.date) -> int | None:
    """How many days of a leg have counted."""
    return leg.used(on)


@register.filter
def changes_grade(effect: Effect) -> bool:
    return effect.before != effect.after
