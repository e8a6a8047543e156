"""A sum over row texts that does not depend on their order.

An act writes its rows in many statements, and acts run side by side; so what an event keeps of its
rows is a sum: the rows of several acts at one instant add up, and any order of reading gives it
again. Each row text is spread by SHAKE-256 over 2,048 bits and the numbers are added modulo
2**2048. At that width no set of other rows with the same sum can be found; at 256 bits it could.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

WIDTH_BYTES = 256
MODULUS = 1 << (8 * WIDTH_BYTES)


@dataclass(frozen=True)
class RowSum:
    """How many rows, and the sum of their numbers.

    >>> RowSum.of(["a", "b"]) == RowSum.of(["b"]) + RowSum.of(["a"])
    True
    """

    count: int = 0
    total: int = 0

    @classmethod
    def of(cls, texts: Iterable[str]) -> "RowSum":
        """The sum of row texts, read once."""
        count = total = 0
        for text in texts:
            spread = hashlib.shake_256(text.encode()).digest(WIDTH_BYTES)
            total += int.from_bytes(spread, "big")
            count += 1
        return cls(count, total % MODULUS)

    @classmethod
    def read(cls, stored: dict[str, object]) -> "RowSum":
        """From the JSON form that `stored` gives."""
        return cls(int(str(stored["count"])), int(str(stored["sum"]), 16))

    @property
    def stored(self) -> dict[str, object]:
        return {"count": self.count, "sum": f"{self.total:0{2 * WIDTH_BYTES}x}"}

    def __add__(self, other: "RowSum") -> "RowSum":
        return RowSum(self.count + other.count, (self.total + other.total) % MODULUS)
