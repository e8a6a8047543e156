"""`field__one_of=values`: like `in`, for thousands of values.

The values travel as one parameter, an array on PostgreSQL and a JSON list on SQLite: an `in` of
five thousand costs more in Python than in the database, and SQLite limits their number.
"""

from __future__ import annotations

import json
from typing import Any

from django.db.models import BigAutoField, CharField, ForeignKey, Lookup


class OneOf(Lookup):
    lookup_name = "one_of"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        column, parameters = self.process_lhs(compiler, connection)
        values = list(self.rhs)
        if connection.vendor == "postgresql":
            return f"{column} = ANY(%s)", [*parameters, values]
        listed = f"{column} IN (SELECT value FROM json_each(%s))"  # noqa: S608  a column of ours
        return listed, [*parameters, json.dumps(values)]


BigAutoField.register_lookup(OneOf)
CharField.register_lookup(OneOf)
ForeignKey.register_lookup(OneOf)

__all__ = ["OneOf"]
