"""What a check calls a table or a row: for people, and as the database has it."""

from typing import Any

from django.db.models import Model


def table_name(model: type[Model]) -> str:
    return f"{model._meta.verbose_name} {model._meta.label_lower}"


def row_name(model: type[Model], key: Any) -> str:
    return f"{table_name(model)} {key}"
