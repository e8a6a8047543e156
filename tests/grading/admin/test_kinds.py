"""信用评价信息构成表: read by everybody with a post, kept by the provincial lead agency."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audit.models import Event
from records.models import Kind
from tests.credit_portal.html import forbidden
from tests.factories.officers import Officers, signed_in

NEW = {
    "code": "late_report",
    "name": "未按期公示年度报告",
    "category": "general",
    "shape": "decision",
    "counting_date": "认定日期",
    "clause": "三（一）",
    "note": "",
    "list_names": "",
    "order": "20",
    "since": "",
    "until": "",
}


def table(user: Any) -> Any:
    response = signed_in(user).get(reverse("admin:records_kind_changelist"))
    assert response.status_code == 200
    return response


def test_the_table_stands_by_nature_and_says_as_what_each_counts(officers: Officers) -> None:
    response = table(officers.department_clerk)
    groups = response.context["groups"]
    assert [(str(group["title"]), len(group["rows"])) for group in groups] == [
        ("基本信息", 2),
        ("一般失信行为", 10),
        ("严重失信行为", 9),
        ("吊销营业执照", 1),
        ("不纳入评价", 1),
    ]
    rows = {row["kind"].pk: row for group in groups for row in group["rows"]}
    assert {
        key: (str(rows[key]["weight"]), str(rows[key]["when"]))
        for key in ("registration", "judgment", "penalty_other", "seriously_dishonest")
    } == {
        "registration": ("不计", ""),
        "judgment": ("一般失信行为", "计算期内认定，且到评价基准日尚未终止的"),
        "penalty_other": ("一般失信行为", "计算期内认定的"),
        "seriously_dishonest": ("严重失信主体名单", "不论何时认定，到评价基准日尚未终止（移出）的"),
    }
    assert forbidden(response.content.decode()) == []


def test_the_table_costs_a_constant_number_of_queries(officers: Officers) -> None:
    client = signed_in(officers.department_clerk)
    url = reverse("admin:records_kind_changelist")
    client.get(url)
    counts = []
    for batch in range(2):
        with CaptureQueriesContext(connection) as queries:
            client.get(url)
        counts.append(len(queries))
        Kind.objects.bulk_create(
            Kind(code=f"k{batch}_{n}", name=f"类{batch}-{n}", category="general", shape="decision")
            for n in range(20)
        )
    assert counts[0] == counts[1]


def test_the_province_adds_a_kind_that_does_not_count_yet(officers: Officers) -> None:
    answer = signed_in(officers.province_clerk).post(reverse("admin:records_kind_add"), NEW)
    assert answer.status_code == 302
    assert Kind.objects.get(pk="late_report").name == "未按期公示年度报告"
    rows = {
        row["kind"].pk: row
        for group in table(officers.department_clerk).context["groups"]
        for row in group["rows"]
    }
    assert (rows["late_report"]["weight"], rows["late_report"]["when"]) == ("不计", "本标准未列")
    event = Event.objects.get(act="records.kind_saved")
    assert (event.actor, event.target_id) == ("clerk-130000", "late_report")


def test_the_province_corrects_a_kind_but_never_its_code(officers: Officers) -> None:
    client = signed_in(officers.province_clerk)
    url = reverse("admin:records_kind_change", args=["tax_arrears"])
    form = client.get(url).context["adminform"].form
    given = {name: form.initial[name] or "" for name in form.fields}
    seen = client.get(url).context["seen"]
    answer = client.post(
        url, {**given, "code": "other", "note": "以税务机关公告为准", "_seen": seen}
    )
    assert answer.status_code == 302
    assert Kind.objects.get(pk="tax_arrears").note == "以税务机关公告为准"
    assert Kind.objects.filter(pk="other").count() == 0


def test_a_stale_form_of_a_kind_is_refused(officers: Officers) -> None:
    client = signed_in(officers.province_clerk)
    url = reverse("admin:records_kind_change", args=["tax_arrears"])
    shown = client.get(url).context
    form = shown["adminform"].form
    given = {name: form.initial[name] or "" for name in form.fields}
    given["_seen"] = shown["seen"]
    client.post(url, {**given, "note": "先"})
    answer = client.post(url, {**given, "note": "后"})
    assert answer.status_code == 409
    assert Kind.objects.get(pk="tax_arrears").note == "先"


@pytest.mark.parametrize("bad", ["Late", "1late", "late report", "late-report", "迟报"])
def test_a_code_must_be_plain(officers: Officers, bad: str) -> None:
    answer = signed_in(officers.province_clerk).post(
        reverse("admin:records_kind_add"), {**NEW, "code": bad}
    )
    assert answer.status_code == 409
    assert answer.context["adminform"].form.errors == {
        "__all__": [
            f"信息类别代码“{bad}”不合规定。请用小写英文字母开头，只含小写字母、数字和下划线。"
        ]
    }


def test_a_code_in_use_is_said_at_its_field(officers: Officers) -> None:
    answer = signed_in(officers.province_clerk).post(
        reverse("admin:records_kind_add"), {**NEW, "code": "tax_arrears"}
    )
    assert list(answer.context["adminform"].form.errors) == ["code"]
    assert Kind.objects.get(pk="tax_arrears").name == "欠缴税款"


def test_nobody_else_keeps_the_table(officers: Officers) -> None:
    add = reverse("admin:records_kind_add")
    change = reverse("admin:records_kind_change", args=["tax_arrears"])
    load = reverse("admin:records_kind_import")
    for user in (
        officers.county.clerk,
        officers.city.clerk,
        officers.other.clerk,
        officers.department_clerk,
        officers.reader,
    ):
        client = signed_in(user)
        assert client.post(add, NEW).status_code == 403, user
        assert client.post(change, NEW).status_code == 403, user
        assert client.get(load).status_code == 403, user
        assert client.get(change).context["has_change_permission"] is False, user
    assert Kind.objects.count() == 23


# --- as a file ---------------------------------------------------------------------------------------


def exported(user: Any) -> str:
    url = reverse("admin:records_kind_export")
    columns = [
        "code", "name", "category", "shape", "counting_date", "clause", "note", "list_names",
        "order", "since", "until",
    ]  # fmt: skip
    response = signed_in(user).post(url, {"columns": columns, "format": "csv"})
    return b"".join(response.streaming_content).decode("utf-8-sig")


def upload(user: Any, text: str) -> Any:
    file = SimpleUploadedFile("kinds.csv", text.encode(), content_type="text/csv")
    return signed_in(user).post(reverse("admin:records_kind_import"), {"file": file})


def test_the_table_goes_out_and_comes_back_unchanged(officers: Officers) -> None:
    text = exported(officers.province_clerk)
    assert len(text.splitlines()) == 24
    preview = upload(officers.province_clerk, text).context["preview"]
    assert {line.fate for line in preview.lines} == {"skip"}


def test_a_changed_line_and_a_new_one_are_seen_first_and_confirmed_once(
    officers: Officers,
) -> None:
    text = exported(officers.province_clerk).replace("欠缴税款", "欠税")
    text += "late_report,未按期公示年度报告,一般失信行为,决定,认定日期,三（一）,,,20,,\r\n"
    seen = upload(officers.province_clerk, text)
    fates = [line.fate for line in seen.context["preview"].lines]
    assert (fates.count("update"), fates.count("new"), fates.count("skip")) == (1, 1, 22)
    assert Kind.objects.filter(pk="late_report").count() == 0
    url = reverse("admin:records_kind_import")
    signed_in(officers.province_clerk).post(url, {"key": seen.context["key"]})
    assert Kind.objects.get(pk="late_report").category == "general"
    assert Kind.objects.get(pk="tax_arrears").name == "欠税"


def test_a_bad_line_says_why_and_nothing_is_written(officers: Officers) -> None:
    text = exported(officers.province_clerk)
    text += "迟报,未按期公示年度报告,一般失信行为,决定,认定日期,三（一）,,,20,,\r\n"
    seen = upload(officers.province_clerk, text)
    assert [line.problems for line in seen.context["preview"].lines if line.problems] == [
        ("信息类别代码“迟报”不合规定。请用小写英文字母开头，只含小写字母、数字和下划线。",)
    ]
    assert seen.context["key"] == ""


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"shape": "state", "list_names": "年报黑榜、年报失信名录"}, ""),
        (
            {"list_names": "年报黑榜"},
            "只有状态类的信息才有名单名称。请改为“状态”，或将名单名称留空。",
        ),
        (
            {"shape": "state", "list_names": "经营 异常"},
            "名单名称“经营 异常”已属于“经营异常名录”。请先从该类别中删去。",
        ),
        (
            {"shape": "state", "list_names": "黑"},
            "名单名称“黑”太短，会与别的名单混淆。请至少写两个字。",
        ),
    ],
)
def test_the_province_says_which_lists_mean_a_kind(
    officers: Officers, changes: dict[str, str], said: str
) -> None:
    url = reverse("admin:records_kind_add")
    answer = signed_in(officers.province_clerk).post(url, NEW | changes)
    assert (answer.status_code, said in answer.content.decode()) == (409 if said else 302, True)
    assert Kind.objects.filter(pk="late_report").count() == (0 if said else 1)
