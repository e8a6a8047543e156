"""Real Hebei with invented offices, people and enterprises, for tests of who sees what."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from stdnum.cn import uscc

from records import services as records
from roster import reference
from roster.geography import geography
from roster.models import Agency, Enterprise, Posting, Representative, User
from roster.rules.registration import plan
from roster.scope import Operator
from roster.services import write_plans
from tests.browser import Browser

OPERATOR = Operator(username="os:test")
TODAY = dt.date(2026, 3, 2)
LONG_AGO = dt.date(2020, 1, 1)
PASSWORD = "credit-test"

PROVINCE = "130000"
SHIJIAZHUANG, TANGSHAN, BAODING, XIONGAN = "130100", "130200", "130600", "XIONGAN"
CHANGAN, QIAOXI, LUNAN = "130102", "130104", "130202"
DINGZHOU, XINJI, RONGCHENG = "130682", "130181", "130629"


def code(number: int, *, division: str = CHANGAN) -> str:
    """The valid unified code of the n-th invented enterprise."""
    base = f"91{division}{number:09d}"
    return base + uscc.calc_check_digit(base)


def lead(region: str) -> Agency:
    """The lead agency of a region, made when it is not there yet."""
    return Agency.objects.get_or_create(
        code=f"lead-{region}",
        defaults={"name": f"{region}牵头部门", "region_id": region, "kind": "lead"},
    )[0]


def department(region: str, name: str = "市场监管部门") -> Agency:
    """A supervising department of a region."""
    return Agency.objects.get_or_create(
        code=f"dept-{region}-{name}",
        defaults={"name": f"{region}{name}", "region_id": region, "kind": "department"},
    )[0]


_people = count(1)


def person(agency: Agency, role: str, *, since: dt.date = LONG_AGO, **user: Any) -> User:
    """Somebody with one post since long ago."""
    username = user.pop("username", f"{role}-{agency.region_id}-{next(_people)}")
    account = User.objects.create_user(username, password=PASSWORD, **user)
    Posting.objects.create(user=account, agency=agency, role=role, since=since)
    return account


def post(user: User, agency: Agency, role: str, *, since: dt.date = LONG_AGO) -> Posting:
    """One more post for somebody."""
    return Posting.objects.create(user=user, agency=agency, role=role, since=since)


def speaks_for(enterprise: str) -> User:
    """A representative of an enterprise."""
    user = User.objects.create_user(f"rep-{enterprise}", password=PASSWORD)
    Representative.objects.create(user=user, enterprise_id=enterprise, since=LONG_AGO)
    return user


def signed_in(user: User) -> Browser:
    """A browser in which this person is signed in."""
    client = Browser()
    client.force_login(User.objects.get(pk=user.pk))  # with the posts held now
    return client


def register(codes: list[str] | str, *, region: str | None = CHANGAN, **given: Any) -> Enterprise:
    """Put new enterprises on the roster the rules say; gives back the last."""
    where = geography(on=TODAY)
    wanted = [codes] if isinstance(codes, str) else codes
    plans = [
        plan(
            code=one,
            given={"name": f"企业{one[-6:]}有限公司", "region_id": region, **given},
            before=None,
            geography=where,
            own=None,
            on=TODAY,
        )
        for one in wanted
    ]
    write_plans(by=OPERATOR, plans=plans, source="测试", on=TODAY)
    return Enterprise.objects.get(pk=wanted[-1])


@dataclass
class Hebei:
    """Three officers on one case, and what each must not see.

    长安区 and 桥西区 belong to 石家庄, 路南区 to 唐山. `own` stands on the county's roster,
    `sibling` on another county's of the same city, `foreign` in another city, `central` in 长安区
    but on the province's roster, `municipal` on the city's.
    """

    county: User = field(init=False)
    city: User = field(init=False)
    other: User = field(init=False)
    province: User = field(init=False)
    market: User = field(init=False)
    own: Enterprise = field(init=False)
    sibling: Enterprise = field(init=False)
    foreign: Enterprise = field(init=False)
    central: Enterprise = field(init=False)
    municipal: Enterprise = field(init=False)

    def __post_init__(self) -> None:
        reference.load_reference(by=OPERATOR)
        records.load_reference(by=OPERATOR)
        self.county = person(lead(CHANGAN), "lead_clerk", username="county")
        self.city = person(lead(SHIJIAZHUANG), "lead_clerk", username="city")
        self.other = person(lead(LUNAN), "lead_clerk", username="other")
        self.province = person(lead(PROVINCE), "lead_clerk", username="province")
        self.market = person(department(CHANGAN), "department_clerk", username="market")
        self.own = register(code(1), name="长安甲贸易有限公司")
        self.sibling = register(code(2), region=QIAOXI, name="桥西乙商贸有限公司")
        self.foreign = register(code(3), region=LUNAN, name="路南丙物流有限公司")
        self.central = register(code(4), name="长安丁能源有限公司", affiliation="central")
        self.municipal = register(code(5), name="石家庄戊水务有限公司", affiliation="city")
