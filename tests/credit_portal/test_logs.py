"""What stands in the logs: whole lines, no personal numbers, no secrets."""

import datetime as dt
import json
import logging
import os
import re
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog
import time_machine
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path
from hypothesis import given
from hypothesis import strategies as st

from credit_portal import access, logs, urls
from credit_portal.logs import LONGEST, MASK, Mask
from credit_portal.sweep import sweep
from roster.models import User
from tests.factories.roster import CHANGAN, PASSWORD, Hebei, lead, person
from tests.workers import wait_until, worker, worker_environment

PERSONAL = ("110101199003071233", "13010219850101234X", "110101900307123", "13812345678")
KEY = "a-secret-of-this-process"


# --- the mask --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        *PERSONAL,
        "１１０１０１１９９００３０７１２３３",
        "110101 19900307 1233",
        "110101-19900307-123x",
        "+86 138 1234 5678",
        "138-1234-5678",
        "证件110101199003071233号",
        "/admin/roster/user/13812345678/change/",
    ],
)
def test_numbers_of_persons_are_masked(text: str) -> None:
    said = Mask().text(text)

    assert MASK in said
    assert not re.search(r"\d{6}", said)


@pytest.mark.parametrize(
    "text",
    [
        "91130102000000001W",
        "2026-03-02T12:00:00.000+08:00",
        "/admin/grading/run/12/change/",
        "10.0.0.1",
        "3000000 rows in 26173 ms",
        "密码不正确",
        "130102",
    ],
)
def test_everything_else_stays_as_it_is(text: str) -> None:
    assert Mask().text(text) == text


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("postgresql://portal:p@ss/word@db.example/credit", "p@ss"),
        ("redis://:hidden@redis.example:6379/0", "hidden"),
        ("password=hunter2 user=x", "hunter2"),
        ("{'password': 'hunter 2', 'user': 'x'}", "hunter 2"),
        ('"new_password1": "hunter2"', "hunter2"),
        ("Cookie: sessionid=abc123; csrftoken=def456", "abc123"),
        ("Cookie: sessionid=abc123; csrftoken=def456", "def456"),
        ("csrfmiddlewaretoken=def456&x=1", "def456"),
        ("Authorization: Bearer abc.def", "abc.def"),
        ("one_time_key=abc123", "abc123"),
        ("密码：hunter2", "hunter2"),
        ("pbkdf2_sha256$1000$salt$hash=", "salt"),
        (f"the key is somewhere: {KEY}!", KEY),
    ],
)
def test_secrets_are_masked(text: str, secret: str) -> None:
    assert secret not in Mask([KEY]).text(text)


@given(
    before=st.text(alphabet=st.characters(exclude_categories=["Nd"])),
    what=st.sampled_from([*PERSONAL, KEY]),
    after=st.text(alphabet=st.characters(exclude_categories=["Nd"])),
)
def test_nothing_around_it_brings_it_out(before: str, what: str, after: str) -> None:
    said = Mask([KEY]).text(f"{before} {what} {after}")

    assert what not in said


@given(st.text())
def test_a_text_stays_one_line_and_shows_what_is_in_it(text: str) -> None:
    said = Mask().text(text)

    assert len(said.splitlines()) <= 1
    assert not re.search(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]", said)
    said.encode()


def test_a_number_is_not_cut_in_two() -> None:
    said = Mask().text("x" * (LONGEST - 9) + " 110101199003071233")

    assert "11010119" not in said


def test_values_of_every_kind_are_masked() -> None:
    given_ = {"a": [13812345678, {"b": ("110101199003071233",)}], "password": True, "n": 5}

    assert Mask().value(given_) == {"a": [MASK, {"b": [MASK]}], "password": True, "n": 5}


# --- a line ------------------------------------------------------------------------------------------


@pytest.fixture
def lines(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Any]:
    """What is logged from now on, as production writes it: a list of read JSON lines."""
    handler = logs.DailyFile(str(tmp_path))
    handler.setFormatter(logs.formatter(style="json", secrets=[KEY]))
    root = logging.getLogger()
    root.addHandler(handler)
    yield lambda: [
        json.loads(line)
        for file in sorted(tmp_path.glob("*.log"))
        for line in file.read_text("utf-8").split("\n")
        if line
    ]
    root.removeHandler(handler)


def test_a_line_says_when_where_and_what(lines: Any) -> None:
    with time_machine.travel(dt.datetime(2026, 3, 2, 4, tzinfo=dt.UTC), tick=False):
        logging.getLogger("somewhere").warning("It was %s\nat night", "dark")

    assert lines() == [
        {
            "at": "2026-03-02T12:00:00.000+08:00", "level": "warning", "logger": "somewhere",
            "event": "It was dark\\u000aat night",
        }
    ]  # fmt: skip


def test_structured_values_are_fields(lines: Any) -> None:
    structlog.stdlib.get_logger("somewhere").warning("done", rows=3, phone="13812345678")

    (line,) = lines()
    assert (line["event"], line["rows"], line["phone"]) == ("done", 3, MASK)


def fail() -> None:
    held = "held-in-a-variable"
    raise RuntimeError(f"no {len(held)}\n2026-03-02 CRITICAL forged 13812345678 password=hunter2")


def test_a_traceback_tells_no_values_and_forges_no_line(lines: Any) -> None:
    try:
        fail()
    except RuntimeError:
        logging.getLogger("somewhere").exception("failed")

    (line,) = lines()
    text = json.dumps(line, ensure_ascii=False)
    assert line["event"] == "failed"
    assert line["trace"][0] == "Traceback (most recent call last):"
    assert "13812345678" not in text
    assert "hunter2" not in text
    assert sum("held-in-a-variable" in one for one in line["trace"]) == 0


def test_in_the_terminal_a_traceback_is_indented() -> None:
    record = logging.LogRecord("x", logging.ERROR, "", 0, "failed", (), None)
    try:
        fail()
    except RuntimeError:
        record.exc_info = sys.exc_info()
    text = logs.formatter(style="lines", secrets=[]).format(record)

    head, *more = text.split("\n")
    assert re.match(r"2\S+ ERROR {3}x failed$", head)
    assert {line[:6] for line in more} == {"    | "}


# --- files of days --------------------------------------------------------------------------------------


def test_every_day_has_its_file_and_old_ones_go(
    lines: Any, tmp_path: Path, settings: Any, db: None
) -> None:
    settings.LOG_DIR, settings.LOG_DAYS = str(tmp_path), 200
    day = dt.datetime(2026, 3, 2, 15, 59, tzinfo=dt.UTC)
    (tmp_path / "notes.log").write_text("not ours")
    for shift in (0, 1, 200 * 1440, 201 * 1440):
        with time_machine.travel(day + dt.timedelta(minutes=shift), tick=False):
            logging.getLogger("somewhere").warning("here")
    kept = sorted(file.name for file in tmp_path.iterdir())
    with time_machine.travel(day + dt.timedelta(days=201), tick=False):
        sweep()

    assert kept == [
        "2026-03-02.log",
        "2026-03-03.log",
        "2026-09-18.log",
        "2026-09-19.log",
        "notes.log",
    ]
    left = sorted(file.name for file in tmp_path.iterdir())
    assert left == ["2026-03-03.log", "2026-09-18.log", "2026-09-19.log", "notes.log"]
    assert (tmp_path / "2026-09-19.log").stat().st_mode & 0o007 == 0


WRITER = """
import logging, sys
from credit_portal import logs
handler = logs.DailyFile(sys.argv[1])
handler.setFormatter(logs.formatter(style="json", secrets=[]))
logging.getLogger().addHandler(handler)
for n in range(300):
    logging.getLogger("w").warning("%s %s", n, "x" * 3000)
"""


def test_lines_of_several_processes_stay_whole(tmp_path: Path) -> None:
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path)], cwd=settings.BASE_DIR)
        for _ in range(3)
    ]
    assert [writer.wait(120) for writer in writers] == [0, 0, 0]

    text = "".join(file.read_text() for file in tmp_path.glob("*.log"))
    assert [json.loads(line)["level"] for line in text.splitlines()] == ["warning"] * 900


UNWRITABLE = """
import logging, logging.config, sys
from credit_portal import logs
logging.config.dictConfig(
    logs.configured(style="json", level="INFO", folder=sys.argv[1], secrets=["a-secret-word"])
)
"""


def told_by(code: str, folder: Path) -> list[str]:
    """What a process writes to standard error."""
    ended = subprocess.run(
        [sys.executable, "-c", UNWRITABLE + code, str(folder)],
        cwd=settings.BASE_DIR, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return ended.stderr.splitlines()


def test_line_that_cannot_be_written_is_not_told_raw(tmp_path: Path) -> None:
    """The file of the day is a folder; its line stands masked in the terminal."""
    gone = "from pathlib import Path; import shutil; shutil.rmtree(sys.argv[1]); Path(sys.argv[1]).touch()"
    told = told_by(
        f"{gone}\nlogging.getLogger('x').info('call 13812345678, a-secret-word')", tmp_path / "logs"
    )

    lines = [json.loads(line) for line in told]
    assert [line["event"] for line in lines] == [
        f"call {MASK}, {MASK}",
        "A line of the log could not be written: NotADirectoryError",
    ]


def test_line_that_cannot_be_made_is_not_told_raw(tmp_path: Path) -> None:
    told = told_by("logging.getLogger('x').info('%d rows', '13812345678')", tmp_path)

    assert {json.loads(line)["event"] for line in told} == {
        "A line of the log could not be written: TypeError"
    }
    assert "13812345678" not in "".join(told)


@pytest.mark.parametrize(
    "code",
    [
        "import threading; one = threading.Thread(target=fail); one.start(); one.join()",
        "class Gone:\n    __del__ = fail\nGone()",
    ],
)
def test_what_a_thread_or_the_collector_meets_is_masked(tmp_path: Path, code: str) -> None:
    fail = "def fail(*_): raise ValueError('call 13812345678')\nlogs.tell_all_unhandled()\n"
    (line,) = map(json.loads, told_by(fail + code, tmp_path))

    assert (line["event"], line["level"]) == ("Unhandled", "critical")
    assert line["trace"][-1] == f"ValueError: call {MASK}"


# --- through the portal -----------------------------------------------------------------------------------


@pytest.fixture
def clerk(db: None) -> User:
    Hebei()
    return person(lead(CHANGAN), "lead_clerk", username="zhang")


HOSTILE = 'x\r\n{"forged": 1} \u2028\u202e 110101199003071233 13812345678 password=hunter2'


def test_a_request_is_one_line_with_person_and_act(client: Client, clerk: User, lines: Any) -> None:
    client.force_login(clerk)
    answer = client.get("/admin/roster/enterprise/?q=13812345678")

    (line,) = [one for one in lines() if one["event"] == "request"]
    wanted = {
        "method": "GET", "path": "/admin/roster/enterprise/", "status": 200, "user": "zhang",
        "act": "GET admin:roster_enterprise_changelist", "address": "127.0.0.1",
        "request": answer.headers["X-Request-ID"], "level": "info",
    }  # fmt: skip
    assert {name: line.get(name) for name in wanted} == wanted
    assert "13812345678" not in json.dumps(line)


def test_whoever_asks_by_himself_how_far_it_is_leaves_no_line(client: Client, lines: Any) -> None:
    client.get("/healthz")
    client.get("/policy/", headers={"HX-Request": "true"})

    assert [one for one in lines() if one["event"] == "request"] == []


def test_a_hostile_request_writes_one_harmless_line(
    client: Client, clerk: User, lines: Any
) -> None:
    client.post(
        f"/admin/login/{HOSTILE}",
        {"username": HOSTILE, "password": "hunter2"},
        headers={"User-Agent": HOSTILE, "X-Request-ID": HOSTILE, "Referer": HOSTILE},
    )
    client.post("/admin/login/", {"username": HOSTILE, "password": "hunter2"})

    found = [one for one in lines() if one["event"] == "request"]
    text = json.dumps(found, ensure_ascii=False)
    assert len(found) == 2
    assert not any(
        word in text for word in ("110101199003071233", "13812345678", "hunter2", "\u202e")
    )


def broken(request: HttpRequest) -> HttpResponse:
    password = "in-a-variable"
    raise RuntimeError(f"{HOSTILE} {len(password)} {KEY}")


def test_a_fault_is_told_with_the_name_of_its_request(
    client: Client, clerk: User, lines: Any, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = type(sys)("faulty")
    vars(module).update(vars(urls) | {"urlpatterns": [*urls.urlpatterns, path("broken/", broken)]})
    monkeypatch.setitem(sys.modules, "faulty", module)
    settings.ROOT_URLCONF = "faulty"
    monkeypatch.setattr(access, "row_for", lambda name: access.Row("any", (access.PUBLIC,)))
    client.raise_request_exception = False
    client.force_login(clerk)
    client.get("/broken/")

    fault, request = lines()[-2:]
    text = json.dumps(fault, ensure_ascii=False)
    assert (fault["level"], fault["user"]) == ("error", "zhang")
    assert fault["request"] == request["request"]
    assert not any(word in text for word in ("110101199003071233", "hunter2", "in-a-variable", KEY))


# --- the processes as they are run ---------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_the_web_server_writes_json_lines_and_nothing_that_was_sent(tmp_path: Path) -> None:
    """Its own access log too."""
    person_ = User.objects.create_user("zhang", PASSWORD)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    told = tmp_path / "out"
    (tmp_path / "static").mkdir()
    own = worker_environment(tmp_path) | {"LOG_FORMAT": "json", "LOG_DIR": str(tmp_path / "logs")}
    granian = Path(sys.executable).with_name("granian")
    command = [
        *(str(granian), "--interface", "wsgi", "--port", str(port), "--no-ws", "--access-log"),
        *("--blocking-threads", "2"),
        "credit_portal.wsgi:application",
    ]
    with told.open("w") as output:
        web = subprocess.Popen(
            command, cwd=settings.BASE_DIR, env=own, stdout=output, stderr=subprocess.STDOUT
        )
    try:
        wait_until(lambda: answers(f"http://127.0.0.1:{port}/healthz"))
        assert not answers(
            f"http://127.0.0.1:{port}/%0D%0A%7B%22forged%22:1%7D/110101199003071233?password=hunter2",
            **{"User-Agent": "13812345678 \u00e9"},
        )
    finally:
        web.terminate()
        web.wait(30)

    text = told.read_text() + "".join(file.read_text() for file in (tmp_path / "logs").iterdir())
    ours = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
    assert {"credit_portal.requests", "granian.access"} <= {line["logger"] for line in ours}
    assert not any(
        word in text for word in ("110101199003071233", "13812345678", "hunter2", person_.password)
    )
    assert all(line.startswith(("{", "[INFO]")) for line in text.splitlines())


def answers(address: str, **headers: str) -> bool:
    asked = urllib.request.Request(address, headers=headers)  # noqa: S310 -- loopback
    try:
        return bool(urllib.request.urlopen(asked, timeout=5).status == 200)  # noqa: S310 -- likewise
    except (urllib.error.URLError, OSError):
        return False


@pytest.mark.django_db(transaction=True)
def test_a_worker_writes_the_same_lines(tmp_path: Path) -> None:
    folder = tmp_path / "logs"
    with worker(tmp_path, LOG_FORMAT="json", LOG_DIR=str(folder)):
        wait_until(lambda: list(folder.glob("*.log")))
        wait_until(lambda: "ready" in "".join(one.read_text() for one in folder.iterdir()))

    lines = [line for file in folder.iterdir() for line in file.read_text().splitlines()]
    assert {"at", "level", "logger", "event"} <= set.intersection(
        *(set(json.loads(line)) for line in lines)
    )


def test_a_command_that_breaks_says_so_in_one_line(tmp_path: Path) -> None:
    """With the password of a database that does not answer."""
    own = {
        "PATH": os.environ["PATH"], "VAR_DIR": str(tmp_path), "LOG_FORMAT": "json",
        "DATABASE_URL": "postgresql://portal:hidden-word@127.0.0.1:9/credit",
    }  # fmt: skip
    ended = subprocess.run(
        [sys.executable, "manage.py", "reference"],
        cwd=settings.BASE_DIR, env=own, capture_output=True, text=True, check=False,
    )  # fmt: skip

    (line,) = ended.stderr.splitlines()
    assert (ended.returncode, json.loads(line)["level"]) == (1, "critical")
    assert "hidden-word" not in line


@pytest.mark.parametrize(
    ("mode", "begins"), [({}, "2"), ({"LOG_FORMAT": "json"}, "{"), ({"LOG_LEVEL": "ERROR"}, "")]
)
def test_the_settings_choose_format_and_level(tmp_path: Path, mode: dict, begins: str) -> None:
    code = "import django; django.setup(); import logging; logging.getLogger('x').info('here')"
    ended = subprocess.run(
        [sys.executable, "-c", code],
        cwd=settings.BASE_DIR,
        env={
            "PATH": os.environ["PATH"], "VAR_DIR": str(tmp_path),
            "DJANGO_SETTINGS_MODULE": "credit_portal.settings", **mode,
        },
        capture_output=True, text=True, check=True,
    )  # fmt: skip

    assert ended.stderr[:1] == begins


def test_less_than_six_months_are_not_kept(tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", "import credit_portal.settings"],
        cwd=settings.BASE_DIR,
        env={"PATH": os.environ["PATH"], "VAR_DIR": str(tmp_path), "LOG_DAYS": "90"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert "LOG_DAYS is '90'; allowed: a whole number from 183 to 3650." in ended.stderr
