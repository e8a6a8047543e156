"""How one row of the chain is put into words and bound to the row before it."""

import hashlib
import json
from collections.abc import Iterable, Mapping

HASH_LENGTH = 64


def canonical(value: object) -> bytes:
    """The one way of writing a JSON value: keys sorted, no blanks, UTF-8.

    >>> canonical({"b": 1, "a": "县"}).decode()
    '{"a":"县","b":1}'
    """
    return json.dumps(
        value, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":")
    ).encode()


def link(previous_hash: str, row: Mapping[str, object]) -> str:
    """The hash of a row: SHA-256 of the previous hash, a line feed and the canonical row."""
    return hashlib.sha256(previous_hash.encode() + b"\n" + canonical(row)).hexdigest()


def digest_of(lines: Iterable[str]) -> dict[str, object]:
    """Count and SHA-256 of row texts, each ended by a line feed, in the order given.

    >>> digest_of([])["count"]
    0
    """
    hasher, count = hashlib.sha256(), 0
    for line in lines:
        hasher.update(line.encode() + b"\n")
        count += 1
    return {"count": count, "sha256": hasher.hexdigest()}
