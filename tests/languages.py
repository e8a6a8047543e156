"""The portal in another language than the offices'."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.utils import translation
from django.utils.translation import trans_real

from credit_portal.catalog import compile_catalogs
from notices.enums import LetterKind


@contextmanager
def in_english() -> Iterator[None]:
    """With the English catalogue, also where nobody has compiled it yet."""
    if compile_catalogs():
        trans_real._translations.clear()
        trans_real._default = None
    with translation.override("en"):
        assert str(LetterKind.DECISION.label) == "Decision letter"
        yield
