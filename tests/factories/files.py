"""Files sent in through the pages, by people who are signed in."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterable, Sequence
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from python_calamine import CalamineWorkbook

from intake import services
from intake.models import Batch
from tests.factories.intake import csv_file
from tests.factories.roster import CHANGAN, code

ROSTER = ["企业名称", "统一社会信用代码", "注册地行政区划代码", "登记状态", "成立日期"]
PENALTIES = [
    "行政相对人名称", "行政相对人代码_1(统一社会信用代码)", "法定代表人身份证号", "行政处罚决定书文号",
    "处罚类别", "处罚内容", "处罚决定日期", "处罚机关", "处罚机关统一社会信用代码",
]  # fmt: skip
PAPERS = "130102198001010011"
"""The identity papers of an invented person; they may stay nowhere."""


def roster_line(number: int, **values: object) -> list[object]:
    """A line of 长安区: the n-th invented enterprise, with some values put differently."""
    given: dict[str, object] = {
        "企业名称": f"企业{code(number)[-6:]}有限公司",
        "统一社会信用代码": code(number),
        "注册地行政区划代码": CHANGAN,
        "登记状态": "存续",
        "成立日期": "2019-05-06",
    }
    return [(given | values)[heading] for heading in ROSTER]


def penalty_line(name: str, enterprise: str, authority: str, **values: object) -> list[object]:
    """A fine of last summer."""
    given: dict[str, object] = {
        "行政相对人名称": name,
        "行政相对人代码_1(统一社会信用代码)": enterprise,
        "法定代表人身份证号": PAPERS,
        "行政处罚决定书文号": "长市监罚字〔2025〕1号",
        "处罚类别": "罚款",
        "处罚内容": "罚款一千元",
        "处罚决定日期": dt.date(2025, 7, 1),
        "处罚机关": authority,
        "处罚机关统一社会信用代码": "11130102000000001X",
    }
    return [(given | values)[heading] for heading in PENALTIES]


def page(name: str, batch: Batch | None = None) -> str:
    """The address of a page about files."""
    return reverse(f"admin:intake_batch_{name}", args=[batch.pk] if batch else [])


def upload(
    client: Client, layout: str, content: bytes | Iterable[Sequence[object]], name: str = "表.csv"
) -> Any:
    """Send a file through the start page; the answer."""
    data = content if isinstance(content, bytes) else csv_file(content).read()
    return client.post(page("add"), {"layout": layout, "file": SimpleUploadedFile(name, data)})


def sent(client: Client, layout: str, rows: Iterable[Sequence[object]], **more: Any) -> Batch:
    """A file sent in that waits for a worker."""
    answer = upload(client, layout, rows, **more)
    assert answer.status_code == 302, answer.content.decode()
    return Batch.objects.latest("pk")


def checked(client: Client, layout: str, rows: Iterable[Sequence[object]], **more: Any) -> Batch:
    """A file that waits for its confirmation."""
    return services.check_batch(sent(client, layout, rows, **more).pk, pause=0)


def confirm(client: Client, batch: Batch, key: str | None = None) -> Any:
    return client.post(page("confirm", batch), {"key": batch.confirm_key if key is None else key})


def merged(client: Client, layout: str, rows: Iterable[Sequence[object]], **more: Any) -> Batch:
    """A file that was confirmed and taken in."""
    batch = checked(client, layout, rows, **more)
    confirm(client, batch)
    return services.merge_batch(batch.pk)


def counts(batch: Batch) -> tuple[int, int, int, int]:
    return batch.added, batch.changed, batch.unchanged, batch.refused


def read_workbook(answer: Any) -> list[list[object]]:
    """The rows of the first sheet of a workbook that was answered with."""
    content = b"".join(answer.streaming_content)
    return CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
