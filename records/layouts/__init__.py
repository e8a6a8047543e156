"""Record files: penalties, listings, other kinds of behaviour. Source: R22–R26; domain facts 4."""

from ..passes import RecordPass
from .behaviours import BehaviourLayout
from .listings import ListingLayout
from .penalties import PenaltyLayout
from .record import RecordLayout

__all__ = ["BehaviourLayout", "ListingLayout", "PenaltyLayout", "RecordLayout", "RecordPass"]
