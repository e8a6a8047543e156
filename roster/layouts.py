"""The roster file: what its lines mean for enterprises and rosters. Source: R12–R16, R19."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext_lazy as _

from audit.refusal import explain_code
from intake import cells
from intake.enums import Fate
from intake.layouts import ADDED, UNCHANGED, Change, Column, Line, Outcome, Problem, refused
from intake.layouts import Actor as Person

from .enums import Affiliation, Monopoly, Permission, Status
from .files import UnitLayout, account
from .geography import geography
from .models import Enterprise, Industry, Region
from .rules.address import Gazetteer, are_apart, places
from .rules.registration import Geography, Plan, Refusal, plan
from .scope import Actor
from .services import own_rosters, standings, write_plans

AFFILIATIONS = {
    "央企": Affiliation.CENTRAL, "驻冀央企": Affiliation.CENTRAL, "中央企业": Affiliation.CENTRAL,
    "省属": Affiliation.PROVINCIAL, "省属企业": Affiliation.PROVINCIAL,
    "省属国有企业": Affiliation.PROVINCIAL, "市属": Affiliation.CITY, "市属企业": Affiliation.CITY,
    "市属国有企业": Affiliation.CITY, "其他": Affiliation.OTHER, "其它": Affiliation.OTHER,
}  # fmt: skip
MONOPOLIES = {
    "否": Monopoly.NONE, "无": Monopoly.NONE, "是": Monopoly.OTHER, "金融": Monopoly.FINANCE,
    "能源": Monopoly.ENERGY, "电力": Monopoly.POWER, "烟草": Monopoly.TOBACCO,
    "食盐": Monopoly.SALT, "盐业": Monopoly.SALT, "电信": Monopoly.TELECOM,
    "交通": Monopoly.TRANSPORT, "银行": Monopoly.BANKING, "其他垄断性行业": Monopoly.OTHER,
}  # fmt: skip
STATUSES = {
    "存续": Status.OPEN, "在营": Status.OPEN, "开业": Status.OPEN, "在册": Status.OPEN,
    "存续(在营、开业、在册)": Status.OPEN, "正常": Status.OPEN, "吊销": Status.REVOKED,
    "吊销,未注销": Status.REVOKED, "吊销未注销": Status.REVOKED,
    "吊销,已注销": Status.REVOKED_CLOSED, "吊销已注销": Status.REVOKED_CLOSED,
    "注销": Status.DEREGISTERED, "撤销": Status.ANNULLED, "撤销登记": Status.ANNULLED,
    "迁出": Status.MOVED_OUT, "歇业": Status.DORMANT, "其他": Status.OTHER,
    "1": Status.OPEN, "2": Status.REVOKED, "3": Status.REVOKED_CLOSED, "4": Status.DEREGISTERED,
    "5": Status.ANNULLED, "6": Status.MOVED_OUT, "9": Status.OTHER,
}  # fmt: skip


def _plain(meanings: Mapping[str, Any]) -> dict[str, str]:
    """Stored values without their enum class: they go to the database's driver as they are."""
    return {form: str(meaning.value) for form, meaning in meanings.items()}


def region_cell(value: str) -> str:
    """A division's code, or its name as written; "" when empty. Twelve digits are cut to six."""
    code = cells.short_code(value)
    if len(code) == 12 and code.isdigit() and code.endswith("000000"):
        return code[:6]
    return code


def industry_cell(value: str) -> str:
    """A section or division of GB/T 4754, also from a longer class code: C26, 2611, C → C26, 26, C.

    A number cell has lost the zero in front of 01 to 09: 111 may be 0111, which is 01, or 111,
    which is 11. One digit is a division without its zero, two are a division.
    """
    code = cells.short_code(value)
    if value[:1] == cells.NUMBER and len(code) == 3:
        raise cells.BadCell("code.lost_zero", value=code)
    digits = code[1:] if len(code) > 1 and code[0].isalpha() else code
    if digits.isdigit() and code:
        return digits.zfill(2)[:2]
    return code


NAME = Column(
    "name", "企业名称", cells.limited(200, cells.name), aliases=("名称", "市场主体名称", "主体名称", "企业（机构）名称"),
    required=True, filled=True, hint=_("营业执照上的全称。"),
)  # fmt: skip
CODE = Column(
    "code", "统一社会信用代码", cells.unified_code,
    aliases=("社会信用代码", "信用代码", "统一信用代码", "统一社会信用代码（18位）"),
    required=True, filled=True, hint=_("18 位，须为文本格式；是识别企业的唯一依据。"),
)  # fmt: skip


class RosterLayout(UnitLayout):
    """The roster of enterprises. A line adds or changes; absence removes nobody.

    A blank cell says nothing: what is known stays. Source: R12–R16, 二(二); R19, 二(三).
    """

    key = "roster"
    title = _("企业名录")
    about = _("每行一家企业。按统一社会信用代码新增或更新；文件中没有的企业不受影响。")
    permission = Permission.EDIT_ROSTER
    columns = (
        NAME,
        CODE,
        Column(
            "region", "注册地行政区划代码", region_cell, few_values=True, required=True,
            alternatives=("address",),
            aliases=("行政区划代码", "注册地区划代码", "区划代码", "注册地行政区划", "所属行政区划代码", "行政区划"),
            hint=_("县（市、区）的 6 位代码；没有此列时须有“注册地址”。"),
        ),
        Column(
            "address", "注册地址", cells.limited(300),
            aliases=("登记注册地址", "住所", "企业住所", "登记住所", "住所（经营场所）"),
            hint=_("写明市、县（市、区）。没有区划代码时据此确定所属县。"),
        ),
        Column(
            "affiliation", "隶属关系", cells.choice(_plain(AFFILIATIONS)), few_values=True,
            hint=_("央企、省属、市属、其他。留空的新企业按“其他”。"),
        ),
        Column(
            "monopoly", "垄断性行业", cells.choice(_plain(MONOPOLIES), blank_words=False),
            few_values=True, aliases=("是否垄断性行业", "垄断行业", "是否垄断行业"),
            hint=_("是、否，或写明：金融、能源、电力、烟草、食盐、电信、交通、银行。"),
        ),
        Column(
            "industry", "行业代码", industry_cell, few_values=True,
            aliases=("行业", "国民经济行业代码", "行业门类", "所属行业", "行业类别代码"),
            hint=_("GB/T 4754—2017 的门类字母或大类两位数字；更细的代码取其大类。"),
        ),
        Column(
            "status", "登记状态", cells.choice(_plain(STATUSES)), few_values=True,
            aliases=("经营状态", "企业状态", "登记经营状态"),
            hint=_("存续、吊销未注销、吊销已注销、注销、撤销、迁出、歇业、其他。留空的新企业按“存续”。"),
        ),
        Column("status_on", "状态日期", cells.date, few_values=True, aliases=("登记状态日期",), hint=_("注销、吊销等状态自何日起。")),
        Column("established_on", "成立日期", cells.date, few_values=True, aliases=("注册日期", "设立日期", "成立时间")),
        Column(
            "registration_number", "工商注册号", cells.registration_number,
            aliases=("注册号", "原注册号", "原工商注册号"), hint=_("15 位，用于匹配旧的处罚数据。"),
        ),
        Column("legal_representative", "法定代表人", cells.limited(60), aliases=("法定代表人姓名", "负责人")),
        Column("former_names", "曾用名", cells.limited(300), hint=_("几个之间用顿号分开。")),
    )  # fmt: skip

    def open(
        self, *, by: Person, on: dt.date, options: Mapping[str, str], source: str
    ) -> RosterPass:
        return RosterPass.begin(by=account(by), on=on, source=source)

    def check(self, context: RosterPass, lines: Sequence[Line]) -> list[Outcome]:
        context.look_up([line.values["code"] for line in lines])
        return [context.outcome(line) for line in lines]

    def write(
        self, context: RosterPass, lines: Sequence[Line], outcomes: Sequence[Outcome]
    ) -> None:
        plans = [context.plans[line.number] for line in lines]
        write_plans(by=context.by, plans=plans, source=context.source, on=context.on)


@dataclass
class RosterPass:
    """One pass over a roster file."""

    by: Actor
    on: dt.date
    source: str
    own: frozenset[str] | None
    geography: Geography
    gazetteer: Gazetteer
    industries: dict[str, str]
    headings: dict[str, str]
    known: dict[str, Any] = field(default_factory=dict)
    plans: dict[int, Plan] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)
    any_known: bool = True

    @classmethod
    def begin(cls, *, by: Actor, on: dt.date, source: str) -> RosterPass:
        land = geography(on=on)
        own_names = dict(Region.objects.values_list("code", "name"))
        industries = {code: code for code in Industry.objects.values_list("code", flat=True)}
        industries |= dict(Industry.objects.values_list("name", "code"))
        return cls(
            by=by,
            on=on,
            source=source,
            own=own_rosters(by),
            geography=land,
            gazetteer=Gazetteer(places(land.levels, own_names, land.cities)),
            industries=industries,
            headings={column.name: column.heading for column in RosterLayout.columns},
            any_known=Enterprise.objects.exists(),
        )

    def look_up(self, codes: Sequence[str]) -> None:
        """Read what is known of a slice, and forget the slice before."""
        self.plans = {}
        self.known = standings(codes) if self.any_known else {}

    def outcome(self, line: Line) -> Outcome:
        """What one line leads to; a plan is kept for those that write."""
        values = line.values
        code = values["code"]
        if code in self.seen:
            return self._refused("code", code, "roster.code_twice")
        self.seen.add(code)
        given = self._given(values)
        if isinstance(given, Outcome):
            return given
        answer = plan(
            code=code,
            given=given,
            before=self.known.get(code),
            geography=self.geography,
            own=self.own,
            on=self.on,
        )
        if isinstance(answer, Refusal):
            return self._as_outcome(answer, values)
        if answer.fate == "unchanged":
            return UNCHANGED
        self.plans[line.number] = answer
        if answer.fate == "added":
            return ADDED
        return Outcome(
            Fate.CHANGED.value,
            f"{answer.facts.name}（{code}）",
            changes=tuple(self._changes(answer)),
        )

    def _given(self, values: dict[str, Any]) -> dict[str, Any] | Outcome:
        """The fields the line speaks of; the answer is the refusal when one cannot be."""
        given: dict[str, Any] = {"name": values["name"]}
        for name in ("affiliation", "monopoly", "status"):
            if values[name] is not None:
                given[name] = values[name]
        for name in ("address", "registration_number", "legal_representative"):
            if values[name]:
                given[name] = values[name]
        for name in ("status_on", "established_on"):
            if values[name] is not None:
                given[name] = values[name]
        if values["former_names"]:
            given["former_names"] = "\n".join(cells.words(values["former_names"]))
        if values["industry"]:
            industry = self.industries.get(values["industry"])
            if industry is None:
                return self._refused("industry", values["industry"], "roster.unknown_industry")
            given["industry_id"] = industry
        region = self._region(values["region"], values["address"])
        if type(region) is Outcome:
            return region
        if region:
            given["region_id"] = region
        return given

    def _region(self, written: str, address: str) -> str | Outcome:
        """The registered division: by its code, else by its name, else by the address.

        R15 goes by the address, so a code or a name that the address contradicts is refused. An
        address that names no division, or one of several, contradicts nothing.
        """
        if not written:
            return self._division("address", address) if address else ""
        if written in self.geography.names and written not in self.geography.levels:
            name = self.geography.names[written]
            return self._refused("region", written, "roster.region_ended", region=name)
        region = written if written in self.geography.levels else self._division("region", written)
        if type(region) is str and address and not self.gazetteer.begins(address, region):
            found = self.gazetteer.find(address)
            if len(found) == 1 and are_apart(region, found[0], self.geography.cities):
                names = self.geography.names
                return self._refused(
                    "region", written, "roster.region_contradicted",
                    named=names[region], found=names[found[0]],
                )  # fmt: skip
        return region

    def _division(self, column: str, text: str) -> str | Outcome:
        """The one division a text begins with; "" for an address that names none."""
        found = () if text.isdigit() else self.gazetteer.find(text)
        if len(found) == 1:
            return found[0]
        if found:
            names = "、".join(self.geography.names[code] for code in found)
            return self._refused(column, text, "roster.ambiguous_region", names=names)
        return self._refused(column, text, "roster.unknown_region") if column == "region" else ""

    def _changes(self, answer: Plan) -> list[Change]:
        before = self.known[answer.code]
        changes = [
            Change(
                str(_field(name).verbose_name),
                _shown(name, old),
                _shown(name, new),
            )
            for name, old, new in answer.changes
        ]
        if answer.keeper != before.keeper:
            names = self.geography.names
            changes.append(
                Change(
                    str(_("所在名录")),
                    names.get(before.keeper or "", "—"),
                    names.get(answer.keeper or "", "—"),
                )
            )
        return changes

    def _as_outcome(self, refusal: Refusal, values: dict[str, Any]) -> Outcome:
        column = {"region_id": "region"}.get(refusal.column, refusal.column)
        said = explain_code(refusal.code, dict(refusal.values))
        return refused(self.headings.get(column, column), values.get(column, ""), said)

    def _refused(self, column: str, value: object, code: str, **more: object) -> Outcome:
        said = explain_code(code, {"value": value, **more})
        return Outcome(Fate.REFUSED.value, "", (Problem(self.headings[column], str(value), said),))


def _field(name: str) -> Any:
    return Enterprise._meta.get_field(name)


def _shown(name: str, value: object) -> str:
    choices = dict(_field(name).flatchoices)
    return str(choices.get(value, "" if value is None else value))


__all__ = ["CODE", "NAME", "RosterLayout", "region_cell"]
