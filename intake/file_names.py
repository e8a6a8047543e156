"""The name of a sent file as people may be shown it; no file is ever stored under it."""

from __future__ import annotations

import re
import unicodedata

LONGEST = 80
"""Characters of a name without its ending."""
UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Kinds of characters that show nothing, or turn the order of what follows."""


def shown_name(given: str, extension: str) -> str:
    r"""What is left of a name without its path and unseen characters, with the ending of its content.

    >>> shown_name("C:\\资料\\证明\u202efdp.exe", "pdf")
    '证明fdp.pdf'
    """
    plain = plain_name(given)
    stem = plain.rpartition(".")[0] if "." in plain else plain
    return f"{stem[:LONGEST].strip('. ') or 'file'}.{extension}"


def plain_name(given: str) -> str:
    """What is left of a name without its path and unseen characters."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", given))[-1]
    seen = "".join(one for one in last if unicodedata.category(one) not in UNSEEN)
    return re.sub(r'[<>:"|?*]', "_", seen.strip())


__all__ = ["plain_name", "shown_name"]
