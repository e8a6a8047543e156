"""The limits every file is held against, in one table. Defaults, no source.

They are checked before or while a file is read, never after; what exceeds one is refused with
the value and a remedy. Raising one is an operational decision: memory of the web process and of
the child that reads workbooks grows with `CHILD_MEMORY`, everything else is read in a stream.
"""

MB = 1024 * 1024

# A file as it arrives.
FILE_BYTES = 512 * MB
"""Bytes of an uploaded file. A roster of a million lines has about 110 MB as CSV."""
LINES = 3_000_000
"""Data lines of one file: the whole province in one. A sheet of Excel ends at 1,048,576."""
SQLITE_LINES = 50_000
"""Data lines of one file on SQLite, which has one writer; above: use PostgreSQL."""
COLUMNS = 200
"""Columns of the heading line."""
CELL_CHARACTERS = 10_000
"""Characters of one cell; a longer one refuses its line."""
CELL_READ_CHARACTERS = 131_072
"""Characters the CSV reader takes as one cell; beyond it a quotation mark was left open."""
HEADING_WITHIN_LINES = 10
"""The heading line must be one of the first filled lines (titles may stand above it)."""

# A workbook, before and while the child reads it.
ZIP_ENTRIES = 2_000
ZIP_UNPACKED_BYTES = 2_048 * MB
CHILD_MEMORY = 3_072 * MB
"""Address space of the child. A million lines of eight columns were measured at 0.9 GB."""
CHILD_CPU_SECONDS = 120
CHILD_SECONDS = 180
SHEETS = 30

# What a batch keeps.
LINES_IN_FULL = 100_000
"""Refused and changed lines kept with every detail, each; of the rest the fate is kept."""
PROBLEMS_SHOWN = 1_000
"""Problems in the answer of a command (design §5)."""

# Work.
CHUNK_LINES = 5_000
LEASE_SECONDS = 60
ANNOUNCE_SECONDS = 30
"""A batch that waits is announced again after this time, not at every sweep."""
TEND_SECONDS = 10
"""A page that waits for a batch announces it again after this time, however many pages wait."""
ATTEMPTS = 5
"""Times a batch is taken up before it is refused as one that cannot be worked on."""
SQLITE_PAUSE_SECONDS = 0.2
"""Pause of a worker on SQLite after each write, so that people's writes get in between."""
ORPHAN_HOURS = 24
"""Age after which a stored copy without a batch is swept away."""
