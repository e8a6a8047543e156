"""How an object is named in an event."""

from collections import defaultdict
from collections.abc import Iterable

from django.db.models import Model

from audit.current import Target
from audit.plain import clean_text

TYPE_LIMIT, ID_LIMIT, LABEL_LIMIT = 100, 200, 200


def as_target(target: object) -> Target:
    """A model instance, or a tuple (type, id) or (type, id, label), as the event names it.

    >>> as_target(("intake.batch", 7))
    Target(type='intake.batch', id='7', label='7')
    """
    if isinstance(target, Target):
        return target
    if isinstance(target, Model):
        return _target(target._meta.label_lower, target.pk, str(target))
    if isinstance(target, tuple) and len(target) in (2, 3):
        return _target(target[0], target[1], target[-1])
    raise TypeError(f"A target is a saved model or (type, id, label), not {target!r}.")


def _target(type_: str, id_: object, label: object) -> Target:
    if id_ is None:
        raise TypeError(f"A {type_} must be saved before it can be noted.")
    return Target(
        clean_text(type_, limit=TYPE_LIMIT),
        clean_text(id_, limit=ID_LIMIT),
        clean_text(label, limit=LABEL_LIMIT),
    )


def target_keys(target: object, also: Iterable[object] = ()) -> dict[str, list[str]]:
    """Keys by type of an object and of the batches and runs it went through."""
    trail = getattr(target, "audit_trail", None)
    keys: dict[str, list[str]] = defaultdict(list)
    for item in (target, *(trail() if trail else ()), *also):
        named = as_target(item)
        keys[named.type].append(named.id)
    return dict(keys)
