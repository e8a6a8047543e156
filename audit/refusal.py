"""Refusals: what the rules say no with, how it reads, and how it is recorded."""

from collections.abc import Mapping
from typing import Any

from audit.errors import NotPermitted, Refused
from audit.messages import UNKNOWN_REFUSAL

__all__ = [
    "NotPermitted",
    "Refused",
    "explain",
    "explain_code",
    "record_refusal",
    "register_messages",
]


_sentences: dict[str, Any] = {}


def register_messages(messages: Mapping[str, Any]) -> None:
    """Sentences by code; each room gives its own when the portal starts."""
    _sentences.update(messages)


def explain(exc: BaseException) -> str:
    """The sentence for a refusal, in the language of the reader."""
    return explain_code(
        getattr(exc, "code", None) or type(exc).__name__, getattr(exc, "values", {})
    )


def explain_code(code: str, values: Mapping[str, Any]) -> str:
    """The sentence for a code; a value that was not given shows as an ellipsis."""
    return str(_sentences.get(code, UNKNOWN_REFUSAL)).format_map(_Given({"code": code, **values}))


class _Given(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "…"


def record_refusal(
    *, act: str, by: Any, exc: BaseException, target: object = None, durable: bool = True
) -> None:
    """Write the refusal as an event of its own, after the act was rolled back.

    Called by the edge only (middleware, commands, tasks). Not `durable` where the edge's own
    transaction holds a row that must stand or fall with the event.
    """
    from audit.acts import write_refusal  # rules import this module before the models are loaded

    write_refusal(act=act, by=by, exc=exc, target=target, durable=durable)
