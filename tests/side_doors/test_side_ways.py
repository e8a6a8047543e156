"""The other ways to a list: searched, filtered, sorted, in a popup, as a file, as choices of a
field, in the address of a form; and what others do, which shows nowhere."""

from __future__ import annotations

import csv
import io
import re

import pytest
from django.contrib.contenttypes.models import ContentType
from django.urls import reverse

from audit.anchor import anchor_now
from audit.models import Event
from grading.models import Proposal
from intake.models import Batch
from roster.models import Enterprise, User
from tests.factories.files import PENALTIES, ROSTER, checked

from . import oracle
from .acts import account_form, registered
from .doors import ADD, EXPORT, LIST, TABLES, doors
from .filings import Filings
from .oracle import CHANGAN, LUNAN, PROVINCE, QIAOXI, SHIJIAZHUANG, TANGSHAN
from .test_writing import changed_since, contents, taken_back
from .walking import VARYING, WIDEST, Visitor, absent_key, address, listed, text_of
from .world import HANDS, WALKERS, World

pytestmark = pytest.mark.django_db
SEVERAL = pytest.mark.parametrize("name", HANDS)
EVERYBODY = pytest.mark.parametrize("name", WALKERS)
SOME = pytest.mark.parametrize(
    "name",
    [
        f"{CHANGAN}-lead-lead_clerk", f"{CHANGAN}-department-department_clerk",
        f"{CHANGAN}-lead-security_admin", f"{LUNAN}-lead-audit_admin", "clerk-of-two",
    ],
)  # fmt: skip


def of(kind: str) -> list:
    return [door for door in doors() if door.kind == kind]


@SEVERAL
def test_an_export_holds_the_rows_of_the_list(world: World, name: str) -> None:
    me, wrong = Visitor(world, name), []
    for door in of(EXPORT):
        if not door.opens(me.person):
            continue
        for query in WIDEST.get(door.model, ("",)):
            where = f"{address(door.name)}?{query}"
            page = me.get(where)
            columns = [one for one, _title in page.context["form"].fields["columns"].choices]
            for form in ("csv", "xlsx"):
                answer = me.client.post(where, {"columns": columns, "format": form})
                told = me.world.texts_in(text_of(answer)) - me.readable
                wrong += [f"{door.name} as {form} tells {text}" for text in told]
        if door.model not in ("grading.rating",) and not TABLES[door.model].is_reference:
            seen = [one for one in world.of(door.model) if oracle.sees(me.person, one.thing)]
            rows = sum(
                exported(me, door.name, query) for query in WIDEST.get(door.model, ("",))[-3:]
            )
            if door.model != "roster.rosterentry" and rows != len(seen) + told_of_files(
                world, door.model
            ):
                wrong.append(f"{door.name}: {rows} rows, {len(seen)} are to be seen")

    assert not wrong, "\n".join(wrong)


def exported(me: Visitor, door: str, query: str) -> int:
    """How many rows a file has."""
    where = f"{address(door)}?{query}"
    columns = [one for one, _title in me.get(where).context["form"].fields["columns"].choices]
    answer = me.client.post(where, {"columns": columns, "format": "csv"})
    return (
        len(list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig")))))
        - 1
    )


def told_of_files(world: World, model: str) -> int:
    """How many files were just taken out: of the lists of events each file is one more."""
    return Event.objects.count() - len(world.of("audit.event")) if model == "audit.event" else 0


@SOME
def test_no_way_to_a_list_tells_more_than_the_list(world: World, name: str) -> None:
    """By every text of a row that is not seen, in a popup, from a page far behind, sorted, by every
    filter: what is not seen is not found, and finding nothing says nothing."""
    me, wrong = Visitor(world, name), []
    for door in of(LIST):
        if not door.opens(me.person):
            continue
        hidden = [one for one in world.of(door.model) if not oracle.sees(me.person, one.thing)]
        for one in hidden[:2]:
            for text in [one for one in sorted(one.marks - me.readable) if one[0] != "/"][:3]:
                answer = me.get(address(door.name), {"q": text})
                found = listed(answer.content.decode(), world.of(door.model))
                wrong += [f"{door.name} finds {one.key} by {text}"] if one.key in found else []
                told = me.gives_away(answer, also={text})
                wrong += [f"{door.name}?q={text} tells {more}" for more in told]
        for query in (
            "_popup=1",
            "_popup=1&_to_field=id",
            "p=2",
            "all=",
            "o=1.2.3",
            "e=1",
            "_facets=True",
            *filters(me, door.name),
        ):
            answer = me.get(f"{address(door.name)}?{query}", None)
            wrong += [f"{door.name}?{query} tells {text}" for text in me.gives_away(answer)]

    assert not wrong, "\n".join(wrong)


def filters(me: Visitor, door: str) -> list[str]:
    """Every choice of every filter of a list, one at a time."""
    page = me.get(address(door)).content.decode()
    found = []
    for name, options in re.findall(
        r'<select name="?([a-z_]+)"?[^>]*>(.*?)</select>', page, re.DOTALL
    ):
        found += [f"{name}={value}" for value in re.findall(r'value="([^"]+)"', options)[:2]]
    for name in re.findall(r'<select[^>]* name="([a-z_]+)"', page):
        found += [f"{name}={LUNAN}", f"{name}={QIAOXI}"]
    return found


@SEVERAL
def test_the_choices_of_a_filter_and_of_a_form_are_ones_own_to_see(world: World, name: str) -> None:
    me, wrong = Visitor(world, name), []
    runs = {one.key for one in world.of("grading.run") if oracle.sees(me.person, one.thing)}
    for door in (*of(LIST), *of(ADD)):
        if not door.opens(me.person):
            continue
        answer = me.get(address(door.name))
        wrong += [f"{door.name} tells {text}" for text in me.gives_away(answer)]
        page = answer.content.decode()
        for options in re.findall(r'<select[^>]*name="run"[^>]*>(.*?)</select>', page, re.DOTALL):
            offered = set(re.findall(r'value="(\d+)"', options))
            wrong += [f"{door.name} offers runs {offered ^ runs}"] if offered != runs else []

    assert not wrong, "\n".join(wrong)


@SEVERAL
def test_autocomplete_finds_what_is_ones_own_to_see(world: World, name: str) -> None:
    """Through every field that points to a table of rows, by no text and by hidden ones."""
    me, wrong = Visitor(world, name), []
    for app, model, field, about in (
        ("roster", "posting", "user", "roster.user"),
        ("roster", "representative", "user", "roster.user"),
        ("roster", "representative", "enterprise", "roster.enterprise"),
        ("roster", "rosterentry", "enterprise", "roster.enterprise"),
        ("records", "record", "enterprise", "roster.enterprise"),
        ("records", "record", "supersedes", "records.record"),
        ("grading", "proposal", "record", "records.record"),
        ("grading", "rating", "part", "grading.rosterrun"),
        ("grading", "rosterrun", "run", "grading.run"),
        ("grading", "scheme", "based_on", "grading.scheme"),
    ):
        things = world.of(about)
        hidden = [one for one in things if not oracle.sees(me.person, one.thing)]
        terms = ["", *(text for one in hidden[:2] for text in sorted(one.marks - me.readable)[:2])]
        for term in terms:
            asked = {"app_label": app, "model_name": model, "field_name": field, "term": term}
            answer = me.get(reverse("admin:autocomplete"), asked)
            told = me.gives_away(answer, also={term})
            wrong += [f"{model}.{field} {term!r} tells {text}" for text in told]
            if answer.status_code == 200:
                keys = {row["id"] for row in answer.json()["results"]}
                wrong += [
                    f"{model}.{field} offers {key}" for key in keys & {one.key for one in hidden}
                ]

    assert not wrong, "\n".join(wrong)


@SOME
def test_first_values_and_other_keys_in_the_address_tell_nothing(world: World, name: str) -> None:
    me, wrong = Visitor(world, name), []
    for door in of(ADD):
        if not door.opens(me.person):
            continue
        for model in ("roster.user", "roster.enterprise", "records.record"):
            hidden = [one for one in world.of(model) if not oracle.sees(me.person, one.thing)]
            for one in hidden[:3]:
                field = model.partition(".")[2]
                query = {
                    field: one.key,
                    f"{field}_id": one.key,
                    "_changelist_filters": f"q={one.key}",
                }
                answer = me.get(address(door.name), query)
                told = me.gives_away(
                    answer, also={one.key, f"/admin/{model.replace('.', '/')}/{one.key}/"}
                )
                wrong += [f"{door.name} {query} tells {text}" for text in told]
    hidden = [one for one in world.things if not oracle.sees(me.person, one.thing)]
    for one in {one.model: one for one in hidden}.values():
        for text in sorted(one.marks - me.readable)[:1]:
            where = (
                f"/admin/{one.model.replace('.', '/')}/{one.key}/change/?_to_field=id&next={text}"
            )
            wrong += [
                f"{where} tells {more}" for more in me.gives_away(me.get(where), also=one.marks)
            ]
        kind = ContentType.objects.get_by_natural_key(*one.model.split(".")).pk
        site = me.get(f"/admin/r/{kind}/{one.key}/")
        if site.status_code != 404:
            wrong.append(f"view on site of {one.model} {one.key}: {site.status_code}")

    assert not wrong, "\n".join(wrong)


@EVERYBODY
def test_the_front_pages_tell_of_ones_own(world: World, name: str) -> None:
    me, wrong = Visitor(world, name), []
    for where in ("/", "/policy/", "/admin/", "/admin/roster/", "/admin/grading/", "/admin/records/",
                  "/admin/intake/", "/admin/audit/", "/admin/jsi18n/", "/admin/objections/", "/admin/notices/",
                  "/enterprise/", "/enterprise/notices/", "/letter/", "/healthz", "/readyz",
                  "/admin/password_change/", "/admin/no-such-page/", "/policy/text/"):  # fmt: skip
        wrong += [f"{where} tells {text}" for text in me.gives_away(me.get(where))]

    assert not wrong, "\n".join(wrong)


AFAR = (
    f"{CHANGAN}-lead-lead_clerk", f"{CHANGAN}-department-department_clerk",
    f"{CHANGAN}-lead-security_admin", f"{CHANGAN}-lead-audit_admin",
    f"{SHIJIAZHUANG}-lead-lead_clerk", "speaks",
)  # fmt: skip
CLOCK = re.compile(r"\d\d:\d\d(:\d\d)?")


@pytest.mark.parametrize("name", AFAR)
def test_what_others_do_far_away_shows_nowhere(world: World, name: str) -> None:
    """Counts, sums, choices, warnings: not a letter of any page changes when another city registers
    enterprises, gives records, corrects, sends in files, grades and handles objections. What the reader sees of the
    records about it is not his to see, so it is not counted either."""
    me = Visitor(world, name)
    where = [
        address(door.name)
        for door in doors()
        if door.kind in (LIST, ADD, EXPORT) and door.opens(me.person)
    ]
    where += ["/", "/admin/", "/admin/roster/", "/admin/grading/"]
    where += ["/enterprise/"] if me.person.speaks_for else []  # to be turned away is an event
    anchor_now()  # what is not anchored for a while is told, too
    with taken_back():
        above, roster = Visitor(world, f"{PROVINCE}-lead-lead_clerk"), "/admin/roster/enterprise/"
        before, seen = {one: still(me, one) for one in where}, still(above, roster)
        world.fill(LUNAN)
        Filings(world).send_one(LUNAN)
        after = {one: still(me, one) for one in where}
        assert still(above, roster) != seen

    assert {one: after[one] for one in where if after[one] != before[one]} == {}


def still(me: Visitor, where: str) -> str:
    """A page without what is made anew for each look at it."""
    return CLOCK.sub("", VARYING.sub(r"\1", me.get(where).content.decode()))


# --- writing by what no form sends ----------------------------------------------------------------------


def test_fields_that_are_not_on_a_form_are_not_written(world: World) -> None:
    """An own row does not change hands, version or author by a field slipped into the form."""
    me = Visitor(world, f"{CHANGAN}-lead-lead_clerk")
    row = next(
        one
        for one in world.of("roster.enterprise")
        if oracle.may(me.person, "keep_roster", one.thing)
    )
    enterprise = Enterprise.objects.get(pk=row.key)
    form = {
        **registered(enterprise),
        "keeper": LUNAN,
        "keeper_id": LUNAN,
        "version": "77",
        "code": absent_key("roster.enterprise"),
        "name_key": "x",
    }
    answer = me.client.post(f"/admin/roster/enterprise/{row.key}/change/", form)

    after = Enterprise.objects.get(pk=row.key)
    assert answer.status_code == 302
    assert (after.keeper_id, after.version, after.address) == (
        CHANGAN,
        enterprise.version + 1,
        "抢改的地址",
    )


def test_an_account_takes_no_field_that_its_form_does_not_show(world: World) -> None:
    me = Visitor(world, f"{CHANGAN}-lead-security_admin")
    user = world.users[f"{CHANGAN}-lead-lead_clerk"]
    before = User.objects.get(pk=user.pk)
    form = {
        **account_form(before),
        "username": "taken",
        "password": "x",
        "region": LUNAN,
        "is_superuser": "on",
        "is_staff": "on",
    }
    answer = me.client.post(f"/admin/roster/user/{user.pk}/change/", form)

    after = User.objects.get(pk=user.pk)
    assert answer.status_code == 302
    assert (after.username, after.password, after.region_id, after.full_name) == (
        before.username,
        before.password,
        before.region_id,
        "抢改的姓名",
    )


@SOME
def test_select_across_takes_no_foreign_row(world: World, name: str) -> None:
    """ "All of the list" means the rows of the person's own list, with foreign keys beside it or not."""
    me, before = Visitor(world, name), contents()
    own = {one.key for one in world.of("records.record") if oracle.sees(me.person, one.thing)}
    theirs = [one.key for one in world.of("records.record") if one.key not in own]
    form = {"action": "decide_kind", "select_across": "1", "_selected_action": theirs[:3], "apply": "1",
            "kind": "licence_suspended", "reason": "认定"}  # fmt: skip
    with taken_back():
        answer = me.client.post("/admin/records/record/?own=all&state=all", form)
        touched = set(Proposal.objects.filter(reason="认定").values_list("record", flat=True))
        changed = changed_since(before)

    assert answer.status_code in (200, 302, 403, 404, 409)
    allowed = {
        one.key
        for one in world.of("records.record")
        if oracle.may(me.person, "correct_record", one.thing)
    }
    assert {str(key) for key in touched} <= allowed
    assert bool(touched) == bool(allowed)
    assert changed == ({"grading_proposal"} if allowed else set())


@pytest.mark.parametrize("theirs", [LUNAN, QIAOXI, TANGSHAN, PROVINCE])
def test_a_file_that_names_foreign_rows_changes_and_tells_nothing(
    world: World, theirs: str
) -> None:
    """By code alone: neither name, nor address, nor who keeps the record comes back."""
    me, before = Visitor(world, f"{CHANGAN}-lead-lead_clerk"), contents()
    codes = [one.key for one in world.of("roster.enterprise") if one.thing.home == theirs]
    with taken_back():
        rows = [[f"抢改{code[-4:]}", code, CHANGAN, "歇业", "2019-05-06"] for code in codes]
        roster = checked(me.client, "roster", [ROSTER, *rows])
        fines = [
            ["", code, "", "抢〔2025〕1号", "罚款", "x", "2025-07-01", f"{theirs}市场监管部门", ""]
            for code in codes
        ]
        penalties = checked(me.client, "penalties", [PENALTIES, *fines])
        for batch in (roster, penalties):
            for page in ("change", "progress", "errors", "history"):
                answer = me.get(address(f"admin:intake_batch_{page}", object_id=str(batch.pk)))
                told = me.gives_away(answer, also={*codes, f"/admin/intake/batch/{batch.pk}/"})
                assert told == set()
        assert [Batch.objects.get(pk=batch.pk).refused for batch in (roster, penalties)] == [
            len(codes)
        ] * 2
        assert changed_since(before) == {"intake_batch", "intake_batchline", "intake_batchslice"}
