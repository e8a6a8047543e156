"""What services and rules say no with, and checks report; sentences are made at the edge."""

from typing import Any


class Refused(Exception):
    """A service said no. `code` names the reason, `values` fill its sentence.

    >>> Refused("grading.part_open", region="130102").values
    {'region': '130102'}
    """

    def __init__(self, code: str, /, **values: Any) -> None:
        super().__init__(code)
        self.code = code
        self.values = values

    def __str__(self) -> str:
        return f"{self.code} {self.values}" if self.values else self.code

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (type(self), self.code, self.values)


class NotPermitted(Refused):
    """Not there, or not yours: outside it is the same answer."""


class Wrong(Exception):
    """A check found what should not be. `code` names what, `values` fill its sentence."""

    def __init__(self, code: str, /, **values: Any) -> None:
        super().__init__(code)
        self.code = code
        self.values = values


def _rebuild(kind: type[Refused], code: str, values: dict[str, Any]) -> Refused:
    """A refusal comes back from a worker as it was, whatever its subclass is made from."""
    refused = kind.__new__(kind)
    Refused.__init__(refused, code, **values)
    return refused
