"""Several lines of one file about the same decision are put together before they are read."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar

from intake.layouts import Line, Outcome
from roster.files import UnitLayout
from roster.rules.registration import name_key

from ..passes import Merged, Place, RecordPass
from ..rules.identity import family, number_key
from ..services import GIVEN


class MergingLayout(UnitLayout):
    """Finds by kind, number and day which lines belong together. Source: design §4, §7."""

    @abstractmethod
    def kind_of(self, context: RecordPass, values: dict[str, Any]) -> str | Outcome:
        """The code of the kind a line speaks of, or why it is none."""

    def provider_key(self, values: dict[str, Any]) -> str:
        """What tells two behaviours of one day without a number apart; states the day alone."""
        return ""

    def place(self, context: RecordPass, values: dict[str, Any]) -> Place | None:
        """What lines about the same decision of one file have in common; None: never merged."""
        subject = values["code"] or values.get("registration_number")
        agency = context.agencies.get(name_key(values["authority"]))
        kin = self.family_of(context, values)
        if not (subject and agency and kin):
            return None
        where = (subject, agency.pk, kin)
        number = number_key(values.get("number") or "")
        day = (*where, values["decided_on"])
        if context.is_state(kin):
            return Place(number=hash((*where, number)) if number else 0, day=hash(day))
        if number:
            return Place(number=hash((*where, number)))
        return Place(told=hash((*day, self.provider_key(values))))

    def family_of(self, context: RecordPass, values: dict[str, Any]) -> str:
        """The family of kinds a line speaks of; "" when it speaks of none."""
        kind = self.kind_of(context, values)
        return "" if isinstance(kind, Outcome) else family(kind)

    def wants_scan(self, context: RecordPass, turn: int) -> bool:
        return turn == 0 or (turn == 1 and bool(context.doubled))

    def scan(self, context: RecordPass, lines: Sequence[Line], turn: int) -> None:
        """First find the decisions that stand in several lines, then put those lines together."""
        for line in lines:
            if turn == 0:
                if place := self.place(context, line.values):
                    context.count(place)
            elif (key := self._group(context, line.values)) is not None:
                self._put_together(context, key, line)

    def _put_together(self, context: RecordPass, key: int, line: Line) -> None:
        known = context.merged.setdefault(key, Merged(line.number, dict(line.values)))
        known.bare = known.bare or not line.values.get("number")
        if known.first == line.number:
            return
        both = {"first": known.first, "second": line.number}
        if known.values["decided_on"] != line.values["decided_on"]:
            known.conflict = ("decided_on", "records.two_dates", both)
        elif column := self.join(known.values, line.values):
            known.conflict = (column, "records.lines_differ", both)

    must_agree: ClassVar[frozenset[str]] = frozenset(GIVEN) - {"number"}
    """Columns in which two lines about one behaviour cannot both be right when they differ."""

    def join(self, values: dict[str, Any], more: dict[str, Any]) -> str:
        """Add to `values` what another line about the same decision says; the column in which
        the two contradict each other, if any."""
        differs = ""
        for name, new in more.items():
            old = values[name]
            if old in (None, "") or (old is False and new):
                values[name] = new
            elif name in self.must_agree and new not in (None, "", False, old):
                differs = differs or name
        return differs

    def _group(self, context: RecordPass, values: dict[str, Any]) -> int | None:
        if not context.doubled:
            return None
        place = self.place(context, values)
        return context.group(place) if place else None
