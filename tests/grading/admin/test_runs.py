"""评价批次: start page, progress, stop and resume; three officers on every page."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from credit_portal import pulse
from grading import engine, services
from grading.enums import RunState
from grading.models import Run
from tests.factories.roster import CHANGAN, LUNAN, QIAOXI, code, register, signed_in

ADD = "admin:grading_run_add"


def form(**values) -> dict[str, object]:
    """What the start page sends."""
    return {"kind": "annual", "reference_date": "2025-12-31", "which": "all", **values}


def start(user, **values):
    return signed_in(user).post(reverse(ADD), form(**values))


def page(user, name: str, *args) -> str:
    response = signed_in(user).get(reverse(f"admin:grading_run_{name}", args=args))
    assert response.status_code == 200
    return response.content.decode()


# --- starting -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "mine", "not_mine"),
    [
        ("county", ["石家庄市长安区"], ["桥西区", "路南区", "河北省</label>"]),
        ("city", ["石家庄市长安区", "石家庄市桥西区"], ["路南区"]),
        ("other", ["唐山市路南区"], ["长安区", "桥西区"]),
        ("province", ["石家庄市长安区", "唐山市路南区"], []),
    ],
)
def test_start_page_offers_the_rosters_one_may_start_for(office, who, mine, not_mine):
    shown = page(getattr(office.hebei, who), "add").split('id="content-main"')[1]

    assert [name for name in mine if name not in shown] == []
    assert [name for name in not_mine if name in shown] == []


def test_department_gets_no_start_page(office):
    assert signed_in(office.hebei.market).get(reverse(ADD)).status_code == 403
    assert start(office.hebei.market).status_code == 403
    assert not Run.objects.exists()


def test_start_page_says_scheme_and_period_of_the_last_due_day(office):
    shown = page(office.hebei.county, "add")
    last = timezone.localdate().year - 1

    assert f'value="{last}-12-31"' in shown
    assert f"{last - 1}-12-31（不含）至 {last}-12-31（含）" in shown
    assert "企业信用评价标准（冀政办字〔2022〕54号）（第1版）" in shown


def test_period_follows_the_chosen_date(office):
    client = signed_in(office.hebei.county)
    shown = client.get(
        reverse("admin:grading_run_period"), {"kind": "quarterly", "reference_date": "2024-09-30"}
    )

    assert "2023-09-30（不含）至 2024-09-30（含）" in shown.content.decode()


def test_start_opens_one_run_over_all_free_rosters(office):
    response = start(office.hebei.city)
    run = Run.objects.get()

    assert response.url == reverse("admin:grading_run_change", args=(run.pk,))
    assert (run.started_by, run.kind, run.reference_date) == (
        "city",
        "annual",
        dt.date(2025, 12, 31),
    )
    assert run.parts.count() == 3


def test_start_of_chosen_rosters_only(office):
    start(office.hebei.city, which="some", rosters=[QIAOXI])

    assert list(Run.objects.get().parts.values_list("region_id", flat=True)) == [QIAOXI]


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"reference_date": "2099-12-31"}, "评价基准日 2099-12-31 晚于今天"),
        ({"reference_date": "2024-02-29"}, "基准日不能是2月29日"),
        ({"kind": "quarterly", "reference_date": "2024-02-29"}, "基准日不能是2月29日"),
        ({"reference_date": "昨天"}, "输入一个有效的日期"),
        ({"reference_date": ""}, "这个字段是必填项"),
        ({"kind": "weekly"}, "weekly"),
        ({"which": "some"}, "请至少选择一个名录"),
        ({"which": "some", "rosters": [LUNAN]}, "请更正下面标出的内容"),
    ],
)
def test_start_that_cannot_be_is_said_on_the_form(office, values, said):
    response = start(office.hebei.county, **values)

    assert response.status_code == 200
    assert said in response.content.decode()
    assert not Run.objects.exists()


def test_wrong_date_has_no_period(office):
    shown = start(office.hebei.county, reference_date="2099-12-31").content.decode()

    assert "请先填写评价基准日" in shown
    assert "（不含）至" not in shown


def test_leap_day_serves_an_estimate(office):
    assert start(office.hebei.county, kind="adhoc", reference_date="2024-02-29").status_code == 302


def test_second_run_of_a_roster_at_once_is_refused_by_name(office):
    start(office.hebei.county)
    response = start(office.hebei.county)

    assert response.status_code == 409
    assert "石家庄市长安区 已有未办结的评价" in response.content.decode()
    assert Run.objects.count() == 1


def test_busy_rosters_are_shown_and_left_out(office):
    office.compute(office.hebei.county)
    shown = page(office.hebei.city, "add")
    start(office.hebei.city)

    assert "另有1个名录的评价尚未办结，不包括在内" in shown
    assert CHANGAN not in Run.objects.first().parts.values_list("region_id", flat=True)


def test_an_estimate_keeps_no_roster_busy(office):
    office.compute(office.hebei.county, kind="adhoc")

    assert start(office.hebei.county).status_code == 302


# --- watching -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "mine", "not_mine"),
    [
        ("county", ["石家庄市长安区"], ["桥西区", "路南区"]),
        ("city", ["石家庄市长安区", "石家庄市桥西区"], ["路南区"]),
        ("other", ["唐山市路南区"], ["长安区", "桥西区"]),
    ],
)
@pytest.mark.parametrize("name", ["change", "progress"])
def test_run_page_shows_the_parts_one_may_see(office, run, name, who, mine, not_mine):
    shown = page(getattr(office.hebei, who), name, run.pk)

    assert [roster for roster in mine if roster not in shown] == []
    assert [roster for roster in not_mine if roster in shown] == []


@pytest.mark.parametrize("name", ["change", "progress"])
def test_run_of_others_is_not_there(office, name):
    run = office.compute(office.hebei.other)
    address = reverse(f"admin:grading_run_{name}", args=(run.pk,))

    assert signed_in(office.hebei.county).get(address).status_code == 404
    assert signed_in(office.hebei.market).get(address).status_code == 404


@pytest.mark.parametrize("key", ["0", "999999999999999999999999", "abc", "_2F"])
def test_run_that_is_none_is_not_there(office, key):
    client = signed_in(office.hebei.province)

    assert client.get(f"/admin/grading/run/{key}/change/").status_code == 404
    assert client.get(f"/admin/grading/run/{key}/progress/").status_code == 404


def test_counts_come_in_with_the_slices(office, monkeypatch):
    monkeypatch.setattr(engine, "SLICE_SIZE", 1)
    monkeypatch.setattr(engine, "SLICES_AT_ONCE", 1)
    register([code(11), code(12)])
    run = office.open(office.hebei.county)
    engine.slice_run(run.pk)
    for _ in range(2):
        engine.grade_chunks(engine.take_chunks(run.pk, now=timezone.now()))
    shown = page(office.hebei.county, "progress", run.pk)

    assert "2 / 3 · 66%" in shown
    assert 'hx-trigger="every 2s"' in shown
    assert 'aria-label="A 2 "' in shown


def test_page_stops_asking_when_the_run_is_done(office, run):
    assert "hx-trigger" not in page(office.hebei.province, "progress", run.pk)


def test_page_without_script_can_be_reloaded(office):
    run = office.open(office.hebei.county)

    assert "<noscript><p><a href" in page(office.hebei.county, "change", run.pk)


def test_page_that_waits_after_the_session_ended_leads_to_the_sign_in(client, office, run):
    address = reverse("admin:grading_run_progress", args=(run.pk,))
    response = client.get(address, headers={"HX-Request": "true"})

    assert (response.status_code, response.content) == (200, b"")
    assert response.headers["HX-Redirect"].startswith(reverse("account_login"))


def test_asking_for_progress_sums_up_what_is_done(office):
    run = office.open(office.hebei.county)
    engine.slice_run(run.pk)
    engine.grade_chunks(engine.take_chunks(run.pk, now=timezone.now()))
    shown = page(office.hebei.county, "progress", run.pk)
    run.refresh_from_db()

    assert run.state == RunState.COMPUTED
    assert "已算完" in shown


def test_run_is_tended_once_in_ten_seconds_however_many_ask(office):
    now = timezone.now()
    run = office.open(office.hebei.county)
    asked = [
        services.tend_run(Run.objects.get(pk=run.pk), now=now + dt.timedelta(seconds=seconds))
        for seconds in (0, 2, 9, 10, 12)
    ]

    assert asked == [True, False, False, True, False]


def test_two_pages_asking_at_once_tend_once(office):
    now = timezone.now()
    run = office.open(office.hebei.county)
    first, second = Run.objects.get(pk=run.pk), Run.objects.get(pk=run.pk)

    assert [services.tend_run(seen, now=now) for seen in (first, second)] == [True, False]


def test_page_warns_when_no_worker_has_reported_for_two_minutes(office):
    run = office.open(office.hebei.county)
    silent = page(office.hebei.county, "change", run.pk)
    pulse.report(worker="one@test", at=timezone.now())
    heard = page(office.hebei.county, "change", run.pk)

    assert "后台程序没有报告" in silent
    assert "后台程序没有报告" not in heard


def queries_of(user, run: Run, name: str) -> int:
    client = signed_in(user)
    with CaptureQueriesContext(
        connection,
    ) as caught:
        assert client.get(reverse(f"admin:grading_run_{name}", args=(run.pk,))).status_code == 200
    return len(caught)


@pytest.mark.parametrize("name", ["change", "progress"])
def test_number_of_queries_does_not_grow_with_the_rosters(office, run, name):
    assert queries_of(office.hebei.province, run, name) == queries_of(office.hebei.other, run, name)
    assert queries_of(office.hebei.province, run, name) < 20


def test_number_of_queries_while_computing_is_constant(office, monkeypatch):
    monkeypatch.setattr(engine, "SLICE_SIZE", 1)
    monkeypatch.setattr(engine, "SLICES_AT_ONCE", 1)
    register([code(number) for number in range(20, 30)])
    run = office.open(office.hebei.county)
    engine.slice_run(run.pk)
    Run.objects.update(announced_at=timezone.now())
    engine.grade_chunks(engine.take_chunks(run.pk, now=timezone.now()))
    few = queries_of(office.hebei.county, run, "progress")
    for _ in range(5):
        engine.grade_chunks(engine.take_chunks(run.pk, now=timezone.now()))

    assert queries_of(office.hebei.county, run, "progress") == few


# --- stop, resume ---------------------------------------------------------------------------------


@pytest.fixture
def running(office) -> Run:
    """A run over all rosters that has been cut into slices."""
    run = office.open(office.hebei.province)
    engine.slice_run(run.pk)
    return run


def steer(user, run: Run, name: str, method: str = "post"):
    ask = getattr(signed_in(user), method)
    response = ask(reverse(f"admin:grading_run_{name}", args=(run.pk,)))
    run.refresh_from_db()
    return response.status_code


def test_stop_and_resume(office, running):
    assert (steer(office.hebei.province, running, "stop"), running.state) == (302, "stopped")
    assert "继续评价" in page(office.hebei.province, "change", running.pk)
    assert (steer(office.hebei.province, running, "resume"), running.state) == (302, "running")
    assert services.work(running.pk).state == RunState.COMPUTED


def test_stopping_twice_is_answered_clearly(office, running):
    steer(office.hebei.province, running, "stop")

    assert steer(office.hebei.province, running, "stop") == 409
    assert steer(office.hebei.province, running, "resume") == 302
    assert steer(office.hebei.province, running, "resume") == 409


def test_reading_a_button_presses_nothing(office, running):
    assert (steer(office.hebei.province, running, "stop", "get"), running.state) == (302, "running")


@pytest.mark.parametrize("who", ["county", "city", "other"])
def test_run_over_other_rosters_too_is_not_theirs_to_stop(office, running, who):
    user = getattr(office.hebei, who)

    assert "steer-run" in page(office.hebei.province, "change", running.pk)
    assert "steer-run" not in page(user, "change", running.pk)
    assert (steer(user, running, "stop"), running.state) == (404, "running")


def test_department_stops_nothing(office, running):
    assert (steer(office.hebei.market, running, "stop"), running.state) == (403, "running")


# --- lists ----------------------------------------------------------------------------------------


def test_list_shows_runs_with_a_part_one_may_see(office):
    mine, theirs = office.compute(office.hebei.county), office.compute(office.hebei.other)
    shown = signed_in(office.hebei.city).get(reverse("admin:grading_run_changelist"))

    assert list(shown.context["cl"].queryset.values_list("pk", flat=True)) == [mine.pk]
    assert theirs.pk != mine.pk


def test_list_is_exported_as_seen(office):
    office.compute(office.hebei.county)
    office.compute(office.hebei.other)
    address = reverse("admin:grading_run_export")
    columns = ["number", "kind", "reference_date", "started_by"]
    answer = signed_in(office.hebei.county).post(address, {"columns": columns, "format": "csv"})
    text = b"".join(answer.streaming_content).decode("utf-8-sig")

    assert [line.split(",")[-1] for line in text.splitlines()] == ["发起人", "county"]
