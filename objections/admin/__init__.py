"""The offices' pages: cases, and what source departments are asked."""

from .cases import CaseAdmin
from .items import CaseItemAdmin
from .verifications import VerificationAdmin

__all__ = ["CaseAdmin", "CaseItemAdmin", "VerificationAdmin"]
