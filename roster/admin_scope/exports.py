"""Every list as a file: the rows that are shown, the columns that are chosen."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import FileResponse, QueryDict, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from import_export.resources import ModelResource

from audit.acts import acting, note
from audit.refusal import Refused
from intake.exports import csv_lines, xlsx_file
from intake.masking import masked

from .columns import Column

MOST_ROWS = 50_000
"""More is not made while somebody waits. Source: ecosystem, "import/export"."""
ROWS_AT_ONCE = 1_000
FORMATS = (("xlsx", _("Excel 工作簿（XLSX）")), ("csv", _("CSV（UTF-8）")))


class ExportResource(ModelResource):
    """The columns an export of a model can have; codes leave as texts, dates as 2023-05-01."""


class ExportForm(forms.Form):
    """Which columns, in which format."""

    columns = forms.MultipleChoiceField(label=_("列"), widget=forms.CheckboxSelectMultiple)
    format = forms.ChoiceField(
        label=_("格式"), choices=FORMATS, initial="xlsx", widget=forms.RadioSelect
    )

    def __init__(self, *args: Any, choices: Sequence[tuple[str, Any]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["columns"].choices = choices  # type: ignore[attr-defined]
        self.fields["columns"].initial = [name for name, _title in choices]


@dataclass(frozen=True)
class Export:
    """One export: whose, of which rows, by which resource, with which columns from above."""

    user: Any
    rows: QuerySet[Any]
    resource: ModelResource
    columns: tuple[Column, ...] = ()

    def choices(self) -> list[tuple[str, Any]]:
        fields = [
            (self.resource.get_field_name(field), field.column_name)
            for field in self.resource.get_export_fields()
        ]
        return [*fields, *((column.name, column.title) for column in self.columns)]

    def count(self) -> int:
        """The number of rows, up to one more than may be made."""
        return self.rows.order_by()[: MOST_ROWS + 1].count()

    def refuse_too_many(self) -> None:
        if self.count() > MOST_ROWS:
            raise Refused("roster.export_too_large", limit=MOST_ROWS)

    def table(self, names: Sequence[str]) -> tuple[list[str], Iterator[list[Any]]]:
        """Headings, and the rows as they come from the database, a slice at a time."""
        own = [name for name, _title in self.choices() if name in names]
        fields = [
            field
            for field in self.resource.get_export_fields()
            if self.resource.get_field_name(field) in own
        ]
        columns = [column for column in self.columns if column.name in own]
        headings = [str(field.column_name) for field in fields]
        return [*headings, *(str(column.title) for column in columns)], self._rows(fields, columns)

    def _rows(self, fields: list[Any], columns: list[Column]) -> Iterator[list[Any]]:
        found = self.rows.iterator(chunk_size=ROWS_AT_ONCE)
        while objects := list(islice(found, ROWS_AT_ONCE)):
            extra = [column.for_export(self.user, objects) for column in columns]
            for place, obj in enumerate(objects):
                row = [self.resource.export_field(field, obj) for field in fields]
                yield [*row, *(values[place] for values in extra)]


def respond(
    export: Export, *, names: Sequence[str], form: str, filters: QueryDict
) -> HttpResponseBase:
    """The file as an answer, after the export was recorded. Raises Refused above the limit."""
    export.refuse_too_many()
    meta = export.rows.model._meta
    title = str(meta.verbose_name)
    with acting("roster.list_exported", by=export.user):
        note(
            target=(f"{meta.label_lower}.list", form, title),
            rows=export.count(),
            columns=list(names),
            filters=_said(filters),
        )
    headings, rows = export.table(names)
    if form == "csv":
        response: HttpResponseBase = StreamingHttpResponse(
            _in_language(csv_lines, headings, rows), content_type="text/csv; charset=utf-8"
        )
    else:
        response = FileResponse(
            xlsx_file(headings, rows, title=title),
            content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        )
    # Chinese file names go by RFC 6266; Django's header helper lives in FileResponse only.
    response.headers["Content-Disposition"] = f'attachment; filename="{meta.model_name}.{form}"'
    return response


def _said(filters: QueryDict) -> str:
    """Search and filters as an event keeps them for good: without numbers of persons. Source: R64."""
    said = QueryDict(mutable=True)
    for name, values in filters.lists():
        said.setlist(masked(name), list(map(masked, values)))
    return said.urlencode()


def _in_language(
    lines: Callable[..., Iterator[bytes]], headings: list[str], rows: Iterator[list[Any]]
) -> Iterator[bytes]:
    """The stream runs after the middleware has put the language away: take it up again."""
    with translation.override(translation.get_language()):
        yield from lines(headings, rows)
