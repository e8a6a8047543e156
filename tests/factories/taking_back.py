"""Files of records, and the whole way of taking one back."""

from intake import taking_back
from intake.enums import BatchState, TakeBackState
from intake.models import Batch, TakeBack

from .grading import County, code
from .roster_files import take_in

HEADINGS = [
    "企业名称", "统一社会信用代码", "信息类别", "文号", "内容摘要", "认定机关", "认定日期", "是否造成严重后果",
]  # fmt: skip


def behaviour(county: County, number: int, **values: str) -> list[str]:
    given = {
        "企业名称": f"虚构企业{code(number)[-9:]}", "统一社会信用代码": code(number),
        "信息类别": "严重失信主体名单", "文号": f"测〔2025〕{number}号", "内容摘要": "虚构的事由",
        "认定机关": county.authority.name, "认定日期": "2025-06-07", **values,
    }  # fmt: skip
    return [given.get(heading, "") for heading in HEADINGS]


def give_file(county: County, *numbers: int, **values: str) -> Batch:
    rows = [behaviour(county, number, **values) for number in numbers]
    batch = take_in("behaviours", [HEADINGS, *rows], by=county.clerk)
    assert batch.refused == 0
    return batch


def taken_back(batch: Batch, county: County, reason: str = "发错了文件") -> TakeBack:
    """The whole way, by the county's clerk and approver."""
    taking_back.ask(by=county.clerk, batch_id=batch.pk, reason=reason)
    asked = weighed(batch)
    taking_back.decide(
        by=county.approver, batch_id=batch.pk, agree=True, reason="", digest=asked.fates_digest
    )
    assert taking_back.carry_out(batch.pk).state == BatchState.TAKEN_BACK
    asked.refresh_from_db()
    return asked


def weighed(batch: Batch) -> TakeBack:
    assert taking_back.weigh(batch.pk).state == BatchState.WEIGHED
    return TakeBack.objects.get(batch=batch, state=TakeBackState.WAITING)
