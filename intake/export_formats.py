"""Formats for django-import-export whose exports are written by `intake.exports`.

Exports only, except the CSV of small tables; no workbook is ever opened by these.
"""

from __future__ import annotations

from typing import Any

import tablib
from import_export.formats import base_formats

from . import exports


class TextXLSX(base_formats.Format):
    """XLSX by xlsxwriter: codes stay text, formulas do not run."""

    def get_title(self) -> str:
        return "xlsx"

    def is_binary(self) -> bool:
        return True

    def get_extension(self) -> str:
        return "xlsx"

    def get_content_type(self) -> str:
        return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

    def can_import(self) -> bool:
        return False

    def can_export(self) -> bool:
        return True

    def create_dataset(self, in_stream: Any) -> Any:
        raise NotImplementedError("Workbooks are read by intake.reading only.")

    def export_data(self, dataset: tablib.Dataset, **kwargs: Any) -> bytes:
        title = dataset.title or "Sheet1"
        with exports.xlsx_file(dataset.headers or [], iter(dataset), title=title) as file:
            return file.read()


class SafeCSV(base_formats.CSV):
    """CSV with BOM for Chinese spreadsheets, formula starts defused; read as strict UTF-8."""

    CONTENT_TYPE = "text/csv; charset=utf-8"

    def export_data(self, dataset: tablib.Dataset, **kwargs: Any) -> str:
        lines = exports.csv_lines(dataset.headers or [], iter(dataset))
        return b"".join(lines).decode()

    def create_dataset(self, in_stream: str, **kwargs: Any) -> tablib.Dataset:
        return super().create_dataset(in_stream.removeprefix("\ufeff"), **kwargs)


FORMATS = [TextXLSX, SafeCSV]
"""What every list's export offers."""

__all__ = ["FORMATS", "SafeCSV", "TextXLSX"]
