"""What the invented enterprises did wrong: records of all kinds over several years.

A quarter of them never did anything, a few do it again and again, so that last year's evaluation
comes out mostly A and B, a few in a hundred C, about one in two hundred D.
"""

from __future__ import annotations

import datetime as dt
import math
from bisect import bisect
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from itertools import accumulate
from random import Random

from records.enums import MarkKind
from records.services import Given
from roster.enums import Status

from .enterprises import DAY, Newcomer, Place, World, between
from .fields import FIELDS, Field

FIRST_DAY = dt.date(2019, 1, 1)

TEMPERS = ((0.25, 0.0), (0.70, 3.7), (0.93, 8.4), (1.0, 15.5))
"""Shares of enterprises, added up, and how many records such a one has in all these years."""
NEWS_SHARE = 0.08
"""Of the records so many are younger than last year's evaluation."""


@dataclass(frozen=True)
class Habit:
    """How often a kind occurs, who decides it and how long its state lasts.

    weight: of a thousand records. field: '' for whatever supervises the trade. ends: the share
    of states that end, after `lasts` days at most. numbered: the share with a document number.
    """

    kind: str
    weight: float
    field: str = ""
    ends: float | None = None
    lasts: int = 400
    numbered: float = 1.0
    content: str = ""
    measure: str = ""


HABITS = (
    Habit("penalty_other", 400),
    Habit("abnormal_operation", 140, "market", 0.72, 420, content="未在规定期限公示年度报告"),
    Habit("judgment", 90, "court", 0.66, 500, content="买卖合同纠纷，判令支付货款"),
    Habit("tax_arrears", 75, "tax", 0.80, 300, 0.8, "欠缴增值税"),
    Habit("abnormal_taxpayer", 45, "tax", 0.70, 360, 0.8, "逾期未申报，认定为非正常户"),
    Habit("corrective_order", 50, "environment", content="责令限期改正"),
    Habit("broken_commitment", 40, "market", numbered=0.4, content="告知承诺事项经核查未履行"),
    Habit("breach_of_contract", 35, "housing", numbered=0.4, content="政府采购合同未按期履行"),
    Habit("enforcement", 30, "environment", content="代履行决定：清理堆放物料"),
    Habit("utility_arrears", 30, "housing", 0.75, 240, 0.2, "欠缴水费"),
    Habit("registration_change", 15, "market", numbered=0.5, content="变更经营范围"),
    Habit("penalty_undecided", 12, measure="责令停止违法行为"),
    Habit("judgment_defaulter", 7, "court", 0.62, 900, content="有履行能力而拒不履行生效法律文书"),
    Habit("seriously_dishonest", 4.5, "", 0.60, 1100, content="情节严重，列入严重失信主体名单"),
    Habit("licence_suspended", 4.5, measure="暂扣许可证件"),
    Habit("production_stopped", 4, measure="责令停产停业"),
    Habit("operation_restricted", 2.5, measure="限制开展生产经营活动"),
    Habit("licence_revoked", 2, measure="吊销许可证件"),
    Habit("grade_lowered", 1.5, "housing", measure="降低资质等级"),
    Habit("ordered_to_close", 1, "environment", measure="责令关闭"),
    Habit("employment_restricted", 1, "labour", measure="限制从业"),
)
REVOCATION = Habit("business_licence_revoked", 0, "market", measure="吊销营业执照")

PENALTIES = ("罚款", "警告", "警告、罚款", "通报批评", "没收违法所得、罚款", "没收非法财物")
PENALTY_STEPS = (0.52, 0.66, 0.80, 0.84, 0.94, 1.0)


@dataclass(frozen=True, slots=True)
class Behaviour:
    """One record as it is given, and what was said of it afterwards: (mark, since, reason)."""

    given: Given
    marks: tuple[tuple[str, dt.date, str], ...] = ()


@dataclass
class Inventor:
    """Invents records one enterprise after the other; numbers of documents run on.

    `office` answers with the key of the agency of a region ('' field: its lead agency).
    """

    rng: Random
    world: World
    office: Callable[[str, str], int]

    def __post_init__(self) -> None:
        self.numbers: Counter[tuple[int, int]] = Counter()

    @classmethod
    def seeded(cls, seed: int, *, world: World, office: Callable[[str, str], int]) -> Inventor:
        return cls(Random(f"behaviour {seed}"), world, office)

    def of(self, newcomer: Newcomer) -> list[Behaviour]:
        """Everything one enterprise did, oldest first where it matters to nobody."""
        place = self.world.places[str(newcomer.given["region_id"])]
        start = max(FIRST_DAY, newcomer.given["established_on"])
        end = self._end(newcomer)
        found = []
        if (end - start).days > 60:
            for _turn in range(self._how_many(start)):
                habit = HABITS[bisect(_STEPS, self.rng.random() * _STEPS[-1])]
                found.append(self._behave(newcomer, place, habit, self._day(start, end)))
        if self._licence_was_revoked(newcomer):
            day = newcomer.given.get("status_on") or self._day(start, self.world.reference)
            found.append(self._behave(newcomer, place, REVOCATION, day))
        return found

    def _end(self, newcomer: Newcomer) -> dt.date:
        """A revoked or deregistered enterprise does nothing more."""
        status_on = newcomer.given.get("status_on")
        gone = newcomer.given["status"] not in (Status.OPEN, Status.DORMANT, Status.OTHER)
        return status_on if gone and status_on else self.world.today

    def _how_many(self, start: dt.date) -> int:
        """By temper and age; a young enterprise had less time."""
        mark = self.rng.random()
        mean = next(mean for share, mean in TEMPERS if mark <= share)
        years = (self.world.today - start).days / 365
        return _poisson(self.rng, mean * min(1.0, 0.25 + years / 8)) if mean else 0

    def _day(self, start: dt.date, end: dt.date) -> dt.date:
        """More often of late; a few after last year's evaluation."""
        reference = self.world.reference
        if end > reference and (start >= reference or self.rng.random() < NEWS_SHARE):
            return between(self.rng, max(start, reference), end)
        last = min(end, reference)
        return last - DAY * int((last - start).days * self.rng.random() ** 1.12)

    def _licence_was_revoked(self, newcomer: Newcomer) -> bool:
        """Nearly always when registration says so; rarely when it does not, or not yet."""
        if newcomer.given["status"] == Status.REVOKED:
            return self.rng.random() < 0.85
        return newcomer.given["status"] == Status.OPEN and self.rng.random() < 0.0004

    def _behave(self, newcomer: Newcomer, place: Place, habit: Habit, day: dt.date) -> Behaviour:
        rng = self.rng
        field = FIELDS[habit.field or _supervisor(rng, newcomer)]
        region = self._region(place, field)
        authority = self.office(region, field.code)
        provider = authority if rng.random() < 0.75 else self.office(region, "")
        ended = self._ended(habit, day)
        turn = self._next(authority, day.year)
        is_penalty = bool(habit.measure) or habit.kind == "penalty_other"
        said = _penalty(rng, habit, field, day) if is_penalty else {"content": habit.content}
        given = Given(
            enterprise_id=newcomer.code,
            kind_id=habit.kind,
            authority_id=authority,
            provider_id=provider,
            decided_on=day,
            ended_on=ended,
            end_reason=_end_reason(habit) if ended else "",
            number=_number(region, field, day.year, turn) if rng.random() < habit.numbered else "",
            provider_key=f"{authority}-{turn}",
            serious_claimed=_may_be_serious(habit) and rng.random() < 0.012,
            **said,
        )
        return Behaviour(given, self._marks(habit, given))

    def _region(self, place: Place, field: Field) -> str:
        """Mostly the county's department, sometimes the city's or the province's."""
        mark = self.rng.random()
        if mark < 0.84:
            return place.code
        return place.city if mark < 0.97 else "130000"

    def _next(self, authority: int, year: int) -> int:
        self.numbers[authority, year] += 1
        return self.numbers[authority, year]

    def _ended(self, habit: Habit, day: dt.date) -> dt.date | None:
        if habit.ends is None or self.rng.random() >= habit.ends:
            return None
        end = day + DAY * (15 + int(self.rng.random() * habit.lasts))
        return end if end <= self.world.today else None

    def _marks(self, habit: Habit, given: Given) -> tuple[tuple[str, dt.date, str], ...]:
        """What was said of the record later; each of these is rare."""
        mark = self.rng.random()
        if given.serious_claimed:
            confirmed = mark < 0.45
            kind, reason = MarkKind.SERIOUS, "经审核，造成严重后果属实"
            return ((kind, self._since(given), reason),) if confirmed else ()
        if mark < 0.012:
            return ((MarkKind.REPAIRED, self._since(given), "已履行义务，准予信用修复"),)
        if mark < 0.016:
            return ((MarkKind.WITHDRAWN, self._since(given), "原决定经复议撤销"),)
        if mark < 0.020 and given.decided_on.year >= self.world.reference.year:
            return ((MarkKind.DISPUTED, self._since(given), "企业提出异议，正在核查"),)
        return ()

    def _since(self, given: Given) -> dt.date:
        return between(self.rng, given.decided_on, self.world.today)


def _supervisor(rng: Random, newcomer: Newcomer) -> str:
    fields = newcomer.trade.fields
    return fields[0] if rng.random() < 0.6 else rng.choice(fields)


def _may_be_serious(habit: Habit) -> bool:
    return habit.kind in ("penalty_other", "breach_of_contract", "broken_commitment")


def _end_reason(habit: Habit) -> str:
    if habit.kind == "judgment":
        return "已履行完毕"
    if habit.kind in ("tax_arrears", "utility_arrears"):
        return "已缴清"
    return "已改正，移出名单"


def _penalty(rng: Random, habit: Habit, field: Field, day: dt.date) -> dict[str, object]:
    """What a penalty says besides its number and day."""
    conduct, facts, basis = rng.choice(field.faults)
    measure = habit.measure or PENALTIES[bisect(PENALTY_STEPS, rng.random())]
    if habit.measure and habit.kind != "penalty_undecided" and rng.random() < 0.5:
        measure = f"罚款、{measure}"
    fine = _amount(rng, 0.1, 2.2) if "罚款" in measure else None
    taken = _amount(rng, 0.02, 1.8) if "没收违法所得" in measure else None
    amounts = [f"罚款{fine}万元"] if fine else []
    amounts += [f"没收违法所得{taken}万元"] if taken else []
    severe = bool(habit.measure)
    licence = field.licence if "许可证件" in measure else ""
    return {
        "measures": measure,
        "conduct": conduct,
        "facts": facts,
        "basis": f"{basis}有关规定",
        "content": "，".join(amounts) or measure,
        "fine_wan": fine,
        "confiscated_wan": taken,
        "licence": licence,
        "publication_until": day + DAY * (365 * 3 if severe else 365),
    }


def _amount(rng: Random, least: float, spread: float) -> Decimal:
    """Ten thousands of yuan, many small ones, few large ones, in whole hundreds of yuan."""
    return Decimal(round(least * math.exp(rng.random() * spread * 2) * 100)) / 100


def _number(region: str, field: Field, year: int, turn: int) -> str:
    """Like the numbers offices give; the code instead of a name makes it nobody's."""
    part = region[2:] if region.isdigit() else "雄安"
    if field.code == "court":
        return f"（{year}）冀{part}执{turn}号"
    return f"冀{part}{field.abbreviation}字〔{year}〕{turn}号"


def _poisson(rng: Random, mean: float) -> int:
    limit, product, found = math.exp(-mean), rng.random(), 0
    while product > limit:
        product *= rng.random()
        found += 1
    return found


_STEPS = list(accumulate(habit.weight for habit in HABITS))

__all__ = ["HABITS", "Behaviour", "Habit", "Inventor"]
