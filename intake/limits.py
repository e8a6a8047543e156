"""The limits every file is held against, in one table. Defaults, no source.

They are checked before or while a file is read, never after; what exceeds one is refused with
the value and a remedy. `docs/guides/limits.md` lists them for those who run the portal. Raising
one is an operational decision: `READERS` children may run at one time on a machine, each with
`CHILD_MEMORY`; texts are read in a stream and need little of it.
"""

MB = 1024 * 1024

# A file as it arrives.
FILE_BYTES = 512 * MB
"""Bytes of an uploaded file. A roster of a million lines has about 110 MB as CSV."""
TABLE_BYTES = 1 * MB
"""Bytes of a small table: regions, agencies, the calendar of a year."""
TABLE_LINES = 2_000
"""Data lines of a small table, which is shown line by line before it is written."""

# What a table may have, whatever the form of its file.
LINES = 3_000_000
"""Data lines of one file: the whole province in one. A sheet of Excel ends at 1,048,576."""
SQLITE_LINES = 50_000
"""Data lines of one file on SQLite, which has one writer; above: use PostgreSQL."""
COLUMNS = 200
"""Columns of the heading line."""
SPARE_COLUMNS = 56
"""Columns of a sheet beyond them in which something may stand by mistake; it is not read."""
CELL_CHARACTERS = 10_000
"""Characters of one cell; a longer one refuses its line."""
ROW_CHARACTERS = 1_000_000
"""Characters of one row; beyond it a quotation mark was left open, or line ends are missing."""
CONTENT_CHARACTERS = 1_000_000_000
"""Characters of all cells together: a small workbook may repeat one text a million times."""
HEADING_WITHIN_LINES = 10
"""The heading line must be one of the first filled lines (titles may stand above it)."""

# A workbook, before and while it is read.
ZIP_ENTRIES = 2_000
"""Parts of the zip that a workbook is."""
ZIP_UNPACKED_BYTES = 2_048 * MB
"""Bytes of all its parts unpacked; a part longer than its entry says refuses the file."""
ROW_UNPACKED_BYTES = 32 * MB
"""Bytes of one row in the XML of a sheet."""
SHEETS = 30
"""Visible sheets."""

# The child that reads a file.
CHILD_MEMORY = 3_072 * MB
"""Address space. A workbook of a million lines of eight columns was measured at 0.9 GB."""
READERS = 4
"""Children at one time on a machine, whatever its processes and threads: times `CHILD_MEMORY` they
must fit into it. The last place is left to small files."""
READER_WAIT_SECONDS = 10
"""Time a person waits for a place; a command waits `CHILD_SECONDS`."""
SMALL_FILE_BYTES = 4 * MB
"""Bytes of a file that is read in a moment: some 30,000 lines."""
CHILD_CPU_SECONDS = 120
CHILD_SECONDS = 180
MESSAGE_BYTES = 32 * MB
"""Bytes of one message of the child, a slice of rows."""

# What a batch keeps.
LINES_IN_FULL = 100_000
"""Refused and changed lines kept with every detail, each; of the rest the fate is kept."""
PROBLEMS_SHOWN = 1_000
"""Problems in the answer of a command (design §5)."""

# Work.
CHUNK_LINES = 5_000
"""Lines worked on together, unless their characters are many."""
CHUNK_CHARACTERS = 8_000_000
"""Characters of lines worked on together."""
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

# Evidence: what people send as proof.
EVIDENCE_BYTES = 10 * MB
"""Bytes of one file."""
EVIDENCE_FILES = 10
"""Files of one case; further ones go with what is supplied later."""
EVIDENCE_PIXELS = 50_000_000
"""Pixels of a picture, looked at before it is unpacked; a phone takes up to 50 million."""
EVIDENCE_SIDE = 20_000
"""Pixels of its longer side."""
PDF_STREAMS = 20_000
"""Streams of a PDF."""
PDF_UNPACKED_BYTES = 256 * MB
"""Bytes of all of them unpacked; they are looked through block by block."""
PDF_ESCAPED_NAMES = 10_000
"""Names of a PDF in hexadecimal; by chance they stand in pictures too, a few in a hundred MB."""
DOCUMENT_PARTS = 1_000
"""Parts of the zip that a Word document is."""
DOCUMENT_UNPACKED_BYTES = 100 * MB
"""Bytes of all its parts unpacked, counted while they are."""
DOCUMENT_TEXT_BYTES = 20 * MB
"""Bytes of those of its parts that are read, the XML; a hundred pages have about 5 MB."""
DOCUMENT_DEPTH = 500
"""Elements of XML within each other."""
SCAN_SECONDS = 60
"""Time for the virus scanner, if there is one."""
EVIDENCE_ORPHAN_SECONDS = 3_600
"""Age after which a file that no row names is swept away."""
