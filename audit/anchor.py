"""The anchor: signed heads of the chain, kept outside the database.

A chain shows every change in its middle but not that its end was cut off. So after a
commit, at most every ten seconds, number and hash of the head are signed (Ed25519) and
appended to a file in AUDIT_ANCHOR_DIR, one file per chain and month. Source: R64.
"""

import datetime as dt
import fcntl
import json
import logging
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings

from audit.models import ChainHead
from audit.plain import instant
from audit.rules.chain import canonical

logger = logging.getLogger(__name__)

INTERVAL_SECONDS = 10
PUBLIC_KEY_NAME = "public.pem"
TAIL_BYTES = 4096
"""Far more than one line."""


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
    would stay unanchored. A fault of disk or key is logged and stops no other work.
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
        file = _file_of_month(head.chain)
        if at_most_every and _age_seconds(file) < at_most_every:
            return False
        _mend(file)
        last = _last_line(file)
        if last.get("number") == head.number and last.get("hash") == head.hash:
            return False
        _append(file, head)
        return True


def lines(chain: str) -> Iterator[Anchor]:
    """The anchors of one chain in the order written. A last line torn by a crash is left out."""
    key = _public_key()
    for file in sorted(_folder().glob(f"{_stem(chain)}-*.jsonl")):
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
    line = canonical({**said, "signature": key.sign(canonical(said)).hex()}) + b"\n"
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o640)
    try:
        while line:
            line = line[os.write(descriptor, line) :]  # a disk may take a part and then be full
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


def _mend(file: Path) -> None:
    """Set right what a crash or a full disk left behind the last whole line, under the lock.

    An anchor that lacks nothing but its end of line is completed; a piece of one is taken away:
    ended by the next anchor it would read as a line that somebody forged.
    """
    while torn := _torn_tail(file):
        if _read(file.name, 0, torn, private_key().public_key()).valid:
            with file.open("ab") as stream:
                stream.write(b"\n")
        else:
            os.truncate(file, file.stat().st_size - len(torn))


def _torn_tail(file: Path) -> bytes:
    """What stands behind the last line feed. Only read: a file that can be added to and not
    changed is a good place for anchors."""
    return _tail(file).rpartition(b"\n")[2]


def _tail(file: Path) -> bytes:
    if not file.exists():
        return b""
    with file.open("rb") as stream:
        stream.seek(max(0, file.stat().st_size - TAIL_BYTES))
        return stream.read()


def _publish(key: Ed25519PublicKey) -> None:
    """Lay the public key beside the anchors, so that they can be checked elsewhere."""
    file = _folder() / PUBLIC_KEY_NAME
    if file.exists():
        return
    draft = file.with_suffix(".draft")
    draft.write_bytes(
        key.public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
    )
    draft.replace(file)  # whole or not at all, also on a disk that is full


def _public_key() -> Ed25519PublicKey | None:
    """From the key file; on a machine without it, the one beside the anchors."""
    path = Path(settings.AUDIT_KEY_FILE)
    if path.exists():
        return private_key().public_key()
    beside = _folder() / PUBLIC_KEY_NAME
    if not beside.exists():
        return None
    key = serialization.load_pem_public_key(beside.read_bytes())
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


def _last_line(file: Path) -> dict[str, object]:
    """The last whole line."""
    whole = [raw for raw in _tail(file).splitlines(keepends=True) if raw.endswith(b"\n")]
    try:
        return dict(json.loads(whole[-1])) if whole else {}
    except ValueError:
        return {}


def _age_seconds(file: Path) -> float:
    return time.time() - file.stat().st_mtime if file.exists() else float("inf")


def _file_of_month(chain: str) -> Path:
    return _folder() / f"{_stem(chain)}-{dt.datetime.now(dt.UTC):%Y-%m}.jsonl"


def _stem(chain: str) -> str:
    return chain[:16]


def _folder() -> Path:
    return Path(settings.AUDIT_ANCHOR_DIR)
