import datetime as dt
import errno
import json
import logging
import os
import resource
import shutil
import stat
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from django.utils import timezone

from audit import anchor
from audit.models import ChainHead, Event
from audit.rules.chain import canonical
from audit.verify import Verdict, verify
from tests.factories.audit import CLERK, keep_file

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def anchored(settings, tmp_path):
    settings.AUDIT_ANCHOR_DIR = tmp_path / "anchor"
    settings.AUDIT_KEY_FILE = tmp_path / "secret" / "audit.key"
    return tmp_path / "anchor"


def anchored_lines(folder):
    """The anchors that stand whole in the files of the folder."""
    files = sorted(folder.glob("*.jsonl"), key=lambda file: (len(file.name), file.name))
    whole = [line for file in files for line in file.read_bytes().split(b"\n")[:-1]]
    return [json.loads(line) for line in whole]


def names(folder):
    month = f"{timezone.now():%Y-%m}"
    return sorted(file.stem.partition(month)[2] for file in folder.glob("*.jsonl"))


def test_anchor_signs_number_and_hash_of_the_head(anchored):
    keep_file(by=CLERK)
    assert anchor.anchor_now()
    (line,) = anchored_lines(anchored)
    event = Event.objects.get()
    assert (line["number"], line["hash"]) == (1, event.hash)
    public = load_pem_public_key((anchored / "public.pem").read_bytes())
    signature = bytes.fromhex(line.pop("signature"))
    public.verify(signature, canonical(line))  # raises when it does not hold


def test_anchor_of_an_empty_chain_is_not_written(anchored):
    assert not anchor.anchor_now()
    assert anchored_lines(anchored) == []


def test_anchor_of_the_same_head_is_written_once(anchored):
    keep_file(by=CLERK)
    assert [anchor.anchor_now(), anchor.anchor_now()] == [True, False]
    assert len(anchored_lines(anchored)) == 1


def test_anchor_is_written_at_most_every_ten_seconds(anchored):
    keep_file(by=CLERK)
    anchor.anchor_now()
    keep_file(by=CLERK)
    assert not anchor.anchor_now(at_most_every=10)
    assert anchor.anchor_now()
    assert [line["number"] for line in anchored_lines(anchored)] == [1, 2]


def test_anchor_follows_the_commit(anchored, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        keep_file(by=CLERK)
        assert anchored_lines(anchored) == []
    assert [line["number"] for line in anchored_lines(anchored)] == [1]


@pytest.mark.django_db(transaction=True)
def test_anchor_that_cannot_be_written_fails_no_act(settings, tmp_path, caplog):
    (tmp_path / "file").write_text("not a folder")
    settings.AUDIT_ANCHOR_DIR = tmp_path / "file" / "anchor"
    with caplog.at_level(logging.ERROR):
        keep_file(by=CLERK)
    assert Event.objects.count() == 1
    assert "anchor_when_due" in caplog.text


def test_timer_anchors_what_a_quiet_hour_left_open(anchored):
    keep_file(by=CLERK)
    assert [anchor.tend(), anchor.tend()] == [1, 0]
    assert [line["number"] for line in anchored_lines(anchored)] == [1]


def test_timer_that_cannot_write_stops_no_other_work(settings, caplog):
    keep_file(by=CLERK)
    settings.PORTAL_MODE = "production"
    with caplog.at_level(logging.ERROR):
        assert anchor.tend() == 0
    assert "could not be anchored" in caplog.text


def test_event_without_anchor_is_overdue_after_two_minutes():
    keep_file(by=CLERK)
    keep_file(by=CLERK)
    since = Event.objects.get(pk=1).at
    assert anchor.overdue(at=since + dt.timedelta(seconds=119)) is None
    late = since + dt.timedelta(minutes=2)
    assert anchor.overdue(at=late) == anchor.Unanchored(since=since, events=2)
    anchor.anchor_now()
    assert anchor.overdue(at=late) is None
    keep_file(by=CLERK)
    newest = Event.objects.get(pk=3).at
    later = newest + dt.timedelta(days=1)
    assert anchor.overdue(at=later) == anchor.Unanchored(since=newest, events=1)


def test_nothing_is_overdue_in_an_empty_chain():
    assert anchor.overdue(at=timezone.now()) is None


def test_key_is_made_on_first_use_for_its_owner_only(settings):
    anchor.private_key()
    assert stat.S_IMODE(settings.AUDIT_KEY_FILE.stat().st_mode) == 0o600
    assert [file.name for file in settings.AUDIT_KEY_FILE.parent.iterdir()] == ["audit.key"]


def test_key_is_never_replaced(settings):
    anchor.private_key()
    first = settings.AUDIT_KEY_FILE.read_bytes()
    assert not anchor.make_key(settings.AUDIT_KEY_FILE)
    assert settings.AUDIT_KEY_FILE.read_bytes() == first


def test_key_is_not_made_in_production(settings):
    settings.PORTAL_MODE = "production"
    with pytest.raises(anchor.AnchorKeyMissing, match="AUDIT_KEY_FILE"):
        anchor.private_key()
    assert not settings.AUDIT_KEY_FILE.exists()


def test_key_made_by_openssl_is_read(settings):
    settings.AUDIT_KEY_FILE.parent.mkdir()
    made = ["openssl", "genpkey", "-algorithm", "ed25519", "-out", str(settings.AUDIT_KEY_FILE)]
    try:
        subprocess.run(made, check=True, capture_output=True)
    except FileNotFoundError:
        pytest.skip("no openssl program here")
    keep_file(by=CLERK)
    assert anchor.anchor_now()


def tear(folder, cut: int) -> bytes:
    """Leave `cut` bytes of a second, valid line at the end, as a crash in the middle would."""
    keep_file(by=CLERK)
    anchor.anchor_now()
    (file,) = folder.glob("*.jsonl")
    first, second = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(first + second[:cut])
    return second


@pytest.mark.parametrize("cut", [1, 17, 200, -2, -1])
def test_file_torn_by_a_crash_is_continued_in_a_second(anchored, cut):
    keep_file(by=CLERK)
    anchor.anchor_now()
    tear(anchored, cut)
    (first,) = anchored.glob("*.jsonl")
    torn = first.read_bytes()
    assert verify(require_anchor=True) == Verdict(ok=True, checked=2, first_bad=None)
    keep_file(by=CLERK)
    assert anchor.anchor_now()
    assert (first.read_bytes(), names(anchored)) == (torn, ["", "-2"])
    assert [line["number"] for line in anchored_lines(anchored)] == [1, 3]
    assert verify(require_anchor=True) == Verdict(ok=True, checked=3, first_bad=None)


def test_file_that_breaks_off_again_and_again_is_continued_and_read_in_order(anchored):
    for _ in range(11):
        keep_file(by=CLERK)
        anchor.anchor_now()
        (newest,) = [file for file in anchored.glob("*.jsonl") if file.read_bytes()[-1:] == b"\n"]
        with newest.open("ab") as stream:
            stream.write(b"{")
    assert names(anchored) == sorted(["", *(f"-{part}" for part in range(2, 12))])
    assert verify(require_anchor=True) == Verdict(ok=True, checked=11, first_bad=None)
    (tenth,) = anchored.glob("*-10.jsonl")
    tenth.write_bytes(tenth.read_bytes().replace(b'"number":10', b'"number":12'))
    assert not verify().ok


def test_torn_piece_longer_than_any_line_is_left_behind(anchored):
    keep_file(by=CLERK)
    anchor.anchor_now()
    (file,) = anchored.glob("*.jsonl")
    with file.open("ab") as stream:
        stream.write(b"\0" * (3 * anchor.TAIL_BYTES))  # what some file systems leave
    keep_file(by=CLERK)
    assert [anchor.anchor_now(), anchor.anchor_now()] == [True, False]
    assert names(anchored) == ["", "-2"]
    assert verify(require_anchor=True) == Verdict(ok=True, checked=2, first_bad=None)


def test_file_that_takes_no_more_is_continued_in_a_second(anchored):
    keep_file(by=CLERK)
    anchor.anchor_now()
    (file,) = anchored.glob("*.jsonl")
    keep_file(by=CLERK)
    with sealed(file):
        assert anchor.anchor_now()
    assert names(anchored) == ["", "-2"]
    assert verify(require_anchor=True) == Verdict(ok=True, checked=2, first_bad=None)


@contextmanager
def sealed(file: Path):
    """Nobody may write into the file; where that does not bind this account, the kernel says so."""
    file.chmod(0o440)
    immutable = os.access(file, os.W_OK)
    if immutable and subprocess.run(["chattr", "+i", str(file)], capture_output=True).returncode:
        pytest.skip("this account may write into every file here")
    try:
        yield
    finally:
        if immutable:
            subprocess.run(["chattr", "-i", str(file)], check=True)


@pytest.mark.parametrize("enforced", ["here", "by the kernel"])
def test_folder_may_be_one_that_can_only_be_added_to(anchored, enforced):
    anchored.mkdir()
    with (only_added_to if enforced == "here" else appending_directory)(anchored):
        keep_file(by=CLERK)
        assert anchor.anchor_now()
        (file,) = anchored.glob("*.jsonl")
        keep_file(by=CLERK)
        with files_no_larger_than(file.stat().st_size + 20), pytest.raises(OSError, match="large"):
            anchor.anchor_now()
        assert [anchor.anchor_now(), anchor.anchor_now()] == [True, False]
        keep_file(by=CLERK)
        assert anchor.anchor_now()
    assert [line["number"] for line in anchored_lines(anchored)] == [1, 2, 3]
    assert verify(require_anchor=True) == Verdict(ok=True, checked=3, first_bad=None)


_guarded: set[str] = set()
_hooks: list[object] = []
OF_A_FILE = {"os.truncate", "os.remove", "os.rename"}


def _guard(event, said):
    """Python asks its audit hooks before it touches a file; a refusal is the kernel's EPERM."""
    if not _guarded or not said or not isinstance(said[0], str | bytes | os.PathLike):
        return
    path, writes = Path(os.fsdecode(said[0])), False
    if event == "open":
        writes = bool(said[2] & (os.O_WRONLY | os.O_RDWR)) and not said[2] & os.O_APPEND
    if (writes or event in OF_A_FILE) and str(path.parent) in _guarded:
        raise PermissionError(errno.EPERM, f"{event}: the folder can only be added to", str(path))


@contextmanager
def only_added_to(folder: Path):
    """Whatever changes, renames or removes a file of the folder fails, on every machine."""
    if _guard not in _hooks:
        _hooks.append(_guard)
        sys.addaudithook(_guard)
    _guarded.add(str(folder))
    try:
        with pytest.raises(PermissionError, match="only be added to"):
            (folder / "lock").write_bytes(b"")
        yield
    finally:
        _guarded.clear()


@contextmanager
def appending_directory(folder: Path):
    """As an administrator would set it up: chattr +a."""
    set_up = ["chattr", "+a", str(folder)]
    if not shutil.which("chattr") or subprocess.run(set_up, capture_output=True).returncode:
        pytest.skip("this account or file system knows no chattr +a")
    try:
        yield
    finally:
        subprocess.run(["chattr", "-R", "-a", str(folder)], check=True)


def test_public_key_that_broke_off_is_written_anew(settings, anchored):
    keep_file(by=CLERK)
    anchored.mkdir()
    (anchored / "public.pem").write_bytes(b"-----BEGIN PUBLIC KEY-----\nMCow")
    anchor.anchor_now()
    settings.AUDIT_KEY_FILE.unlink()
    assert [line.valid for line in anchor.lines(ChainHead.objects.get().chain)] == [True]


@pytest.mark.parametrize("room", [0, 1, 100])
def test_disk_that_is_full_in_the_middle_of_a_line_loses_no_anchor(anchored, room):
    keep_file(by=CLERK)
    anchor.anchor_now()
    (file,) = anchored.glob("*.jsonl")
    before = file.stat().st_size
    keep_file(by=CLERK)
    with files_no_larger_than(before + room), pytest.raises(OSError, match="too large"):
        anchor.anchor_now()
    assert file.stat().st_size == before + room
    assert verify(require_anchor=True).ok
    assert anchor.anchor_now()
    assert [line["number"] for line in anchored_lines(anchored)] == [1, 2]
    assert verify(require_anchor=True) == Verdict(ok=True, checked=2, first_bad=None)


@contextmanager
def files_no_larger_than(size: int):
    """The kernel takes what still fits and then refuses, as a full disk does."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("forged", [b"{}", b'{"number": 2, "ha', b"\xff\x00"])
def test_forged_line_is_named_and_never_mended(anchored, forged):
    keep_file(by=CLERK)
    anchor.anchor_now()
    (file,) = anchored.glob("*.jsonl")
    with file.open("ab") as stream:
        stream.write(forged + b"\n")
    keep_file(by=CLERK)
    anchor.anchor_now()
    verdict = verify()
    assert (verdict.ok, verdict.problem) == (
        False,
        f"{file.name}第2行的锚点不是用本系统的密钥签的。",
    )


@pytest.mark.parametrize(
    "change",
    [{"number": 5}, {"hash": "0" * 64}, {"at": "2020-01-01T00:00:00.000000Z"}, {"signature": "00"}],
)
def test_changed_line_is_not_valid(anchored, change):
    keep_file(by=CLERK)
    anchor.anchor_now()
    (file,) = anchored.glob("*.jsonl")
    file.write_bytes(canonical(json.loads(file.read_bytes()) | change) + b"\n")
    assert [line.valid for line in anchor.lines(ChainHead.objects.get().chain)] == [False]


def test_lines_can_be_checked_with_the_public_key_alone(settings, anchored):
    keep_file(by=CLERK)
    anchor.anchor_now()
    settings.AUDIT_KEY_FILE.unlink()
    assert [line.valid for line in anchor.lines(ChainHead.objects.get().chain)] == [True]


def test_several_processes_share_one_key(tmp_path):
    program = (
        "import sys; from pathlib import Path; from django.conf import settings;"
        "settings.configure(INSTALLED_APPS=['audit'],DATABASES={},AUDIT_KEY_FILE=Path(sys.argv[1]));"
        "import django; django.setup(); from audit import anchor;"
        "print(anchor.private_key().public_key().public_bytes_raw().hex())"
    )
    started = [
        subprocess.Popen(
            [sys.executable, "-c", program, str(tmp_path / "shared.key")], stdout=subprocess.PIPE
        )
        for _ in range(6)
    ]
    assert len({process.communicate()[0] for process in started}) == 1
    assert [process.returncode for process in started] == [0] * 6
