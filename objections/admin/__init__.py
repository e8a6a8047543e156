"""The offices' pages: cases, and what source departments are asked."""

from .cases import CaseAdmin
from .verifications import VerificationAdmin

__all__ = ["CaseAdmin", "VerificationAdmin"]
