"""How a slice is counted: what the database does for it."""

import pytest
from django.db import connection

from grading.models import Chunk
from tests.factories.grading import code


@pytest.mark.skipif(connection.vendor != "postgresql", reason="its planner alone is steered")
def test_slice_reads_records_by_index_even_when_the_planner_would_not(county):
    """Tables this small are read from end to end unless a slice forbids it."""
    county.register([code(1)])
    county.give(code(1), "penalty_other", "2025-06-01")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE records_record, roster_rosterentry")
    before = _reads_of_everything()
    run = county.run()
    assert Chunk.objects.filter(part__run=run).count() == 1
    assert _reads_of_everything() == before
    with connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM records_record WHERE source <> ''")
        cursor.execute("SHOW enable_seqscan")
        assert cursor.fetchone() == ("on",)
    assert _reads_of_everything() == before + 1


def _reads_of_everything() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT seq_scan FROM pg_stat_xact_user_tables WHERE relname = 'records_record'"
        )
        return cursor.fetchone()[0]
