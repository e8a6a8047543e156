"""What the three kinds of record files share: a line is read, and held against what is there."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, cast

from django.db.models import Field
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from audit.refusal import Refused, explain, explain_code
from intake import cells
from intake.enums import Fate
from intake.layouts import ADDED, UNCHANGED, Change, Line, Outcome, Overtaken, refused
from intake.layouts import Actor as Person
from intake.papers import is_about_persons
from roster.enums import Permission
from roster.files import account
from roster.models import Agency
from roster.rules.registration import name_key, name_keys

from ..models import Record
from ..passes import Known, RecordPass
from ..rules.identity import number_key
from ..services import (
    GIVEN,
    GRADE_FIELDS,
    Given,
    give_records,
    lock_records,
    refuse_out_of_use,
    replace_records,
)
from .merging import MergingLayout


class RecordLayout(MergingLayout):
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

    def details(self, values: dict[str, Any]) -> dict[str, Any]:
        """The fields of a record a line gives, besides enterprise, kind and authority."""
        return {name: values[name] for name in GIVEN if values.get(name) not in (None, "")}

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
                refusal = "records.no_code_by_number" if number else "records.no_code"
                return self.no("code", number, refusal)
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
            return self.unchanged(record, given, line)
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

    def unchanged(self, record: Record, given: Given, line: Line) -> Outcome:
        """For a line that says nothing else than the record, or nothing that a file may change."""
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
