"""What the columns of record files share."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import cast

from django.db.models import Field
from django.utils.translation import gettext_lazy as _

from intake import cells
from intake.layouts import Column

from ..models import Record

TERM_WORDS = frozenset({"长期", "永久", "长期有效", "无期限"})


def term(value: str) -> dt.date | None:
    """The last day of something; 长期 has none."""
    return None if cells.tidy(value) in TERM_WORDS else cells.date(value)


def longest(field_name: str) -> int:
    """How many characters a field of a record holds."""
    return cast("Field", Record._meta.get_field(field_name)).max_length or 0


NAME = Column(
    "name", "行政相对人名称", cells.limited(200, cells.name), required=True, filled=True,
    aliases=("企业名称", "当事人名称", "被处罚单位名称", "被处罚人名称", "相对人名称"),
)  # fmt: skip
AUTHORITY_HINT = _("机构在本系统中的名称或其他名称，须为本单位或本级的机构。")
ENTERPRISE_NAME = replace(NAME, heading="企业名称", aliases=("主体名称", "名称", "行政相对人名称"))
