"""What an act is called, and an event as a sentence."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _

from audit.enums import Outcome
from audit.refusal import explain_code

_labels: dict[str, Any] = {}


def register(labels: Mapping[str, Any]) -> None:
    """Names of acts; each room gives its own when the portal starts."""
    _labels.update(labels)


def label(act: str) -> str:
    """The name of an act, or its code when no room has named it."""
    return str(_labels.get(act, act))


def registered() -> frozenset[str]:
    """Every named act; the label test compares it with the declared ones."""
    return frozenset(_labels)


def sentence(event: Any) -> str:
    """Who did what to what, how many rows, and why.

    王某（石家庄市行政审批局）登记企业：某某公司；新增2行；理由：新设立
    """
    parts = _refused_parts(event) if event.outcome == Outcome.REFUSED else _done_parts(event)
    return _("；").join(parts)


def _done_parts(event: Any) -> Iterator[str]:
    notes = event.details.get("notes", [])
    yield _("{who}{label}").format(who=_who(event), label=label(event.act)) + _what(event)
    yield from _through(event)
    if within := _distinct(note.get("act") for note in notes):
        yield _("其中包括：{acts}").format(acts=_("、").join(label(act) for act in within))
    if added := _rows(notes, "added"):
        yield _("新增{count}行").format(count=added)
    if retracted := _rows(notes, "retracted"):
        yield _("撤回{count}行").format(count=retracted)
    if reasons := _distinct(note.get("reason") for note in notes):
        yield _("理由：{reasons}").format(reasons=_("、").join(reasons))


def _refused_parts(event: Any) -> Iterator[str]:
    yield _("{who}办理“{label}”未获准").format(who=_who(event), label=label(event.act)) + _what(
        event
    )
    yield from _through(event)
    yield _("原因：{reasons}").format(
        reasons=explain_code(event.details.get("code", ""), event.details.get("values", {}))
    )


def _who(event: Any) -> str:
    if not event.agency:
        return str(event.actor)
    return _("{actor}（{agency}）").format(actor=event.actor, agency=event.agency)


def _through(event: Any) -> Iterator[str]:
    """Which operating-system account acted for the person, if one did."""
    if account := event.details.get("ran_by"):
        yield _("由{account}在服务器上执行").format(account=account)


def _what(event: Any) -> str:
    if not event.target_label:
        return ""
    more = event.details.get("targets", {}).get("count", 1) - 1
    if more < 1:
        return _("：{target}").format(target=event.target_label)
    return _("：{target}等{count}个对象").format(target=event.target_label, count=more + 1)


def _rows(notes: list[dict[str, Any]], key: str) -> int:
    return sum(note.get(key, {}).get("count", 0) for note in notes)


def _distinct(texts: Iterator[str | None] | Any) -> list[str]:
    return list(dict.fromkeys(text for text in texts if text))
