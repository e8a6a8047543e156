"""What a piece of registration news does to an enterprise and to its place on a roster.

Source: R12–R16, 二(二); R19, 二(三).
"""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Container, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from operator import attrgetter

from ..enums import REVOKED_STATUSES, Affiliation, Level, Monopoly, Status
from .placing import PROVINCE, NoPlace, Placing, place, stays_on_roster


@lru_cache(maxsize=65_536)
def name_key(name: str) -> str:
    """The name without bracket width, spaces and letter case: for finding, never for identity."""
    return "".join(unicodedata.normalize("NFKC", name).split()).casefold()


def name_keys(name: str, former_names: str = "") -> tuple[str, ...]:
    """The keys of every name an enterprise has or had, the present one first."""
    if not former_names:
        return (name_key(name),)
    known = (name_key(line) for line in (name, *former_names.splitlines()))
    return tuple(dict.fromkeys(key for key in known if key))


def search_key(name: str, former_names: str = "") -> str:
    """All keys in one text to look words up in. No key holds a space: no word reaches across two.

    >>> search_key("河北乙公司", "河北 甲公司")
    '河北乙公司 河北甲公司'
    """
    return " ".join(name_keys(name, former_names))


@dataclass(frozen=True, slots=True)
class Registered:
    """What registration says about an enterprise; the fields of `RegistrationFacts`."""

    name: str
    former_names: str = ""
    registration_number: str = ""
    legal_representative: str = ""
    address: str = ""
    region_id: str | None = None
    industry_id: str | None = None
    affiliation: str = Affiliation.OTHER
    monopoly: str = Monopoly.NONE
    status: str = Status.OPEN
    status_on: dt.date | None = None
    established_on: dt.date | None = None


FIELDS = tuple(Registered.__dataclass_fields__)
_values = attrgetter(*FIELDS)


@dataclass(frozen=True, slots=True)
class Standing:
    """An enterprise as the portal knows it: its facts, its roster, whether placed by hand."""

    facts: Registered
    keeper: str | None
    override: bool = False

    def home(self, geography: Geography) -> str:
        """The unit that answers for it: its roster's, or the place's once it stands on none."""
        return self.keeper or answering(
            self.facts.region_id, present=geography.levels, above=geography.above
        )


def answering(region: str | None, *, present: Container[str], above: Mapping[str, str]) -> str:
    """The unit that answers for a place: its own, or once that has ended the nearest one in effect
    that it reports to. The province answers for a place that is not known.
    """
    passed: set[str] = set()
    while region is not None and region not in present and region not in passed:
        passed.add(region)
        region = above.get(region)
    return region if region is not None and region in present else PROVINCE


@dataclass(frozen=True)
class Geography:
    """Regions of a day by code with their level, and for each the city it belongs to for R14.

    `names` also holds the regions of other days, `above` to whom a region reports, an ended one too.
    """

    levels: Mapping[str, str]
    cities: Mapping[str, str]
    names: Mapping[str, str] = field(default_factory=dict)
    above: Mapping[str, str] = field(default_factory=dict)

    def city_of(self, region: str) -> str:
        return self.cities[region]


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be written: the fate, the facts from now on, the roster from now on.

    moves: a new stay begins, on another roster or on the same one by another sentence of R13–R15.
    again: it is added as one that is new, and a row of it is there, of a file that was taken back.
    """

    code: str
    fate: str
    facts: Registered
    placing: Placing | None
    moves: bool
    changes: tuple[tuple[str, object, object], ...] = ()
    again: bool = False

    @property
    def keeper(self) -> str | None:
        """The roster from now on; None for an enterprise on none."""
        return self.placing.region if self.placing else None


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why nothing is written; `code` and `values` make the sentence at the edge."""

    code: str
    column: str
    values: tuple[tuple[str, object], ...] = ()


def plan(
    *,
    code: str,
    given: Mapping[str, object],
    before: Standing | None,
    geography: Geography,
    own: frozenset[str] | None,
    on: dt.date,
    correcting: bool = False,
) -> Plan | Refusal:
    """What news about one enterprise leads to, for an editor who keeps the rosters `own`.

    `given` holds only the fields the news speaks of; the others stay as they are. `own` is None
    for the operator. Another unit's enterprise is refused with that unit's name; an own
    enterprise may move away, but none can be pulled in. A revoked licence does not come back by
    news, only by a correction (`correcting`), which also says all there is to say. What has not
    happened `on` the day is no news. Who went with a file that was taken back comes in as if
    nothing had ever been said of it, by whichever unit. Source: R12–R16, R19.
    """
    future = _in_future(given, on)
    if future is not None:
        return future
    again = before is not None and before.facts.status == Status.TAKEN_BACK
    if again:
        if correcting:
            return Refusal("roster.taken_back", "status")
        before = None
    if before is None:
        if not given.get("name"):
            return Refusal("roster.name_missing", "name")
        facts = Registered(**given)  # type: ignore[arg-type]
    else:
        facts = _with(before.facts, given, correcting=correcting)
    if before is not None and own is not None and before.home(geography) not in own:
        return _of_other_unit(before.home(geography), geography)
    if (
        before is not None
        and not correcting
        and _undoes_revocation(before.facts.status, facts.status)
    ):
        return Refusal("roster.revocation_not_undone", "status")
    placing = _placing(facts, before, geography)
    if isinstance(placing, Refusal):
        return placing
    if before is None:
        home = placing.region if placing else facts.region_id
        if home is None:
            return Refusal("roster.region_missing", "region_id")
        if own is not None and home not in own:
            return _of_other_unit(home, geography)
        return Plan(code, "added", facts, placing, moves=placing is not None, again=again)
    if not correcting:
        facts = _keep_former_name(before.facts, facts)
    keeper = placing.region if placing else None
    changes = _changes(before.facts, facts)
    moves = keeper != before.keeper or (
        bool(changes) and _stays_otherwise(placing, before, geography)
    )
    fate = "changed" if changes or moves else "unchanged"
    return Plan(code, fate, facts, placing, moves=moves, changes=changes)


FUTURE = {
    "status_on": "roster.future_status",
    "established_on": "roster.future_establishment",
}


def _in_future(given: Mapping[str, object], on: dt.date) -> Refusal | None:
    for name, code in FUTURE.items():
        day = given.get(name)
        if isinstance(day, dt.date) and day > on:
            return Refusal(code, name, (("value", day),))
    return None


def _with(known: Registered, given: Mapping[str, object], *, correcting: bool) -> Registered:
    """The facts with the news; the same object when there is none, for most lines say nothing."""
    if all(getattr(known, name) == value for name, value in given.items()):
        return known
    news = replace(known, **given)  # type: ignore[arg-type]
    if not correcting and news.status != known.status and not given.get("status_on"):
        news = replace(news, status_on=None)  # the day of the former state is not the new one's
    return news


def _placing(
    facts: Registered, before: Standing | None, geography: Geography
) -> Placing | Refusal | None:
    """The roster the facts call for; None when the enterprise leaves. R19."""
    if not stays_on_roster(facts.status):
        return None
    if before is not None and before.override and (before.keeper or "") in geography.levels:
        keeper = str(before.keeper)
        return Placing(geography.levels[keeper], keeper, "override")
    if facts.region_id is None and _needs_region(facts):
        return Refusal("roster.region_missing", "region_id")
    if facts.region_id not in geography.levels and _asks_region(facts, before):
        name = geography.names.get(facts.region_id or "", facts.region_id)
        return Refusal("roster.region_ended", "region_id", (("region", name),))
    answer = place(
        affiliation=facts.affiliation,
        monopoly=facts.monopoly,
        region=facts.region_id or "",
        region_level=geography.levels.get(facts.region_id or "", Level.PROVINCE),
        city_of=geography.city_of,
    )
    if isinstance(answer, NoPlace):
        return Refusal(answer.code, "region_id", (("value", facts.region_id or ""),))
    return answer


def _stays_otherwise(placing: Placing | None, before: Standing, geography: Geography) -> bool:
    """Whether an enterprise that keeps its roster stands there by another sentence or level from
    now on: as 省属 instead of 央企, on the city's roster of 定州 instead of the county's."""
    was = _placing(before.facts, before, geography)
    return placing is not None and isinstance(was, Placing) and was != placing


def _needs_region(facts: Registered) -> bool:
    """Provincial enterprises have their roster without an address."""
    local = facts.affiliation in (Affiliation.OTHER, Affiliation.CITY)
    return local and facts.monopoly == Monopoly.NONE


def _asks_region(facts: Registered, before: Standing | None) -> bool:
    """Whether the region must be one of today: it decides the roster, or it is said only now."""
    if facts.region_id is None:
        return False
    return before is None or before.facts.region_id != facts.region_id or _needs_region(facts)


def _undoes_revocation(before: str, after: str) -> bool:
    """A revoked licence comes back by a correction with a second person only: a grade hangs on it."""
    return before in REVOKED_STATUSES and after not in REVOKED_STATUSES


def _of_other_unit(region: str, geography: Geography) -> Refusal:
    unit = geography.names.get(region, region)
    return Refusal("roster.other_unit", "code", (("unit", unit),))


def _keep_former_name(before: Registered, after: Registered) -> Registered:
    """A new name keeps the old one among the former names; width alone is no new name."""
    if before.name == after.name:
        return after
    if name_key(before.name) == name_key(after.name):
        return replace(after, name=before.name)
    known = [line for line in after.former_names.splitlines() if line.strip()]
    if name_key(before.name) in map(name_key, known):
        return after
    return replace(after, former_names="\n".join([*known, before.name]))


def _changes(before: Registered, after: Registered) -> tuple[tuple[str, object, object], ...]:
    if before is after:
        return ()
    pairs = zip(FIELDS, _values(before), _values(after), strict=True)
    return tuple((name, old, new) for name, old, new in pairs if old != new)
