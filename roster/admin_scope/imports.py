"""Small tables as CSV, both ways: seen first line by line, then written by the services."""

from __future__ import annotations

import io
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from typing import Any
from uuid import uuid4

import tablib
from django import forms
from django.core.cache import cache
from django.core.validators import FileExtensionValidator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from import_export.results import Result, RowResult
from import_export.widgets import ForeignKeyWidget

from audit.acts import acting, note
from audit.refusal import NotPermitted, Refused, explain
from intake import cells, limits, store
from intake.parsing import Head, open_tables

from ..enums import Permission
from ..scope import may
from .exports import ExportResource
from .forms import SmallTableField

KEPT_SECONDS = 3_600
FATES = {
    RowResult.IMPORT_TYPE_NEW: gettext_lazy("新增"),
    RowResult.IMPORT_TYPE_UPDATE: gettext_lazy("变更"),
    RowResult.IMPORT_TYPE_SKIP: gettext_lazy("无变化"),
    RowResult.IMPORT_TYPE_ERROR: gettext_lazy("未接受"),
    RowResult.IMPORT_TYPE_INVALID: gettext_lazy("未接受"),
}


class ServiceResource(ExportResource):
    """A resource whose rows are saved by a service: a class says in `store` by which."""

    class Meta:
        clean_model_instances = True
        skip_unchanged = True
        report_skipped = True
        use_transactions = True

    def store(self, instance: Any, *, by: Any, is_create: bool) -> None:
        """Call the service for one line. Raises Refused."""
        raise NotImplementedError

    def save_instance(self, instance: Any, is_create: bool, row: Any, **kwargs: Any) -> None:
        try:
            self.store(instance, by=kwargs["user"], is_create=is_create)
        except Refused as refusal:
            raise ValueError(explain(refusal)) from refusal

    def headings(self) -> list[str]:
        return [str(field.column_name) for field in self.get_import_fields()]


class CodeWidget(ForeignKeyWidget):
    """A related row by its code, with a sentence when there is none."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        try:
            return super().clean(value, row, **kwargs)
        except self.model.DoesNotExist:
            raise ValueError(
                _("没有代码为“%(value)s”的%(what)s。")
                % {"value": value, "what": self.model._meta.verbose_name}
            ) from None


class UploadForm(forms.Form):
    """A CSV file that fits on a page."""

    file = SmallTableField(
        label=gettext_lazy("CSV 文件"), validators=[FileExtensionValidator(["csv"])]
    )


@dataclass(frozen=True)
class Line:
    """One line of the preview."""

    number: int
    fate: str
    fate_text: Any
    cells: tuple[str, ...]
    problems: tuple[str, ...]


@dataclass(frozen=True)
class Preview:
    headings: tuple[str, ...]
    lines: tuple[Line, ...]

    @property
    def refused(self) -> int:
        return sum(1 for line in self.lines if line.problems)

    @property
    def news(self) -> int:
        return sum(1 for line in self.lines if line.fate in ("new", "update"))


def read(data: bytes, headings: list[str]) -> tablib.Dataset:
    """The table in a CSV, read like every other file. Raises Refused with what is wrong with it."""
    with store.spooled(io.BytesIO(data)) as upload, open_tables(upload.stream) as tables:
        if not tables.encoding:
            raise Refused("roster.import_not_csv")
        name = tables.settle_delimiter(lambda rows: _known(rows, headings))
        found = list(islice(tables.rows(name), limits.TABLE_LINES + 2))
    if len(found) <= 1:
        raise Refused("roster.import_empty")
    if len(found) - 1 > limits.TABLE_LINES:
        raise Refused("roster.import_too_long", limit=limits.TABLE_LINES)
    rows = [_tidied(number, texts, flag) for number, texts, flag in found]
    missing = [name for name in headings if name not in rows[0]]
    unknown = [name for name in rows[0] if name not in headings]
    if missing or unknown or len(set(rows[0])) != len(rows[0]):
        raise Refused("roster.import_headings", expected="，".join(headings))
    width = len(rows[0])
    for (number, _texts, _flag), row in zip(found, rows, strict=True):
        if len(row) != width:
            raise Refused("roster.import_width", line=number, cells=len(row), width=width)
    return tablib.Dataset(*rows[1:], headers=rows[0])


def _known(rows: Sequence[Head], headings: list[str]) -> int:
    """How many of the headings the first row has."""
    first = {cells.heading_key(text) for _number, texts in rows[:1] for text in texts}
    return len(first.intersection(map(cells.heading_key, headings)))


def _tidied(number: int, texts: list[str], flag: str) -> list[str]:
    with suppress(cells.BadCell):
        if not flag:
            return list(map(cells.tidy, texts))
    raise Refused("roster.import_cell", line=number, limit=limits.CELL_CHARACTERS)


def preview(result: Result, table: tablib.Dataset) -> Preview:
    """What writing the table would do, line by line as a person counts them."""
    lines = []
    for number, (row, texts) in enumerate(zip(result.rows, table, strict=True), 2):
        problems = [str(error.error) for error in row.errors]
        if row.validation_error is not None:
            problems += row.validation_error.messages
        lines.append(
            Line(
                number,
                row.import_type,
                FATES.get(row.import_type, row.import_type),
                tuple(map(str, texts)),
                tuple(problems),
            )
        )
    return Preview(tuple(table.headers), tuple(lines))


class ScopedImportMixin:
    """Adds 导入 to a `ScopedAdmin`: upload, look at every line, confirm once."""

    import_permission: Permission
    import_resource: type[ServiceResource]

    def has_import_permission(self, request: HttpRequest) -> bool:
        return may(request.user, self.import_permission)

    def get_own_urls(self) -> list[Any]:
        own = super().get_own_urls()  # type: ignore[misc]
        return [self.own_path("import/", self.import_view, "import"), *own]  # type: ignore[attr-defined]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        url = self.filtered_url(request, "import") if self.has_import_permission(request) else ""  # type: ignore[attr-defined]
        return super().changelist_view(request, {"import_url": url, **(extra_context or {})})  # type: ignore[misc]

    def import_view(self, request: HttpRequest) -> HttpResponse:
        if not self.has_import_permission(request):
            raise NotPermitted("roster.not_permitted")
        if "key" in request.POST:
            return self._import_confirmed(request)
        form = UploadForm(request.POST or None, request.FILES or None)
        seen, key = None, ""
        if request.method == "POST" and form.is_valid():
            data = form.cleaned_data["file"].read()
            seen = self._previewed(request, form, data)
            if seen is not None and not seen.refused and seen.news:
                key = uuid4().hex
                fates = [line.fate for line in seen.lines]
                cache.set(self._kept_under(request, key), (data, fates), KEPT_SECONDS)
        return self.page(  # type: ignore[attr-defined]
            request,
            "roster/import.html",
            title=_("导入%s") % self.opts.verbose_name,  # type: ignore[attr-defined]
            form=form,
            preview=seen,
            key=key,
            headings=self.import_resource().headings(),
            back=self.filtered_url(request, "changelist"),  # type: ignore[attr-defined]
        )

    def _previewed(self, request: HttpRequest, form: UploadForm, data: bytes) -> Preview | None:
        try:
            table = read(data, self.import_resource().headings())
        except Refused as refusal:
            form.add_error("file", explain(refusal))
            return None
        result = self.import_resource().import_data(table, dry_run=True, user=request.user)
        return preview(result, table)

    def _import_confirmed(self, request: HttpRequest) -> HttpResponse:
        kept = self._kept_under(request, request.POST["key"][:40])
        found = cache.get(kept)
        if found is None:
            raise Refused("roster.import_expired")
        data, fates = found
        resource = self.import_resource()
        table = read(data, resource.headings())
        title = str(self.opts.verbose_name_plural)  # type: ignore[attr-defined]
        with acting("roster.table_imported", by=request.user):
            note(target=(f"{self.opts.label_lower}.list", "csv", title), lines=len(table))  # type: ignore[attr-defined]
            result = resource.import_data(table, dry_run=False, user=request.user)
            if [row.import_type for row in result.rows] != fates:
                raise Refused("roster.import_changed")
        cache.delete(kept)
        counts = result.totals
        self.message_user(  # type: ignore[attr-defined]
            request,
            _("已导入：新增 %(new)s 行，变更 %(changed)s 行，无变化 %(same)s 行。")
            % {
                "new": counts[RowResult.IMPORT_TYPE_NEW],
                "changed": counts[RowResult.IMPORT_TYPE_UPDATE],
                "same": counts[RowResult.IMPORT_TYPE_SKIP],
            },
        )
        return HttpResponseRedirect(self.filtered_url(request, "changelist"))  # type: ignore[attr-defined]

    def _kept_under(self, request: HttpRequest, key: str) -> str:
        return f"table:{self.opts.label_lower}:{request.user.pk}:{key}"  # type: ignore[attr-defined]
