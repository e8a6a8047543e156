"""What makes an A, a B, a C, a D. Source: R34–R37, 四(三)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields

A, B, C, D = "A", "B", "C", "D"


class SchemeGap(Exception):
    """No rule covers the facts: a gap in the scheme is never a grade."""


@dataclass(frozen=True, slots=True, order=True)
class Facts:
    """What was counted about an enterprise on a reference date; equal facts, equal verdict.

    revoked: business licence revoked. listed: on a seriously dishonest list, not removed.
    severe, general: records within the window. serious: a general record's serious consequence
    was confirmed by a named person. claimed: one was claimed and is not confirmed yet.
    disputed: a record that counted was under dispute.
    """

    revoked: bool = False
    listed: bool = False
    severe: int = 0
    general: int = 0
    serious: bool = False
    claimed: bool = False
    disputed: bool = False

    @property
    def key(self) -> str:
        """The facts as one text, as the database writes it.

        >>> Facts(general=3, disputed=True).key
        '0|0|0|3|0|0|1'
        """
        return "|".join(str(int(getattr(self, field.name))) for field in fields(self))

    @classmethod
    def parse(cls, key: str) -> Facts:
        """The facts a key stands for.

        >>> Facts.parse("0|0|0|3|0|0|1") == Facts(general=3, disputed=True)
        True
        """
        revoked, listed, severe, general, serious, claimed, disputed = map(int, key.split("|"))
        return cls(
            bool(revoked), bool(listed), severe, general,
            bool(serious), bool(claimed), bool(disputed),
        )  # fmt: skip


@dataclass(frozen=True)
class Rule:
    """One sentence of the standard: the grade it gives, its clause, and when it applies."""

    code: str
    grade: str
    clause: str
    applies: Callable[[Facts], bool]


def rules_of_2022(*, general_limit: int) -> tuple[Rule, ...]:
    """The standard of the 2022 policy, the most severe first; the last rule is open.

    `general_limit` is the 5 of "5次以下（含5次）". Source: R34–R37, 四(三); for
    `serious_consequence` and `awaiting_confirmation` the text names no class (gap 1).
    """
    return (
        Rule("licence_revoked", D, "四（三）D类", lambda f: f.revoked),
        Rule("severe_listed", C, "四（三）C类", lambda f: f.listed),
        Rule("severe_penalty", C, "四（三）C类", lambda f: f.severe > 0),
        Rule("over_limit", C, "四（三）C类", lambda f: f.general > general_limit),
        Rule("serious_consequence", C, "四（三）B类、C类", lambda f: f.general > 0 and f.serious),
        Rule("awaiting_confirmation", B, "四（三）B类", lambda f: f.general > 0 and f.claimed),
        Rule("within_limit", B, "四（三）B类", lambda f: f.general > 0),
        Rule("no_record", A, "四（三）A类", lambda f: True),
    )


def decide(facts: Facts, rules: tuple[Rule, ...]) -> Rule:
    """The first rule that applies, most severe first.

    Raises SchemeGap when none does: a gap in the scheme is never a grade.
    Source: R34–R37, 四(三).
    """
    for rule in rules:
        if rule.applies(facts):
            return rule
    raise SchemeGap(f"No rule covers {facts}; the last rule must be open.")
