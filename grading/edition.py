"""Which program computes which run."""

EDITION = 1
"""Of the computing: raised whenever the same tables would give other facts, grades or digests.

A run is computed by one edition from its first slice to its last. One that waits may be begun by a
newer program; one that is begun is left alone by every other edition, newer or older.
"""
