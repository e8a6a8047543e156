"""The portal itself as actor: what timers and workers do without a person."""

from roster.scope import Operator

SYSTEM = Operator(username="system")
