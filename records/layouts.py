"""Record files: penalties, listings, other kinds of behaviour. Source: R22–R26; domain facts 4."""

from __future__ import annotations

import datetime as dt
import hashlib
from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from copy import copy
from dataclasses import replace
from typing import Any, ClassVar, cast

from django.db.models import Field
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from audit.refusal import Refused, explain, explain_code
from intake import cells
from intake.enums import Fate
from intake.layouts import ADDED, UNCHANGED, Change, Column, Line, Outcome, Overtaken, refused
from intake.layouts import Actor as Person
from intake.papers import is_about_persons
from roster.enums import Permission
from roster.files import UnitLayout, account
from roster.layouts import CODE
from roster.models import Agency
from roster.rules.registration import name_key, name_keys

from .enums import Category
from .models import Record
from .passes import Known, Merged, Place, RecordPass
from .rules.identity import PENALTIES, family, number_key
from .rules.lists import kind_of_list
from .rules.measures import PENALTY_KINDS, UNDECIDED, more_severe, read_measures
from .services import (
    GIVEN,
    GRADE_FIELDS,
    Given,
    give_records,
    lock_records,
    refuse_out_of_use,
    replace_records,
)

TERM_WORDS = frozenset({"长期", "永久", "长期有效", "无期限"})


def term(value: str) -> dt.date | None:
    """The last day of something; 长期 has none."""
    return None if cells.tidy(value) in TERM_WORDS else cells.date(value)


def longest(field_name: str) -> int:
    """How many characters a field of a record holds."""
    return cast("Field", Record._meta.get_field(field_name)).max_length or 0


class RecordLayout(UnitLayout):
    """What the three kinds of record files share.

    A line is held against the authority the uploader gives for, never against a roster; an
    unknown enterprise is refused and can be sent again. A line about a decision that is there
    with other values is a correction (`settle`). Source: R22–R26; design §4.
    """

    permission = Permission.GIVE_RECORDS
    pass_type: ClassVar[type[RecordPass]] = RecordPass

    def refuse_headings(self, keys: frozenset[str]) -> None:
        """A file about natural persons is refused as a whole, and nothing of it is kept."""
        code = self.column("code")
        known = {cells.heading_key(name) for name in (code.heading, *code.aliases)}
        if not keys & known and is_about_persons(keys):
            raise Refused("intake.natural_person")

    def open(
        self, *, by: Person, on: dt.date, options: Mapping[str, str], source: str
    ) -> RecordPass:
        context = self.pass_type.begin(
            by=account(by), on=on, source=source, default_kind=options.get("kind", "")
        )
        if context.default_kind and context.default_kind not in context.kinds:
            raise Refused("records.unknown_kind", value=context.default_kind)
        return context

    # --- one line ---

    @abstractmethod
    def kind_of(self, context: RecordPass, values: dict[str, Any]) -> str | Outcome:
        """The code of the kind a line speaks of, or why it is none."""

    def details(self, values: dict[str, Any]) -> dict[str, Any]:
        """The fields of a record a line gives, besides enterprise, kind and authority."""
        return {name: values[name] for name in GIVEN if values.get(name) not in (None, "")}

    def provider_key(self, values: dict[str, Any]) -> str:
        """What tells two behaviours of one day without a number apart; states the day alone."""
        return ""

    def check(self, context: RecordPass, lines: Sequence[Line]) -> list[Outcome]:
        context.given, context.corrections = {}, {}
        context.look_up_enterprises(lines)
        found = [self._read(context, line) for line in lines]
        context.look_up_records(item for item in found if isinstance(item, Given))
        outcomes = []
        for line, item in zip(lines, found, strict=True):
            answer = self._settle(context, line, item) if isinstance(item, Given) else item
            key = self._group(context, line.values)
            if key is not None:
                # The first line of a decision speaks for all: the others add nothing to it.
                first = context.answers.setdefault(key, answer or UNCHANGED)
                if answer is None:
                    answer = first if first.fate == Fate.REFUSED else UNCHANGED
            outcomes.append(cast("Outcome", answer))
        return outcomes

    def _read(self, context: RecordPass, line: Line) -> Given | Outcome | None:
        """What a line gives, why it cannot, or None for one that an earlier line speaks for."""
        values = line.values
        if context.several and (place := self.place(context, values)) and context.is_unclear(place):
            return self.no("number", "", "records.which_line")
        key = self._group(context, values)
        if key is not None:
            merged = context.merged[key]
            if merged.conflict:
                heading, why, more = merged.conflict
                return self.no(heading, values[heading], why, **more)
            if merged.first != line.number:
                return None
            values = merged.values
        code = self._enterprise(context, values)
        if isinstance(code, Outcome):
            return code
        authority = self._authority(context, values)
        if isinstance(authority, Outcome):
            return authority
        kind = self.kind_of(context, values)
        if isinstance(kind, Outcome):
            return kind
        if wrong := self._wrong_dates(context, values):
            return wrong
        provider = self._provider(context, values, authority)
        if isinstance(provider, Outcome):
            return provider
        return Given(
            enterprise_id=code,
            kind_id=kind,
            authority_id=authority.pk,
            provider_id=provider.pk,
            provider_key=self._told(context, kind, values),
            **self.details(values),
        )

    def _told(self, context: RecordPass, kind: str, values: dict[str, Any]) -> str:
        by_day = values.get("number") or context.is_state(kind)
        return "" if by_day else self.provider_key(values)

    def _enterprise(self, context: RecordPass, values: dict[str, Any]) -> str | Outcome:
        """The enterprise by its code, by the old registration number only when there is none."""
        code = values["code"]
        if not code:
            number = values.get("registration_number") or ""
            found = context.by_number.get(number, [])
            if len(found) != 1:
                return self.no("code", number, "records.no_code")
            code = found[0]
        if code not in context.enterprises:
            return self.no("code", code, "records.unknown_enterprise", code=code)
        name, former = context.enterprises[code]
        given = name_key(values["name"])
        if given and given not in name_keys(name, former):
            return self.no(
                "name", values["name"], "records.name_differs", code=code, name=values["name"]
            )
        return code

    def _authority(self, context: RecordPass, values: dict[str, Any]) -> Agency | Outcome:
        name = values["authority"]
        agency = context.agencies.get(name_key(name))
        if agency is None:
            return self.no("authority", name, "records.unknown_agency", authority=name)
        if not context.may_give(agency):
            return self.no("authority", name, "records.not_yours", authority=agency.name)
        return agency

    def _provider(
        self, context: RecordPass, values: dict[str, Any], authority: Agency
    ) -> Agency | Outcome:
        """Who hands the record in: the authority when nobody else is named."""
        name = values.get("provider") or ""
        found = context.agencies.get(name_key(name)) if name else authority
        return found or self.no("provider", name, "records.unknown_provider", provider=name)

    def _wrong_dates(self, context: RecordPass, values: dict[str, Any]) -> Outcome | None:
        for name in ("decided_on", "ended_on"):
            day = values.get(name)
            if day is not None and day > context.on:
                label = self.column(name).heading
                return self.no(name, day, "records.future_date", label=label)
        ended = values.get("ended_on")
        if ended is not None and ended < values["decided_on"]:
            return self.no("ended_on", ended, "records.ends_before_it_begins")
        return None

    def no(self, column: str, shown: object, reason: str, /, **more: object) -> Outcome:
        """A line refused with a sentence of this room."""
        said = explain_code(reason, {"value": shown, **more})
        return refused(self.column(column).heading, shown, said)

    # --- against what is there ---

    def _settle(self, context: RecordPass, line: Line, given: Given) -> Outcome:
        if first := context.new.get(hash((given.enterprise_id, given.identity))):
            return self.no("number", given.number, "records.twice_in_file", line=first)
        known = context.known(given)
        merged = context.merged.get(self._group(context, line.values) or 0)
        if len(known.live) > 1 or (merged and merged.bare and context.others_that_day(given)):
            return self.no("number", line.values.get("number"), "records.which_state")
        if not known.live:
            return self._new(context, line, given, known)
        record = known.live[0]
        if earlier := context.earlier(record):
            return self._again(line, given, *earlier)
        changes = self._differences(record, self.combined(record, given))
        if not changes:
            return self.unchanged(record, given)
        if before := self._corrected(known, given):
            return before
        ended = changes.get("ended_on", record.ended_on)
        if ended is not None and ended < changes.get("decided_on", record.decided_on):
            return self.no("ended_on", ended, "records.ends_before_it_begins")
        if {"kind_id", "decided_on"} & set(changes) and (wrong := self._out_of_use(context, given)):
            return wrong
        if "decided_on" in changes and context.others_that_day(given, found=record):
            return self.no("decided_on", given.decided_on, "records.which_state")
        return self.settle(context, line, record, changes)

    def _new(self, context: RecordPass, line: Line, given: Given, known: Known) -> Outcome:
        """A record not there yet."""
        for gone in known.taken_down:
            reason = gone.retract_reason
            return self.no("number", given.number, "records.taken_down", reason=reason)
        if before := self._corrected(known, given):
            return before
        for gone in known.corrected:
            if gone.identity == given.identity:
                at = self.day(gone.retracted_at)
                return self.no("number", given.number, "records.corrected_away", at=at)
        if wrong := self._out_of_use(context, given):
            return wrong
        context.new[hash((given.enterprise_id, given.identity))] = line.number
        context.given[line.number] = given
        return ADDED

    def _out_of_use(self, context: RecordPass, given: Given) -> Outcome | None:
        try:
            refuse_out_of_use(context.kinds[given.kind_id], given.decided_on)
        except Refused as refusal:
            return refused(self.column("decided_on").heading, given.decided_on, explain(refusal))
        return None

    def _corrected(self, known: Known, given: Given) -> Outcome | None:
        """For a line that says what a version said that was put right since: the file is older
        than the correction, or comes again."""
        for version in known.corrected:
            if not self._differences(version, self.combined(version, given)):
                at = self.day(version.retracted_at)
                return self.noted(version, _("所填内容已于 {at} 更正，未再写入。"), at=at)
        return None

    def unchanged(self, record: Record, given: Given) -> Outcome:
        """For a line that says nothing else than the record."""
        return UNCHANGED

    @staticmethod
    def noted(record: Record, said: Any, **values: object) -> Outcome:
        """A line that changes nothing, with a sentence that the report shows."""
        return Outcome(Fate.UNCHANGED.value, f"{record}：{said.format(**values)}")

    @staticmethod
    def day(instant: dt.datetime | None) -> str:
        return localtime(instant).date().isoformat() if instant else ""

    def _again(self, line: Line, given: Given, first: int, record: Record) -> Outcome:
        """A further line about a record that an earlier line of this file corrects."""
        differs = self._differences(record, self.combined(record, given))
        if not differs:
            return UNCHANGED
        name = next((one for one in differs if one in line.values), "decided_on")
        shown = line.values[name]
        return self.no(name, shown, "records.lines_differ", first=first, second=line.number)

    def combined(self, record: Record, given: Given) -> Given:
        """What a line says together with what is there; by itself, if it speaks of the whole."""
        return given

    def _differences(self, record: Record, given: Given) -> dict[str, Any]:
        """Fields the line gives otherwise than the record has them; a blank cell says nothing."""
        found = {}
        for name in GIVEN:
            new, old = getattr(given, name), getattr(record, name)
            if new is None or new is False or new == "" or new == old:
                continue
            if name == "provider_id" and new == given.authority_id:
                continue  # nobody else was named
            if name == "number" and number_key(new) == number_key(old):
                continue
            found[name] = new
        return found

    def settle(
        self, context: RecordPass, line: Line, record: Record, changes: dict[str, Any]
    ) -> Outcome:
        """What becomes of a line that says something else than the record it speaks of.

        What cannot change a grade is put right; the rest belongs on the record's page, where a
        second person sees the effect. The room of grades may know better. Design idea 3.
        """
        if GRADE_FIELDS & set(changes):
            names = "、".join(_label(name) for name in changes if name in GRADE_FIELDS)
            return self.no(
                "decided_on", line.values["decided_on"], "records.correct_on_page", fields=names
            )
        return self.changed(context, line, record, changes)

    def changed(
        self,
        context: RecordPass,
        line: Line,
        record: Record,
        changes: dict[str, Any],
        *,
        label: str = "",
    ) -> Outcome:
        """A correction to be written, shown field by field."""
        context.correct(line.number, record, changes)
        shown = tuple(
            Change(
                _label(name),
                _shown(context, name, getattr(record, name)),
                _shown(context, name, new),
            )
            for name, new in changes.items()
        )
        return Outcome(Fate.CHANGED.value, label or str(record), changes=shown)

    def write(
        self, context: RecordPass, lines: Sequence[Line], outcomes: Sequence[Outcome]
    ) -> None:
        given = [context.given[line.number] for line in lines if line.number in context.given]
        changes = [
            context.corrections[line.number] for line in lines if line.number in context.corrections
        ]
        try:
            lock_records(record.pk for record, _changes in changes)
            if given:
                give_records(by=context.by, given=given, source=context.source, on=context.on)
            self.correct(context, changes)
        except Refused as refusal:
            if refusal.code not in self.overtaken:
                raise
            raise Overtaken from refusal

    overtaken: ClassVar[frozenset[str]] = frozenset({"records.retracted", "records.already_given"})
    """Refusals that say that another act was faster."""

    def correct(
        self, context: RecordPass, changed: Sequence[tuple[Record, dict[str, Any]]]
    ) -> None:
        """Write the corrections of a slice that `settle` let pass."""
        if changed:
            replace_records(by=context.by, changed=changed, reason=self.reason(context))

    def reason(self, context: RecordPass) -> str:
        """Why a record is corrected: the file says otherwise."""
        return str(_("文件更正：{title}")).format(title=context.source)

    # --- several lines about one decision ---

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


def _label(name: str) -> str:
    return str(cast("Field", Record._meta.get_field(name.removesuffix("_id"))).verbose_name)


def _shown(context: RecordPass, name: str, value: Any) -> str:
    if name == "kind_id":
        return str(context.kinds.get(value, value))
    if name in ("authority_id", "provider_id"):
        by_key = {agency.pk: agency.name for agency in context.agencies.values()}
        return by_key.get(value, str(value))
    if isinstance(value, bool):
        return "是" if value else "否"
    return "" if value is None else str(value)


# --- penalties ---------------------------------------------------------------------------------

NAME = Column(
    "name", "行政相对人名称", cells.limited(200, cells.name), required=True, filled=True,
    aliases=("企业名称", "当事人名称", "被处罚单位名称", "被处罚人名称", "相对人名称"),
)  # fmt: skip
AUTHORITY_HINT = _("机构在本系统中的名称或其他名称，须为本单位或本级的机构。")


class PenaltyLayout(RecordLayout):
    """Penalties in the national layouts: the legal-person set of 2019 (26 columns) and the later.

    The columns with the codes of authorities are never taken for the enterprise's: headings count
    as a whole. Lines of one decision are one record, the most severe measure decides its kind.
    Source: R22–R23, R35–R37; domain facts 4; design §7.
    """

    key = "penalties"
    title = _("行政处罚")
    about = _(
        "行政处罚决定，2019 版（26 列）和现行版的法人表都可以。认定机关须为本单位或本级的机构。"
    )
    columns = (
        NAME,
        Column("category", "行政相对人类别", cells.text, few_values=True),
        Column(
            "code", "统一社会信用代码", cells.unified_code, required=True,
            aliases=(
                "行政相对人代码_1(统一社会信用代码)", "行政相对人代码-1(统一社会信用代码)",
                "行政相对人代码1(统一社会信用代码)", "行政相对人代码(统一社会信用代码)",
                "行政相对人统一社会信用代码", *CODE.aliases,
            ),
            hint=_("18 位，须为文本格式。没有时填工商注册号。"),
        ),
        Column(
            "registration_number", "工商注册号", cells.registration_number,
            aliases=(
                "行政相对人代码_2(工商注册号)", "行政相对人代码-2(工商注册号)", "行政相对人代码2(工商注册号)",
                "行政相对人代码_2(工商登记码)", "行政相对人代码_3(工商登记码)", "工商登记码", "工商注册码",
            ),
            hint=_("15 位；只在没有统一社会信用代码时用来查找企业。"),
        ),
        Column(
            "number", "行政处罚决定书文号", cells.limited(120), required=True, filled=True,
            aliases=("决定书文号", "处罚决定书文号", "行政处罚决定文书号", "行政处罚决定书文书号", "处罚文号"),
        ),
        Column("conduct", "违法行为类型", cells.limited(longest("conduct")), aliases=("违法类型",)),
        Column("facts", "违法事实", cells.text, aliases=("主要违法事实", "处罚事由")),
        Column("basis", "处罚依据", cells.text),
        Column(
            "measures", "处罚类别", cells.limited(longest("measures")), required=True, filled=True,
            aliases=("处罚种类", "行政处罚种类", "行政处罚类别"),
            hint=_("行政处罚法第九条的用语，几种之间用顿号分开；吊销营业执照须写明。"),
        ),
        Column("content", "处罚内容", cells.text, aliases=("行政处罚内容", "处罚结果")),
        Column("fine_wan", "罚款金额（万元）", cells.amount("万元"), aliases=("罚款金额", "罚款(万元)")),
        Column(
            "confiscated_wan", "没收违法所得、没收非法财物的金额（万元）", cells.amount("万元"),
            aliases=("没收金额（万元）", "没收金额", "没收违法所得（万元）", "没收违法所得、没收非法财物的金额"),
        ),
        Column("fine_yuan", "罚款金额（元）", cells.amount("元"), in_template=False),
        Column("confiscated_yuan", "没收金额（元）", cells.amount("元"), in_template=False),
        Column(
            "licence", "暂扣或吊销证照名称及编号", cells.limited(longest("licence")),
            aliases=("暂扣或吊销证照名称", "暂扣或吊销的证照名称及编号"),
        ),
        Column(
            "decided_on", "处罚决定日期", cells.date, required=True, filled=True, few_values=True,
            aliases=("行政处罚决定日期", "作出处罚决定日期", "处罚日期"),
        ),
        Column("valid_until", "处罚有效期", term, few_values=True, aliases=("处罚有效期至",)),
        Column("publication_until", "公示截止期", term, few_values=True, aliases=("公示截止日期", "公示期限")),
        Column(
            "authority", "处罚机关", cells.name, required=True, filled=True, few_values=True,
            aliases=("行政处罚机关", "作出处罚机关", "处罚机关名称"), hint=AUTHORITY_HINT,
        ),
        Column("provider", "数据来源单位", cells.name, few_values=True, aliases=("数据来源单位名称",)),
        Column("remark", "备注", cells.limited(longest("remark"))),
    )  # fmt: skip

    def kind_of(self, context: RecordPass, values: dict[str, Any]) -> str | Outcome:
        return values.get("kind") or self._kind(values)

    def family_of(self, context: RecordPass, values: dict[str, Any]) -> str:
        return PENALTIES

    @staticmethod
    def _kind(values: dict[str, Any]) -> str:
        answer = read_measures(
            values["measures"], content=values["content"], licence=values["licence"]
        )
        return answer.kind

    def _read(self, context: RecordPass, line: Line) -> Given | Outcome | None:
        if "自然人" in (line.values["category"] or ""):
            return self.no("category", line.values["category"], "records.natural_person")
        return super()._read(context, line)

    def details(self, values: dict[str, Any]) -> dict[str, Any]:
        found = super().details(values)
        for wan, yuan in (("fine_wan", "fine_yuan"), ("confiscated_wan", "confiscated_yuan")):
            if wan not in found and values.get(yuan) is not None:
                found[wan] = (values[yuan] / 10_000).quantize(cells.SIX_PLACES)
        return found

    must_agree = frozenset()
    """Several lines tell of several measures: what they say beside is not held against them."""

    def join(self, values: dict[str, Any], more: dict[str, Any]) -> str:
        """Measures add up, the most severe one gives the kind; of two sums the larger stays."""
        kind = more_severe(values.get("kind") or self._kind(values), self._kind(more))
        for name in ("fine_wan", "confiscated_wan", "fine_yuan", "confiscated_yuan"):
            values[name] = _larger(values[name], more[name])
        values["kind"] = kind
        values["measures"] = _all_measures(values["measures"], more["measures"])
        values["content"] = _both(values["content"], more["content"])
        return super().join(values, {name: new for name, new in more.items() if name in values})

    def combined(self, record: Record, given: Given) -> Given:
        """A line with other measures than the record tells of a part of the decision: it adds,
        like a further line of one file. One with the same measures speaks of the whole decision
        and puts it right. Source: design §7 (one decision, the most severe decides).
        """
        there, told = set(cells.words(record.measures)), set(cells.words(given.measures))
        # a clerk has decided what words left open, unless there are new ones
        decided = given.kind_id == UNDECIDED and told <= there
        kind = record.kind_id if decided else given.kind_id
        if there == told or not there:
            return replace(given, kind_id=kind)
        first = {name: getattr(record, name) for name in SAID_ONCE if getattr(record, name)}
        return replace(
            given,
            **first,
            kind_id=more_severe(record.kind_id, kind),
            measures=_all_measures(record.measures, given.measures),
            content=_both(record.content, given.content),
            fine_wan=_larger(record.fine_wan, given.fine_wan),
            confiscated_wan=_larger(record.confiscated_wan, given.confiscated_wan),
        )

    def unchanged(self, record: Record, given: Given) -> Outcome:
        if set(cells.words(given.measures)) < set(cells.words(record.measures)):
            return self.noted(record, FEWER, measures=record.measures)
        return UNCHANGED


FEWER = _(
    "该决定已登记的处罚类别为“{measures}”，这一行只有其中一部分，登记的内容不变。确需更正的，请在该条信息的页面更正。"
)
SAID_ONCE = ("conduct", "facts", "basis", "licence", "valid_until", "publication_until", "remark")
"""What the first of several lines about one penalty says holds for all."""


def _all_measures(one: str, other: str) -> str:
    words = [*cells.words(one), *cells.words(other)]
    return "、".join(dict.fromkeys(words))[: longest("measures")]


def _both(one: str, other: str) -> str:
    """Two texts one after the other, unless one holds the other already."""
    if other in one or one in other:
        return max(one, other, key=len)
    return f"{one}；{other}"


def _larger(one: Any, other: Any) -> Any:
    return max((sum_ for sum_ in (one, other) if sum_ is not None), default=None)


# --- listings ----------------------------------------------------------------------------------


class ListingLayout(RecordLayout):
    """Listings: states with a start and an end. A removal is news about the same listing.

    Source: R22–R23 (经营异常名录, 严重失信主体名单); domain facts 4.
    """

    key = "listings"
    title = _("名单列入与移出")
    about = _("经营异常名录、严重失信主体名单等的列入和移出。移出时填写移出日期，原记录随之更新。")
    columns = (
        replace(NAME, heading="企业名称", aliases=("主体名称", "名称", "行政相对人名称")),
        replace(CODE, filled=True),
        Column(
            "list", "名单名称", cells.text, required=True, filled=True, few_values=True,
            aliases=("名单类别", "列入名单", "列入名单名称"), hint=_("如：经营异常名录、严重失信主体名单、失信被执行人名单。"),
        ),
        Column("facts", "列入原因", cells.text, aliases=("列入事由", "列入严重失信名单原因", "列入经营异常名录原因")),
        Column("number", "列入文号", cells.limited(120), aliases=("列入决定书文号", "列入决定文号", "认定文书文号")),
        Column(
            "authority", "列入机关", cells.name, required=True, filled=True, few_values=True,
            aliases=("列入决定机关", "认定机关", "作出列入决定机关"), hint=AUTHORITY_HINT,
        ),
        Column("decided_on", "列入日期", cells.date, required=True, filled=True, few_values=True, aliases=("列入决定日期",)),
        Column("ended_on", "移出日期", cells.date, few_values=True, aliases=("移出决定日期",), hint=_("未移出的留空。")),
        Column("end_reason", "移出原因", cells.limited(longest("end_reason")), aliases=("移出事由",)),
    )  # fmt: skip

    def kind_of(self, context: RecordPass, values: dict[str, Any]) -> str | Outcome:
        written = values["list"]
        if written not in context.named:
            context.named[written] = kind_of_list(name_key(written), context.lists)
        return context.named[written] or self.no("list", written, "records.unknown_list")


# --- other kinds -------------------------------------------------------------------------------


class BehaviourLayout(RecordLayout):
    """Every other kind of the composition table. Source: R22–R24, 三(一)."""

    key = "behaviours"
    title = _("其他失信信息")
    about = _("信用评价信息构成表中的其他类别，如未履行信用承诺、合同违约、欠缴税费。")
    columns = (
        replace(NAME, heading="企业名称", aliases=("主体名称", "名称", "行政相对人名称")),
        replace(CODE, filled=True),
        Column(
            "kind", "信息类别", cells.name, required=True, filled=True, few_values=True,
            aliases=("失信行为类别", "行为类别", "类别"), hint=_("信用评价信息构成表中的名称或代码。"),
        ),
        Column("number", "文号", cells.limited(120), aliases=("文书号", "决定文号", "认定文号", "案号")),
        Column("content", "内容摘要", cells.text, aliases=("内容", "摘要", "失信内容")),
        Column(
            "authority", "认定机关", cells.name, required=True, filled=True, few_values=True,
            aliases=("认定单位", "作出机关", "报送机关"), hint=AUTHORITY_HINT,
        ),
        Column("decided_on", "认定日期", cells.date, required=True, filled=True, few_values=True, aliases=("作出日期",)),
        Column("ended_on", "终止日期", cells.date, few_values=True, aliases=("结束日期", "履行完毕日期"), hint=_("缴清、履行完毕之日；仍在持续的留空。")),
        Column(
            "serious_claimed", "是否造成严重后果", cells.yes_no, few_values=True,
            aliases=("造成严重后果",), hint=_("是、否。须经审核人认定后才计入评价。"),
        ),
    )  # fmt: skip

    def for_options(self, options: Mapping[str, str]) -> BehaviourLayout:
        """With a kind given for the whole file, the column may be missing or blank."""
        if not options.get("kind"):
            return self
        layout: BehaviourLayout = copy(self)
        layout.columns = tuple(  # type: ignore[misc,assignment]
            replace(column, required=False, filled=False) if column.name == "kind" else column
            for column in self.columns
        )
        return layout

    def kind_of(self, context: RecordPass, values: dict[str, Any]) -> str | Outcome:
        written = values["kind"] or context.default_kind
        if written not in context.named:
            context.named[written] = (
                written
                if written in context.kinds
                else next(
                    (
                        one.pk
                        for one in context.kinds.values()
                        if name_key(one.name) == name_key(written)
                    ),
                    "",
                )
            )
        kind = context.kinds.get(context.named[written])
        if kind is None:
            return self.no("kind", written, "records.unknown_kind")
        if kind.category == Category.BASIC:
            return self.no("kind", written, "records.basic_kind")
        if kind.pk in PENALTY_KINDS:
            return self.no("kind", written, "records.penalty_kind")
        return kind.pk

    def provider_key(self, values: dict[str, Any]) -> str:
        """Two breaches on one day are two records; the same line again is the same one."""
        text = f"{name_key(values['authority'])}|{name_key(values['content'])}"
        return hashlib.sha256(text.encode()).hexdigest()[:16]


LAYOUTS: tuple[Callable[[], RecordLayout], ...] = (PenaltyLayout, ListingLayout, BehaviourLayout)

__all__ = [
    "LAYOUTS",
    "BehaviourLayout",
    "ListingLayout",
    "PenaltyLayout",
    "RecordLayout",
    "RecordPass",
]
