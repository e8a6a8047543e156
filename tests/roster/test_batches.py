"""The pages by which a clerk takes in a file: start, difference, confirmation, report, list."""

import datetime as dt
import gzip
import re
from importlib import import_module
from pathlib import Path

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from audit.models import Event
from intake import limits, services, store
from intake.enums import BatchState
from intake.models import Batch, BatchLine
from intake.tending import tend_batch
from records.models import Record
from roster.models import Agency, Enterprise, Posting
from roster.services import register_enterprise
from tests.factories.files import (
    PAPERS,
    PENALTIES,
    ROSTER,
    checked,
    confirm,
    counts,
    merged,
    page,
    penalty_line,
    read_workbook,
    roster_line,
    sent,
    upload,
)
from tests.factories.intake import xlsx_file
from tests.factories.roster import (
    CHANGAN,
    LUNAN,
    OPERATOR,
    TODAY,
    Hebei,
    code,
    department,
    lead,
    person,
    post,
    signed_in,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("store_dir")]

NEWS = [
    ROSTER,
    roster_line(1, 企业名称="长安甲贸易有限公司", 登记状态="歇业"),
    roster_line(21),
    roster_line(22, 成立日期="2025-02-30"),
]
"""One line that changes an enterprise, one that adds one, one that is refused."""


@pytest.fixture
def clerk(hebei: Hebei):
    return signed_in(hebei.county)


@pytest.fixture
def announced(monkeypatch):
    """What was announced, instead of a broker."""
    found: list[tuple] = []
    monkeypatch.setattr(
        "celery.app.task.Task.apply_async",
        lambda task, args=(), **options: found.append((task.name, *args)),
    )
    return found


def text(answer) -> str:
    return answer.content.decode()


def penalties(hebei: Hebei, *more: list) -> list[list]:
    office = department(CHANGAN).name
    return [PENALTIES, penalty_line(hebei.own.name, hebei.own.pk, office), *more]


# --- the start page ----------------------------------------------------------------------------


def test_start_page_offers_the_kinds_of_the_persons_post(hebei: Hebei):
    def kinds(user) -> list[str]:
        return [one.key for one in signed_in(user).get(page("add")).context["form"].kinds]

    assert kinds(hebei.county) == ["roster", "penalties", "listings", "behaviours"]
    assert kinds(hebei.market) == ["penalties", "listings", "behaviours"]


@pytest.mark.parametrize("role", ["lead_approver", "reader", "inspector", "system_admin"])
def test_start_page_is_closed_to_who_sends_no_files(hebei: Hebei, role: str):
    other = signed_in(person(lead(CHANGAN), role))

    assert other.get(page("add")).status_code == 403
    assert upload(other, "roster", NEWS).status_code == 403
    assert not Batch.objects.exists()


def test_start_page_ticks_the_kind_of_the_link(clerk):
    chosen = clerk.get(page("add"), {"layout": "penalties"}).context["chosen"]
    assert chosen.key == "penalties"
    assert clerk.get(page("add"), {"layout": "x\x00"}).status_code == 400
    assert clerk.get(page("add"), {"layout": "nonsense"}).context["chosen"] is None


def test_template_is_a_workbook_with_the_headings(clerk):
    answer = clerk.get("/admin/intake/batch/template/roster/")

    assert read_workbook(answer)[0][:2] == ["企业名称", "统一社会信用代码"]
    assert "%E4%BC%81%E4%B8%9A%E5%90%8D%E5%BD%95" in answer["Content-Disposition"]


def test_template_of_a_kind_one_may_not_send_is_not_there(hebei: Hebei):
    market = signed_in(hebei.market)
    assert market.get("/admin/intake/batch/template/roster/").status_code == 404
    assert market.get("/admin/intake/batch/template/nonsense/").status_code == 404


def test_lists_lead_to_the_start_page(clerk, hebei: Hebei):
    assert "/admin/intake/batch/add/?layout=roster" in text(clerk.get("/admin/roster/enterprise/"))
    assert "/admin/intake/batch/add/" in text(clerk.get("/admin/records/record/"))
    reader = signed_in(person(lead(CHANGAN), "reader"))
    assert "/admin/intake/batch/add/" not in text(reader.get("/admin/roster/enterprise/"))


@pytest.mark.parametrize(
    ("layout", "name", "content", "said"),
    [
        ("roster", "空.csv", b"", "文件是空的（0 字节）"),
        ("", "表.csv", b"x", "请选择文件种类"),
        ("nonsense", "表.csv", b"x", "请在所列的文件种类中选择"),
    ],
)
def test_form_says_what_is_missing(clerk, layout, name, content, said):
    answer = upload(clerk, layout, content, name)

    assert (answer.status_code, said in text(answer)) == (200, True)
    assert not Batch.objects.exists()


def test_form_without_a_file_asks_for_one(clerk):
    answer = clerk.post(page("add"), {"layout": "roster"})
    assert "请选择要上传的文件" in text(answer)
    answer = clerk.post(page("add"), {"layout": "roster", "file": "not a file"})
    assert "请选择要上传的文件" in text(answer)


def test_too_large_file_is_not_kept_and_the_form_says_so(clerk, monkeypatch):
    monkeypatch.setattr(limits, "FILE_BYTES", limits.MB)
    answer = upload(clerk, "roster", b"x" * (limits.MB + 1))

    assert "文件超过 1 MB" in text(answer)
    assert not Batch.objects.exists()


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("图.pdf", b"%PDF-1.4 \x00\x01\x02", "不能读取 PDF 格式的文件"),
        ("旧.xls", bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 600, "另存为 .xlsx"),
        ("坏.xlsx", b"PK\x03\x04 broken", "工作簿已损坏"),
        ("名.csv", "企业名称\n甲公司\n".encode(), "缺少以下列"),
    ],
)
def test_refused_file_says_why_and_offers_the_template(clerk, store_dir, name, content, said):
    answer = upload(clerk, "roster", content, name)

    assert (answer.status_code, said in text(answer)) == (409, True)
    assert "/admin/intake/batch/template/roster/" in text(answer)
    assert not Batch.objects.exists()
    assert [path for path in store_dir.rglob("*") if path.is_file()] == []
    assert Event.objects.filter(act="intake.file_received", outcome="refused").count() == 1


def test_file_about_natural_persons_is_refused_as_a_whole(clerk, store_dir):
    headings = ["行政相对人名称", "证件类型", "证件号码", "行政处罚决定书文号", "处罚类别"]
    answer = upload(clerk, "penalties", [headings, ["某人", "身份证", PAPERS, "1号", "警告"]])

    assert (answer.status_code, "自然人" in text(answer)) == (409, True)
    assert PAPERS not in everything_kept(store_dir)


def test_unsigned_upload_leads_to_the_sign_in(client):
    answer = upload(client, "roster", NEWS)
    assert (answer.status_code, "/login/" in answer["Location"]) == (302, True)


# --- the way of a roster file -----------------------------------------------------------------


def test_uploaded_file_waits_with_a_progress_bar(clerk, announced):
    batch = sent(clerk, "roster", NEWS)
    shown = text(clerk.get(page("change", batch)))

    assert f'hx-get="{page("progress", batch)}"' in shown
    assert f'<noscript><p><a href="{page("change", batch)}">' in shown
    assert "后台程序没有报告" in shown
    assert "确认写入" not in shown


def test_progress_ends_in_the_difference(clerk):
    batch = checked(clerk, "roster", NEWS)
    shown = text(clerk.get(page("progress", batch)))

    assert counts(batch) == (1, 1, 0, 1)
    assert "hx-get" not in shown
    for said in ("确认写入 2 行", "存续", "歇业", "2025 年 2 月没有 30 日", "下载错误报告"):
        assert said in shown
    assert not Enterprise.objects.filter(pk=code(21)).exists()


def test_confirmed_file_is_taken_in_and_reported(clerk, hebei: Hebei):
    batch = merged(clerk, "roster", NEWS)
    shown = text(clerk.get(page("change", batch)))

    assert batch.state == BatchState.MERGED
    assert Enterprise.objects.get(pk=code(21)).keeper_id == CHANGAN
    assert Enterprise.objects.get(pk=hebei.own.pk).status == "7"
    for said in (
        "已写入 2 行",
        "另有 1 行有误",
        hebei.county.username,
        'href="/admin/roster/enterprise/"',
    ):
        assert said in shown


def test_file_confirmed_before_is_not_confirmed_again(clerk):
    batch = checked(clerk, "roster", NEWS)
    first = confirm(clerk, batch)
    services.merge_batch(batch.pk)
    second = confirm(clerk, batch)

    assert (first.status_code, first["Location"]) == (302, page("change", batch))
    assert (second.status_code, "不再重复确认" in text(second)) == (409, True)
    assert Event.objects.filter(act="intake.file_merged").count() == 1
    assert Enterprise.objects.filter(pk=code(21)).count() == 1


@pytest.mark.parametrize("key", ["", "wrong", "x" * 5_000])
def test_confirm_with_another_key_shows_the_page_anew(clerk, key):
    batch = checked(clerk, "roster", NEWS)
    answer = confirm(clerk, batch, key)

    assert (answer.status_code, "已不是最新的" in text(answer)) == (409, True)
    assert f'value="{batch.confirm_key}"' in text(answer)
    assert Batch.objects.get(pk=batch.pk).state == BatchState.CHECKED


def test_confirm_before_the_check_is_done_is_refused(clerk):
    batch = sent(clerk, "roster", NEWS)
    answer = confirm(clerk, batch, "x")
    assert (answer.status_code, "还没有核对完" in text(answer)) == (409, True)


def test_data_changed_since_the_preview_asks_again(clerk, hebei: Hebei):
    batch = checked(clerk, "roster", NEWS)
    confirm(clerk, batch)
    register_enterprise(
        by=OPERATOR,
        code=hebei.own.pk,
        given={"status": "7"},
        source="测试",
        on=TODAY,
        version=hebei.own.version,
    )
    services.merge_batch(batch.pk)
    again = services.check_batch(batch.pk, pause=0)

    shown = text(clerk.get(page("change", batch)))
    stale = confirm(clerk, batch)  # the key of the first preview

    assert (again.state, counts(again)) == (BatchState.CHECKED, (1, 1, 0, 1))
    assert "核对之后数据有变化" in shown
    assert (stale.status_code, "已不是最新的" in text(stale)) == (409, True)
    assert not Enterprise.objects.filter(pk=code(21)).exists()

    confirm(clerk, again)
    done = services.merge_batch(batch.pk)
    shown = text(clerk.get(page("change", batch)))
    assert (done.state, "核对之后数据有变化" in shown) == (BatchState.MERGED, False)
    assert Enterprise.objects.filter(pk=code(21)).exists()


def test_cancelled_file_leaves_no_copy_and_can_be_sent_again(
    clerk, store_dir, django_capture_on_commit_callbacks
):
    batch = checked(clerk, "roster", NEWS)
    with django_capture_on_commit_callbacks(execute=True):
        answer = clerk.post(page("cancel", batch))

    assert answer["Location"] == page("change", batch)
    assert "已取消" in text(clerk.get(page("change", batch)))
    assert [path for path in store_dir.rglob("*") if path.is_file()] == []
    assert confirm(clerk, batch).status_code == 409
    assert clerk.post(page("cancel", batch)).status_code == 409
    assert counts(merged(clerk, "roster", NEWS)) == (1, 1, 0, 1)


def test_merged_file_cannot_be_cancelled(clerk):
    batch = merged(clerk, "roster", NEWS)
    answer = clerk.post(page("cancel", batch))
    assert (answer.status_code, "不能取消" in text(answer)) == (409, True)


def test_same_file_again_adds_nothing_and_says_so(clerk):
    first = merged(clerk, "roster", NEWS)
    again = checked(clerk, "roster", NEWS)
    shown = text(clerk.get(page("change", again)))

    assert counts(again) == (0, 0, 2, 1)
    assert "没有需要写入的内容" in shown
    assert f"同一文件已经接收过（编号 {first.pk}）" in shown
    assert 'id="confirm-file"' not in shown


def test_page_says_in_which_encoding_a_file_was_read(clerk):
    lines = "\n".join(",".join(map(str, line)) for line in [ROSTER, roster_line(21)])
    upload(clerk, "roster", lines.encode("gb18030"))
    batch = services.check_batch(Batch.objects.latest("pk").pk, pause=0)

    assert counts(batch) == (1, 0, 0, 0)
    assert "文件按 GB18030 编码读取" in text(clerk.get(page("change", batch)))


def test_error_report_put_right_is_taken_in(clerk):
    batch = merged(clerk, "roster", NEWS)
    rows = read_workbook(clerk.get(page("errors", batch)))
    assert rows[0][:3] == ["行号", "未接受原因", "企业名称"]
    assert (rows[1][0], "2 月没有 30 日" in str(rows[1][1])) == (4, True)

    rows[1][rows[0].index("成立日期")] = "2025-02-28"
    right = xlsx_file({"未接受的行": rows}).read()
    upload(clerk, "roster", right, "改正.xlsx")
    repaired = services.check_batch(Batch.objects.latest("pk").pk, pause=0)
    confirm(clerk, repaired)
    services.merge_batch(repaired.pk)

    assert counts(repaired) == (1, 0, 0, 0)
    assert Enterprise.objects.get(pk=code(22)).established_on == dt.date(2025, 2, 28)


def test_error_report_without_refused_lines_is_refused(clerk):
    batch = merged(clerk, "roster", [ROSTER, roster_line(21)])
    assert clerk.get(page("errors", batch)).status_code == 409


def test_broken_copy_refuses_the_whole_file_with_the_remedy(clerk):
    batch = sent(clerk, "roster", NEWS)
    (store.folder() / batch.copy_name).unlink()
    services.check_batch(batch.pk, pause=0)
    shown = text(clerk.get(page("change", batch)))

    assert "整个文件未被接受" in shown
    assert "请重新上传" in shown
    assert "再导入一个文件" in shown


# --- the way of a penalty file ----------------------------------------------------------------


def test_penalty_file_is_taken_in(hebei: Hebei):
    market = signed_in(hebei.market)
    stranger = penalty_line("无名公司", code(99), department(CHANGAN).name)
    batch = checked(market, "penalties", penalties(hebei, stranger))
    shown = text(market.get(page("change", batch)))

    assert counts(batch) == (1, 0, 0, 1)
    assert "以下列含个人证件信息，没有保存：法定代表人身份证号" in shown
    assert "以下列没有用到：处罚机关统一社会信用代码" in shown

    confirm(market, batch)
    services.merge_batch(batch.pk)
    assert Record.objects.get().enterprise_id == hebei.own.pk
    assert 'href="/admin/records/record/"' in text(market.get(page("change", batch)))


def test_papers_of_persons_stay_nowhere(hebei: Hebei, store_dir):
    clerk = signed_in(hebei.county)
    stranger = penalty_line("无名公司", code(99), department(CHANGAN).name)
    batch = merged(clerk, "penalties", penalties(hebei, stranger))
    report = read_workbook(clerk.get(page("errors", batch)))

    assert counts(batch) == (1, 0, 0, 1)
    assert "法定代表人身份证号" not in report[0]
    assert PAPERS not in everything_kept(store_dir) + str(report)


def everything_kept(folder: Path) -> str:
    """All text of a folder's files, unpacked, and of every table a file leaves rows in."""
    files = [path.read_bytes() for path in folder.rglob("*") if path.is_file()]
    unpacked = [gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data for data in files]
    rows = [list(model.objects.values()) for model in (Batch, BatchLine, Event, Record, Enterprise)]
    return b"".join(unpacked).decode("latin-1") + str(rows)


# --- whose file --------------------------------------------------------------------------------

PAGES = ("change", "progress", "errors", "history")


def answers(client, batch: Batch) -> dict[str, int]:
    found = {}
    for name in PAGES:
        answer = client.get(page(name, batch))
        found[name] = answer.status_code
        if answer.streaming:
            b"".join(answer.streaming_content)  # which closes the file
    found["confirm"] = confirm(client, batch).status_code
    found["cancel"] = client.post(page("cancel", batch)).status_code
    return found


@pytest.mark.parametrize("layout", ["roster", "penalties"])
@pytest.mark.parametrize("who", ["city", "other", "province"])
def test_file_of_another_unit_is_not_there_on_any_page(hebei: Hebei, layout: str, who: str):
    rows = NEWS if layout == "roster" else penalties(hebei, ["坏行"])
    batch = checked(signed_in(hebei.county), layout, rows)
    stranger = signed_in(getattr(hebei, who))

    assert set(answers(stranger, batch).values()) == {404}
    assert batch.name not in text(stranger.get(page("changelist")))
    assert Batch.objects.get(pk=batch.pk).state == BatchState.CHECKED


def test_department_of_the_same_county_is_another_unit(hebei: Hebei):
    batch = checked(signed_in(hebei.county), "penalties", penalties(hebei))
    assert set(answers(signed_in(hebei.market), batch).values()) == {404}


def test_not_there_and_not_yours_are_one_page(hebei: Hebei):
    batch = checked(signed_in(hebei.county), "roster", NEWS)
    other = signed_in(hebei.other)
    gone = Batch(pk=batch.pk + 1_000)

    def shown(name: str, asked: Batch) -> str:
        bare = re.sub(r'value="[^"]*"', "", text(other.get(page(name, asked))))
        return bare.replace(page(name, asked), "")

    for name in PAGES:
        assert shown(name, batch) == shown(name, gone)


def test_colleague_looks_but_does_not_confirm(hebei: Hebei):
    batch = checked(signed_in(hebei.county), "roster", NEWS)
    colleague = signed_in(person(lead(CHANGAN), "lead_clerk"))
    shown = text(colleague.get(page("change", batch)))

    assert answers(colleague, batch) == {
        "change": 200, "progress": 200, "errors": 200, "history": 200,
        "confirm": 404, "cancel": 404,
    }  # fmt: skip
    assert "可以确认或取消" in shown
    assert batch.confirm_key not in shown
    assert batch.name in text(colleague.get(page("changelist")))


def test_colleague_who_may_not_see_records_sees_no_record_files(hebei: Hebei):
    client = signed_in(hebei.county)
    of_roster = checked(client, "roster", NEWS)
    of_records = checked(client, "penalties", penalties(hebei))
    inspector = signed_in(person(lead(CHANGAN), "inspector"))

    assert inspector.get(page("change", of_roster)).status_code == 200
    assert inspector.get(page("change", of_records)).status_code == 404


@pytest.mark.parametrize("role", ["system_admin", "security_admin", "audit_admin"])
def test_administrators_see_no_files(hebei: Hebei, role: str):
    batch = checked(signed_in(hebei.county), "roster", NEWS)
    administrator = signed_in(person(lead(CHANGAN), role))

    assert set(answers(administrator, batch).values()) == {403}
    assert administrator.get(page("changelist")).status_code == 403


def test_who_has_left_the_unit_no_longer_sees_own_files(hebei: Hebei):
    batch = checked(signed_in(hebei.county), "roster", NEWS)
    Posting.objects.filter(user=hebei.county).update(until=timezone.localdate())
    post(hebei.county, lead("130104"), "lead_clerk")

    assert set(answers(signed_in(hebei.county), batch).values()) == {404}


def test_person_with_posts_in_two_units_sees_own_files(hebei: Hebei):
    post(hebei.market, department(CHANGAN, "应急管理部门"), "department_clerk")
    market = signed_in(hebei.market)
    batch = checked(market, "penalties", penalties(hebei))

    assert "、" in batch.agency
    assert market.get(page("change", batch)).status_code == 200


def test_renamed_unit_keeps_its_files(hebei: Hebei):
    clerk = signed_in(hebei.county)
    batch = checked(clerk, "roster", NEWS)
    agency = lead(CHANGAN)
    Agency.objects.filter(pk=agency.pk).update(name="长安区数据和政务服务局")
    Agency.objects.filter(pk=lead(LUNAN).pk).update(name=agency.name)

    colleague, other = (signed_in(person(lead(one), "lead_clerk")) for one in (CHANGAN, LUNAN))
    assert colleague.get(page("change", batch)).status_code == 200
    assert other.get(page("change", batch)).status_code == 404


def test_files_of_before_get_the_codes_of_their_units(hebei: Hebei):
    fill = import_module("roster.migrations.0009_batches_know_their_agencies").fill
    batch = checked(signed_in(hebei.county), "roster", NEWS)
    Batch.objects.filter(pk=batch.pk).update(units="")

    fill(apps, None)

    assert Batch.objects.get(pk=batch.pk).units == batch.units == f"|{lead(CHANGAN).code}|"


# --- the list ------------------------------------------------------------------------------------


def test_empty_list_says_how_to_begin(clerk):
    shown = text(clerk.get(page("changelist")))
    assert "还没有报送文件" in shown
    assert "点“导入文件”" in shown


def test_list_shows_what_became_of_files_and_filters(clerk, hebei: Hebei):
    done = merged(clerk, "roster", NEWS, name="甲.csv")
    open_still = checked(clerk, "penalties", penalties(hebei), name="乙.csv")

    def names(**query: str) -> list[str]:
        return [one.name for one in clerk.get(page("changelist"), query).context["cl"].result_list]

    assert names() == [open_still.name, done.name]
    assert names(state="checked") == ["乙.csv"]
    assert names(layout="roster") == ["甲.csv"]
    assert names(uploader="nobody") == []
    assert names(q="甲") == ["甲.csv"]
    shown = text(clerk.get(page("changelist")))
    assert '<span class="count-refused">未接受 1</span>' in shown


def test_list_can_be_exported(clerk):
    merged(clerk, "roster", NEWS)
    answer = clerk.post(page("export"), {"columns": ["name", "layout", "refused"], "format": "csv"})
    assert b"".join(answer).decode("utf-8-sig").splitlines() == [
        "文件名,种类,未接受",
        "表.csv,企业名录,1",
    ]


# --- however much, however wrong ----------------------------------------------------------------


def many(count: int) -> list[list]:
    return [ROSTER, *(roster_line(n, 成立日期="2025-02-30") for n in range(100, 100 + count))]


@pytest.mark.parametrize("name", ["change", "progress"])
def test_queries_of_a_page_do_not_grow_with_the_file(clerk, name):
    few, lots = checked(clerk, "roster", many(2)), checked(clerk, "roster", many(120))

    def asked(batch: Batch) -> int:
        clerk.get(page(name, batch))
        with CaptureQueriesContext(connection) as queries:
            clerk.get(page(name, batch))
        return len(queries)

    assert asked(few) == asked(lots) <= 20


def test_queries_of_the_list_do_not_grow_with_the_files(clerk):
    def asked() -> int:
        clerk.get(page("changelist"))
        with CaptureQueriesContext(connection) as queries:
            clerk.get(page("changelist"))
        return len(queries)

    sent(clerk, "roster", NEWS)
    with_one = asked()
    for _turn in range(4):
        sent(clerk, "roster", NEWS)
    assert asked() == with_one


def test_refused_lines_come_in_pages(clerk):
    batch = checked(clerk, "roster", many(120))

    def lines(**query: str) -> list[int]:
        shown = clerk.get(page("change", batch), query)
        return [line.number for line in shown.context["refused"]]

    assert (lines()[0], len(lines())) == (2, 50)
    assert lines(refused="3") == list(range(102, 122))
    assert lines(refused="99999999999999999999") == lines(refused="3")
    assert lines(refused="-1") == lines(refused="3")
    assert lines(refused="x") == lines()


@pytest.mark.parametrize(
    "path",
    [
        "change/", "progress/", "errors/", "history/",
    ],
)  # fmt: skip
@pytest.mark.parametrize("key", ["0", "-1", "9" * 30, "x", "1'--", "１２"])
def test_wrong_numbers_are_pages_that_are_not_there(clerk, path, key):
    assert clerk.get(f"/admin/intake/batch/{key}/{path}").status_code == 404


def test_nul_is_a_broken_request(clerk):
    batch = checked(clerk, "roster", NEWS)
    assert confirm(clerk, batch, "a\x00b").status_code == 400
    assert clerk.get(page("change", batch), {"refused": "\x00"}).status_code == 400
    named = clerk.post(
        page("add"), {"layout": "ro\x00ster", "file": SimpleUploadedFile("x.csv", b"x")}
    )
    assert named.status_code == 400


def test_get_of_an_act_leads_to_the_page(clerk):
    batch = checked(clerk, "roster", NEWS)
    for name in ("confirm", "cancel"):
        assert clerk.get(page(name, batch))["Location"] == page("change", batch)
    assert Batch.objects.get(pk=batch.pk).state == BatchState.CHECKED


def test_hostile_names_and_values_are_shown_as_text(clerk):
    name = "<script>alert(1)</script>.csv"
    batch = checked(clerk, "roster", [ROSTER, roster_line(21, 登记状态="<img src=x>")], name=name)
    shown = text(clerk.get(page("change", batch)))

    assert "<script>alert" not in shown
    assert "<img src=x" not in shown
    assert "&lt;img src=x&gt;" in shown


def test_uploads_have_room_for_what_intake_takes(settings):
    assert settings.DATA_UPLOAD_MAX_NUMBER_FILES == 3 * limits.EVIDENCE_FILES
    assert settings.FILE_UPLOAD_HANDLERS == ["intake.uploads.NamelessFileHandler"]


# --- without a worker ----------------------------------------------------------------------------


def test_waiting_page_announces_again_at_most_every_ten_seconds(clerk, announced):
    batch = sent(clerk, "roster", NEWS)
    later = batch.received_at + dt.timedelta(seconds=limits.TEND_SECONDS + 1)

    def turns(*seconds: float) -> list[bool]:
        return [
            tend_batch(Batch.objects.get(pk=batch.pk), now=later + dt.timedelta(seconds=after))
            for after in seconds
        ]

    assert not tend_batch(batch, now=batch.received_at + dt.timedelta(seconds=2))
    assert turns(0, 1, 9, 10.5) == [True, False, False, True]
    assert announced == [("intake.tasks.check_batch", batch.pk)] * 2


def test_waiting_page_leaves_alone_what_somebody_works_on(clerk, announced):
    batch = sent(clerk, "roster", NEWS)
    later = timezone.now() + dt.timedelta(minutes=1)
    Batch.objects.update(state=BatchState.CHECKING, lease_until=later + dt.timedelta(seconds=30))

    assert not tend_batch(Batch.objects.get(pk=batch.pk), now=later)
    assert announced == []


def test_progress_of_a_forgotten_file_announces_it(clerk, announced):
    batch = sent(clerk, "roster", NEWS)
    Batch.objects.update(received_at=timezone.now() - dt.timedelta(minutes=3))
    clerk.get(page("progress", batch))
    clerk.get(page("progress", batch))

    assert announced == [("intake.tasks.check_batch", batch.pk)]
