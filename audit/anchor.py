"""The anchor: signed heads of the chain, kept outside the database.

A chain shows every change in its middle but not that its end was cut off. So after a
commit, at most every ten seconds, number and hash of the head are signed (Ed25519) and
appended to a file in AUDIT_ANCHOR_DIR, one file per chain and month. Files there are made and
added to, never changed, renamed or removed, so that the folder may forbid it. A file that breaks
off in the middle of a line, or takes no more, is continued in the next: stem-2.jsonl, and so on.
Source: R64.
"""

import datetime as dt
import fcntl
import json
import logging
import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings

from audit.models import ChainHead, Event
from audit.plain import instant
from audit.rules.chain import canonical

logger = logging.getLogger(__name__)

INTERVAL_SECONDS = 10
LATE_AFTER = dt.timedelta(minutes=2)
"""Since an act; every round of a worker anchors. Default, no source."""
PUBLIC_KEY_NAME = "public.pem"
TAIL_BYTES = 4096
"""Far more than one line."""
WHOLE_KEY = re.compile(rb"-----BEGIN PUBLIC KEY-----\n[^-]+-----END PUBLIC KEY-----\n")


class AnchorKeyMissing(RuntimeError):
    """In production the key is made by a person, never on the way."""


@dataclass(frozen=True)
class Anchor:
    """One line of the anchor; `valid` says whether its signature holds."""

    file: str
    line: int
    chain: str
    number: int
    hash: str
    valid: bool


@dataclass(frozen=True)
class Unanchored:
    """The events at the end of the chain that no anchor covers, and since when."""

    since: dt.datetime
    events: int


_last_try: dict[str, float] = {}


def anchor_when_due() -> None:
    """Called after every commit of an act, as a robust callback: a fault of disk or key is
    logged and fails nothing, because the act is already done.
    """
    folder = str(settings.AUDIT_ANCHOR_DIR)
    now = time.monotonic()
    if now - _last_try.get(folder, -INTERVAL_SECONDS) < INTERVAL_SECONDS:
        return
    _last_try[folder] = now
    anchor_now(at_most_every=INTERVAL_SECONDS)


def tend() -> int:
    """Anchors written by the timer of a worker: without it the last act before a quiet hour
    would stay unanchored. A fault of disk or key is logged and stops no other work; what stays
    unanchored is `overdue`.
    """
    try:
        return int(anchor_now(at_most_every=INTERVAL_SECONDS))
    except (OSError, ValueError, AnchorKeyMissing):
        logger.exception("The audit chain could not be anchored in %s.", _folder())
        return 0


def anchor_now(*, at_most_every: float = 0) -> bool:
    """Sign the head and append it, unless it stands there already; True when written.

    Several processes share the file: a lock file lets one write at a time, and
    `at_most_every` seconds hold for all of them together.
    """
    with _only_writer() as alone:
        if not alone:
            return False
        head = ChainHead.objects.filter(pk=1).first()
        if head is None or head.number == 0:
            return False
        files = _files(head.chain)
        if at_most_every and files and _age_seconds(files[-1]) < at_most_every:
            return False
        last = _last_line(files)
        if last and (last.number, last.hash) == (head.number, head.hash):
            return False
        _append(_file_to_add_to(head.chain), head)
        return True


def overdue(*, at: dt.datetime) -> Unanchored | None:
    """What should be anchored by now and is not, as the last line in the folder says.

    Told from the folder, not from a failed try: so it holds for all processes, also where none
    runs. A folder that cannot be read is one without anchors; whether lines are ours, `verify` says.
    """
    head = ChainHead.objects.filter(pk=1).first()
    if head is None:
        return None
    try:
        last = _last_line(_files(head.chain))
    except OSError:
        last = None
    anchored = last.number if last else 0
    first = Event.objects.filter(number__gt=anchored).order_by("number").first()
    if first is None or at - first.at < LATE_AFTER:
        return None
    return Unanchored(since=first.at, events=head.number - anchored)


def lines(chain: str) -> Iterator[Anchor]:
    """The anchors of one chain in the order written, without a line that breaks off."""
    key = _public_key()
    for file in _files(chain):
        with file.open("rb") as stream:
            for line, raw in enumerate(stream, start=1):
                if raw.endswith(b"\n") and raw.strip():
                    yield _read(file.name, line, raw, key)


def files_of_others(chain: str) -> list[str]:
    """Names of anchor files that belong to other chains."""
    own = f"{_stem(chain)}-"
    return sorted(file.name for file in _folder().glob("*.jsonl") if not file.name.startswith(own))


def private_key() -> Ed25519PrivateKey:
    """The signing key, made on first use outside production. Raises AnchorKeyMissing."""
    path = Path(settings.AUDIT_KEY_FILE)
    if not path.exists():
        if getattr(settings, "PORTAL_MODE", "demo") == "production":
            raise AnchorKeyMissing(
                f"AUDIT_KEY_FILE {path} is missing; make it once, readable by its owner only:"
                f" openssl genpkey -algorithm ed25519 -out {path}"
            )
        make_key(path)
    key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise AnchorKeyMissing(f"AUDIT_KEY_FILE {path} holds no Ed25519 key.")
    return key


def make_key(path: Path) -> bool:
    """Write a new key readable by its owner only; False when another process was first."""
    pem = Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}.{time.monotonic_ns()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(pem)
    try:
        os.link(draft, path)  # appears whole or not at all, and never over an older key
    except FileExistsError:
        return False
    finally:
        draft.unlink()
    return True


def _append(file: Path, head: ChainHead) -> None:
    key = private_key()
    _publish(key.public_key())
    said = {
        "at": instant(dt.datetime.now(dt.UTC)),
        "chain": head.chain,
        "hash": head.hash,
        "number": head.number,
    }
    _add(file, canonical({**said, "signature": key.sign(canonical(said)).hex()}) + b"\n")


def _add(file: Path, text: bytes) -> None:
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o640)
    try:
        while text:
            text = text[os.write(descriptor, text) :]  # a disk may take a part and then be full
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    _sync_folder(file.parent)  # else a new file may be gone after a power cut


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _file_to_add_to(chain: str) -> Path:
    """The file of the month that can take a line; one that is not there yet can.

    A torn line stays where it is: ended by the next anchor it would read as one that somebody
    forged.
    """
    stem = f"{_stem(chain)}-{dt.datetime.now(dt.UTC):%Y-%m}"
    names = (f"{stem}-{number}.jsonl" if number > 1 else f"{stem}.jsonl" for number in count(1))
    return next(file for file in map(_folder().joinpath, names) if _takes_a_line(file))


def _takes_a_line(file: Path) -> bool:
    if not file.exists():
        return True
    return _tail(file)[-1:] in (b"", b"\n") and os.access(file, os.W_OK)


def _tail(file: Path) -> bytes:
    with file.open("rb") as stream:
        stream.seek(max(0, file.stat().st_size - TAIL_BYTES))
        return stream.read()


def _publish(key: Ed25519PublicKey) -> None:
    """Lay the public key beside the anchors, so that they can be checked elsewhere; anew where it
    broke off."""
    if _key_beside() is not None:
        return
    pem = key.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    file = _folder() / PUBLIC_KEY_NAME
    _add(file, b"\n" + pem if file.exists() else pem)


def _public_key() -> Ed25519PublicKey | None:
    """From the key file; on a machine without it, the one beside the anchors."""
    if Path(settings.AUDIT_KEY_FILE).exists():
        return private_key().public_key()
    return _key_beside()


def _key_beside() -> Ed25519PublicKey | None:
    file = _folder() / PUBLIC_KEY_NAME
    whole = WHOLE_KEY.search(file.read_bytes()) if file.exists() else None
    key = serialization.load_pem_public_key(whole[0]) if whole else None
    return key if isinstance(key, Ed25519PublicKey) else None


def _read(file: str, line: int, raw: bytes, key: Ed25519PublicKey | None) -> Anchor:
    try:
        said = json.loads(raw)
        signature = bytes.fromhex(said.pop("signature"))
        read = Anchor(file, line, str(said["chain"]), int(said["number"]), str(said["hash"]), True)
        if key is None:
            raise InvalidSignature
        key.verify(signature, canonical(said))
    except InvalidSignature:
        return Anchor(file, line, read.chain, read.number, read.hash, False)
    except (ValueError, KeyError, TypeError, AttributeError):
        return Anchor(file, line, "", 0, "", False)
    return read


@contextmanager
def _only_writer() -> Iterator[bool]:
    folder = _folder()
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


def _last_line(files: list[Path]) -> Anchor | None:
    """The last whole line of the last file that has one, whoever signed it."""
    for file in reversed(files):
        for raw in reversed(_tail(file).splitlines(keepends=True)):
            if raw.endswith(b"\n"):
                return _read(file.name, 0, raw, None)
    return None


def _age_seconds(file: Path) -> float:
    return time.time() - file.stat().st_mtime


def _files(chain: str) -> list[Path]:
    """In the order written: by month, and the tenth part of a month behind its second."""
    found = _folder().glob(f"{_stem(chain)}-*.jsonl")
    return sorted(found, key=lambda file: [part.zfill(4) for part in file.stem.split("-")])


def _stem(chain: str) -> str:
    return chain[:16]


def _folder() -> Path:
    return Path(settings.AUDIT_ANCHOR_DIR)
