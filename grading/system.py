"""The portal itself as actor: what timers and workers do without a person."""

from audit.actors import SYSTEM as SYSTEM_NAME
from roster.scope import Operator

SYSTEM = Operator(username=SYSTEM_NAME)
