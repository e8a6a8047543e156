"""A form is carried out once, and a stale one is told what changed and by whom."""

import fnmatch
import sqlite3
import sys
from collections.abc import Callable, Iterator

import pytest
from django.contrib import admin
from django.contrib.messages import get_messages
from django.db import OperationalError, connection, transaction
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import resolve, reverse
from django.utils import timezone

from audit import once
from audit.models import Event, SentForm
from audit.once import KEY, READ, SEEN
from credit_portal import access
from credit_portal import once as edge
from credit_portal.sweep import sweep
from grading import services
from grading.models import Proposal, RosterRun
from intake.models import Batch
from roster.accounts import change_own_password
from roster.models import Enterprise, User
from roster.scope import visible
from roster.second_factor import has_second_factor, set_up_second_factor
from tests.browser import Form, forms_of, needs_key
from tests.credit_portal.pressing import ADDRESSES, FORMS, Filled, World, checked
from tests.factories.grading import REFERENCE, TODAY, person
from tests.factories.roster import signed_in
from tests.templates import words

EVERY_FORM = pytest.mark.parametrize("name", FORMS)


@pytest.fixture
def world(db: None, store_dir: object) -> World:
    return World()


def said(answer) -> str:
    return " ".join(str(message) for message in get_messages(answer.wsgi_request))


def events_of(form: Filled) -> list[tuple[str, str]]:
    return list(Event.objects.filter(actor=form.who.username).values_list("act", "outcome"))


@EVERY_FORM
def test_form_sent_twice_is_carried_out_once(world: World, name: str) -> None:
    form = FORMS[name](world)
    assert (view_of(form.form), list(faults(form.form))) == (ADDRESSES[name], [])
    before = len(events_of(form))

    first = form.press()
    done = events_of(form)
    second = form.press()

    assert (first.status_code, len(done)) == (302, before + 1), first.content.decode()[-3000:]
    assert (second.status_code, second["Location"]) == (302, first["Location"])
    assert "没有重复办理" in said(second)
    assert events_of(form) == done
    assert SentForm.objects.latest("pk").location == first["Location"]


@pytest.mark.django_db(transaction=True)
def test_forms_sent_twice_at_once_are_carried_out_once(store_dir, beside) -> None:
    """The second is under way before the first is committed, and waits for it."""
    world, wrong = World(), {}
    for name, build in FORMS.items():
        form = build(world)
        before = len(events_of(form))
        one, other = form.ready(), form.ready()
        with transaction.atomic():
            first = one()
            second = beside(other)
            waited = not second.ended_within(0.2)
        again = second.wait()
        same = first["Location"] == again.headers.get("Location")
        if (waited, same, len(events_of(form))) != (True, True, before + 1):
            wrong[name] = (waited, same, again.status_code, events_of(form)[before:])

    assert wrong == {}


@pytest.mark.django_db(transaction=True)
def test_second_arrival_does_not_hold_its_thread_for_ever(store_dir, beside) -> None:
    """The first takes longer than anybody waits: the others are told so, and find it done later."""
    form = FORMS["industry_added"](World())
    one, *others = (form.ready() for _ in range(4))
    with transaction.atomic():
        one()
        waiting = [beside(impatiently(other)) for other in others]
        answers = [other.wait() for other in waiting]

    assert [(one.status_code, one.headers["Retry-After"]) for one in answers] == [(503, "30")] * 3
    assert "请稍后重试" in answers[0].content.decode()
    assert "没有重复办理" in said(form.press())
    assert len(events_of(form)) == 1


def impatiently(work: Callable[[], object]) -> Callable[[], object]:
    """With the patience of a connection of the web, shortened to what a test may take."""

    def on_its_connection() -> object:
        is_sqlite = connection.vendor == "sqlite"
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA busy_timeout = 300" if is_sqlite else "SET lock_timeout = 300")
        return work()

    return on_its_connection


def test_first_is_done_while_the_second_is_past_the_edge(world: World, monkeypatch) -> None:
    """Its view finds what the first has done: that is no refusal, and nobody is told of one."""
    wrong, earlier = {}, once.earlier
    for name, build in FORMS.items():
        form = build(world)
        before = len(events_of(form))
        one, other = form.ready(), form.ready()
        first = []

        def nothing_yet(one=one, first=first) -> None:
            monkeypatch.setattr(once, "earlier", earlier)
            first.append(one())

        monkeypatch.setattr(once, "earlier", nothing_yet)
        again = other()
        same = first[0]["Location"] == again.headers.get("Location")
        if (same, len(events_of(form))) != (True, before + 1):
            wrong[name] = (again.status_code, events_of(form)[before:])

    assert wrong == {}


# --- an answer that never came -----------------------------------------------------------------------


def press_and_die(form: Filled, monkeypatch: pytest.MonkeyPatch) -> None:
    """The process ends behind the act, before anything of its answer is kept or sent."""
    press = form.ready()
    with monkeypatch.context() as patch:
        patch.setattr(edge, "_keep_answer", lambda _response: sys.exit("killed"))
        with pytest.raises(SystemExit):
            press()


def test_process_that_died_before_its_answer(world: World, monkeypatch) -> None:
    """The act stands; the same form sent again is led to what it was about."""
    form = FORMS["part_reviewed"](world)
    press_and_die(form, monkeypatch)
    done = events_of(form)

    again = form.press()

    assert (again.status_code, again["Location"]) == (
        302,
        form.form.action.replace("review", "change"),
    )
    assert "当时没有收到答复" in said(again)
    assert events_of(form) == done


def test_process_that_died_when_the_thing_had_gone_elsewhere(world: World, monkeypatch) -> None:
    form = FORMS["enterprise_placed"](world)
    form.given |= {"region": "130100", "level": "city"}
    press_and_die(form, monkeypatch)

    assert form.press()["Location"] == reverse("admin:index")


@pytest.mark.django_db(transaction=True)
def test_answer_that_could_not_be_kept_is_given_all_the_same(store_dir, monkeypatch) -> None:
    form = FORMS["industry_added"](World())
    with monkeypatch.context() as patch:
        patch.setattr(once, "answered", _locked)
        first = form.press()

    assert first.status_code == 302
    assert "当时没有收到答复" in said(form.press())


def _locked(_location: str) -> None:
    fault = sqlite3.OperationalError("database is locked")
    fault.sqlite_errorcode = sqlite3.SQLITE_BUSY
    raise OperationalError from fault


# --- what is another form --------------------------------------------------------------------------


def test_form_that_was_refused_is_free_again(world: World) -> None:
    """A roster is busy with another run, and is not any more when the same is sent again."""
    form = FORMS["run_started"](world)
    services.open_run(by=form.who, kind="ad_hoc", reference_date=REFERENCE, on=TODAY)
    refused = form.press()
    RosterRun.objects.update(state="withdrawn")

    assert (refused.status_code, form.press().status_code) == (409, 302)
    assert "没有重复办理" in said(form.press())


def test_mistaken_form_is_put_right_and_sent_with_the_same_key(world: World) -> None:
    form = FORMS["enterprise_changed"](world)
    mistaken = Filled(form.who, form.form, {"name": "改名有限公司", "established_on": "2099-01-01"})

    assert (mistaken.press().status_code, form.press().status_code) == (409, 302)


@pytest.mark.parametrize("pressed", [("_save", "_continue"), ("_continue", "_save")])
def test_other_button_of_the_same_form_is_no_other_wish(
    world: World, pressed: tuple[str, str]
) -> None:
    form = FORMS["industry_added"](world)
    first, second = (
        Filled(form.who, form.form, form.given | {button: "保存"}).press() for button in pressed
    )

    assert (second.status_code, second["Location"]) == (302, first["Location"])
    assert "没有重复办理" in said(second)
    assert [act for act, _outcome in events_of(form)].count("roster.industry_saved") == 1


def test_button_that_decides_is_part_of_the_wish(world: World) -> None:
    """Agreed, then refused with the same key: the second is not told that it was done."""
    form = FORMS["correction_agreed"](world)
    form.press()
    refused = Filled(form.who, form.form, {**form.given, "decision": "refuse", "reason": "不"})

    assert refused.press().status_code == 409


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "ANY"])
def test_every_method_that_may_change_something_needs_the_key(
    world: World, rf: RequestFactory, method: str
) -> None:
    """Also behind an edge that would let it in."""
    request = rf.generic(method, "/account/two-step/remove/")
    request.user, request.resolver_match = world.security, resolve(request.path)
    request.session = {}
    held = edge.OnceMiddleware(lambda _request: HttpResponse("done"))

    answer = held.process_view(request, edge.OnceMiddleware, (), {})

    assert answer is not None
    assert answer.status_code == 409


def test_key_of_another_account_is_its_own(world: World) -> None:
    form = FORMS["industry_added"](world)
    colleague = person("colleague", world.province.agency, "system_admin")
    form.press()

    answer = Filled(colleague, form.form, form.given | {"code": "9997"}).press()

    assert (answer.status_code, "没有重复办理" in said(answer)) == (302, False)


@pytest.mark.parametrize("key", [None, "", "short", "键" * 20, "x" * 65, "a" * 15 + "\n"])
def test_form_without_a_key_is_not_carried_out(world: World, key: str | None) -> None:
    form = FORMS["enterprise_changed"](world)
    before = events_of(form)
    sent = form.sent()
    sent.pop(KEY)

    client = Client()
    client.force_login(form.who)
    answer = client.post(form.form.action, sent if key is None else sent | {KEY: key})

    assert (answer.status_code, "请返回上一页并刷新" in answer.content.decode()) == (409, True)
    assert events_of(form) == before


def test_file_sent_again_is_one_batch_and_a_corrected_one_another(world: World) -> None:
    """The way back from the report of a file: the same name, the same length, other bytes."""
    form = FORMS["file_sent"](world)
    name, data = form.given["file"]
    corrected = Filled(
        form.who, form.form, form.given | {"file": (name, data.replace(b"05", b"06"))}
    )

    answers = [one.press()["Location"] for one in (form, form, corrected)]

    assert answers[0] == answers[1] != answers[2]
    assert Batch.objects.count() == 2


def test_confirmation_that_refreshes_its_page_leaves_the_form_free(world: World) -> None:
    """The effect is another than was shown: the page is brought up to date, nothing is decided."""
    form = FORMS["correction_agreed"](world)
    form.form.fields["basis"] = "[null, {}]"

    first, second = form.press(), form.press()

    assert (first.status_code, second.status_code) == (409, 409)
    assert Proposal.objects.get().state == "waiting"


def test_form_of_last_week_is_decided_by_its_version(world: World) -> None:
    form = FORMS["enterprise_changed"](world)
    form.press()
    now = timezone.now()

    assert (once.forget(at=now), once.forget(at=now + once.KEPT)) == (0, 1)
    assert form.press().status_code == 409


def test_sweep_forgets_old_forms(world: World) -> None:
    FORMS["industry_added"](world).press()
    SentForm.objects.update(at=timezone.now() - once.KEPT * 2)

    assert sweep()["forms"] == 1


def test_key_is_kept_nowhere(world: World, caplog) -> None:
    caplog.set_level("DEBUG")
    form = FORMS["enterprise_changed"](world)
    form.press()
    key = form.form.fields[KEY]
    kept = [str(row) for row in (*SentForm.objects.values(), *Event.objects.values())]

    assert [text for text in (*kept, caplog.text) if key in text] == []


def test_addresses_without_a_key_are_there(db: None) -> None:
    names = [row.name for row in access.table()]

    assert [one for one in edge.FREE if not fnmatch.filter(names, one)] == []


# --- stale -------------------------------------------------------------------------------------------


CHANGED_SINCE = {
    "enterprise_changed": ("名称", "改名有限公司"),
    "enterprise_placed": ("人工指定名录", ""),
    "registration_corrected": ("法定代表人", "赵一"),
    "account_changed": ("姓名", "改名"),
    "password_set": ("设置密码", ""),
    "second_factor_reset": ("重置两步验证", ""),
    "post_ended": ("结束任职", "2026-01-01"),
    "representative_ended": ("终止企业代表", "2026-01-01"),
    "region_changed": ("名称", "长安"),
    "industry_changed": ("名称", "改名行业"),
    "agency_changed": ("名称", "改名部门"),
    "kind_changed": ("说明", "以公告为准"),
    "record_corrected": ("内容摘要", "新的摘要"),
    "record_withdrawn": ("等待复核", ""),
    "correction_agreed": ("结果为", ""),
    "run_stopped": ("暂停评价", ""),
    "run_resumed": ("继续评价", ""),
    "part_reviewed": ("审核评价结果", ""),
    "part_published": ("发布评价结果", ""),
    "withdrawal_asked": ("申请作废", "基准日有误"),
    "part_withdrawn": ("作废", "基准日有误"),
    "withdrawal_dropped": ("撤", ""),
    "scheme_edited": ("试行", ""),
    "cycle_ended": ("2027-01-01", ""),
}
"""What somebody did with a form, and the words by which another form of the same row tells it."""


@pytest.mark.parametrize("name", CHANGED_SINCE)
def test_stale_form_is_told_what_changed_and_by_whom(world: World, name: str) -> None:
    """A colleague had the same page before them, and was faster."""
    mine = FORMS[name](world)
    faster = colleague_of(mine.who)
    theirs = Filled(faster, Form(mine.form.action, dict(mine.form.fields)), dict(mine.given))
    assert theirs.press().status_code == 302

    answer = Filled(mine.who, mine.form, mine.given | MY_OWN.get(name, {})).press()

    told = words(answer.content.decode())
    assert answer.status_code == 409
    assert [said for said in (*CHANGED_SINCE[name], faster.username) if said not in told] == [], (
        told
    )


def test_file_confirmed_in_another_tab(world: World) -> None:
    form = FORMS["file_confirmed"](world)
    tab = Filled(form.who, form.form, {KEY: once.new_key()})
    tab.press()

    answer = form.press()

    assert (answer.status_code, "不再重复确认" in answer.content.decode()) == (409, True)


MY_OWN = {"record_corrected": {"content": "我的摘要"}, "enterprise_changed": {"name": "我的名称"}}


def colleague_of(who: User) -> User:
    """Somebody with the same post."""
    post = who.postings.get()
    return person(f"colleague-of-{who.username}", post.agency, post.role)


def test_phone_bound_since_is_not_unbound_by_an_old_page(world: World) -> None:
    """Two administrators had the page open; one reset it, and the owner has bound a new phone."""
    mine = FORMS["second_factor_reset"](world)
    theirs = Filled(colleague_of(mine.who), Form(mine.form.action, dict(mine.form.fields)))
    owner = User.objects.get(pk=resolve(mine.form.action).kwargs["object_id"])
    theirs.press()
    set_up_second_factor(by=owner, secret="KRSXG5CTMVRXEZLUKRSXG5CTMVRXEZLU")

    answer = mine.press()

    told = words(answer.content.decode())
    assert answer.status_code == 409
    assert ("重置两步验证" in told, theirs.who.username in told, owner.username in told) == (
        True, True, True,
    )  # fmt: skip
    assert has_second_factor(owner)


def test_owners_new_password_does_not_keep_the_account_from_being_switched_off(
    world: World,
) -> None:
    form = FORMS["account_changed"](world)
    owner = User.objects.get(pk=resolve(form.form.action).kwargs["object_id"])
    change_own_password(by=owner, password="new-long-word-7")

    assert form.press().status_code == 302


def test_stale_form_keeps_what_was_typed_and_can_be_sent_again(world: World) -> None:
    """Who was told what has changed since has seen it: the second time it is saved."""
    form = FORMS["enterprise_changed"](world)
    Filled(colleague_of(form.who), form.form, {"address": "建设大街9号"}).press()

    stale = form.press()
    (shown,) = forms_to_press(stale.content.decode(), form.form.action)
    again = Filled(form.who, shown).press()

    assert (stale.status_code, shown.fields["name"]) == (409, "改名有限公司")
    assert shown.fields[KEY] != form.form.fields[KEY]
    assert again.status_code == 302


def test_mistake_in_a_stale_form_does_not_make_it_fresh(world: World) -> None:
    """What was changed since the page was opened is told when the mistake is put right."""
    form = FORMS["enterprise_changed"](world)
    wrong = Filled(form.who, form.form, {"established_on": "昨天"}).press()
    Filled(colleague_of(form.who), form.form, {"address": "建设大街9号"}).press()
    (shown,) = forms_to_press(wrong.content.decode(), form.form.action)

    answer = Filled(form.who, shown, {"established_on": "2020-01-01"}).press()

    assert (answer.status_code, "建设大街9号" in answer.content.decode()) == (409, True)


# --- every page ----------------------------------------------------------------------------------------


NO_VERSION = {
    "admin:grading_scheme_copy": "a published version never changes",
    "admin:grading_run_stop": "stops what is under way, and only that",
    "admin:grading_run_resume": "goes on with what was stopped, and only that",
    "admin:grading_proposal_decide": "carries its own version, `basis`",
    "admin:intake_batch_confirm": "carries its own version, the key of the preview",
    "admin:intake_batch_cancel": "gives a file up whatever its check came to, unless confirmed",
    "admin:intake_batch_ask_back": "asks about what was taken in, and only that",
    "admin:intake_batch_decide_back": "carries its own version, the digest of the effect",
    "admin:records_record_withdraw": "a version of a record never changes",
    "admin:records_record_retract": "likewise",
    "admin:records_record_consequence": "likewise",
}
"""Forms about one row that carry no `_seen`, and why."""


def test_every_form_on_every_page_carries_its_key_and_version(world: World) -> None:
    """All pages of the admin for the newest row in sight of five people: a form that can be pressed
    stands in FORMS, where it is pressed twice."""
    county, _batch = checked(world)
    county.give(world.code(county), "penalty_other", "2025-03-01")
    county.run()
    people = (county.clerk, county.approver, world.province.clerk, world.system, world.security)
    found: set[str] = set()
    wrong: list[str] = []
    for who in people:
        client = signed_in(User.objects.get(pk=who.pk))
        for page in pages(who):
            answer = client.get(page)
            if answer.status_code == 200 and not answer.streaming:
                forms = forms_to_press(answer.content.decode(), page)
                found.update(map(view_of, forms))
                wrong += [f"{page}: {fault}" for form in forms for fault in faults(form)]
                if forms and "no-store" not in answer.headers["Cache-Control"]:
                    wrong.append(f"{page} may be kept by a browser")

    assert wrong == []
    tables = {name for name in found if name.endswith("_import")}  # one page for all of them
    assert found - tables - set(ADDRESSES.values()) == set()


def forms_to_press(html: str, page: str) -> list[Form]:
    return [one for one in forms_of(html, page) if one.has_button and needs_key(one.action)]


def view_of(form: Form) -> str:
    return resolve(form.action.partition("?")[0]).view_name


def faults(form: Form) -> Iterator[str]:
    match = resolve(form.action.partition("?")[0])
    if not edge.FORM_KEY.fullmatch(form.fields.get(KEY, "")):
        yield f"{match.view_name} without a key"
    about_a_row = match.kwargs and match.view_name not in NO_VERSION
    if about_a_row and not (form.fields.get(SEEN) and form.fields.get(READ)):
        yield f"{match.view_name} without what it was read at"


def pages(who: User) -> Iterator[str]:
    """Addresses of all pages of the admin, for the newest row in sight."""
    models = {f"{m._meta.app_label}_{m._meta.model_name}_": m for m in admin.site._registry}
    for pattern in admin.site.urls[0]:
        for one in getattr(pattern, "url_patterns", [pattern]):
            name, places = one.name, list(one.pattern.converters)
            if not name or name in ("app_list", "logout"):
                continue
            if not places:
                yield reverse(f"admin:{name}")
                continue
            model = Enterprise if places == ["code"] else models.get(name.rpartition("_")[0] + "_")
            if model is not None:
                rows = visible(model._default_manager.order_by("-pk"), who)
                for row in rows[:1]:
                    yield reverse(f"admin:{name}", args=[row.pk])
