"""On PostgreSQL an index over every two neighbouring characters of a name.

Trigrams, which PostgreSQL brings along, find nothing by a word of two characters, and most Chinese
words have two. See docs/decisions/0008-words-of-two-characters.md.
"""

from typing import Any

from django.db import migrations

FUNCTION = """
CREATE OR REPLACE FUNCTION roster_bigrams(value text) RETURNS text[]
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    pairs text[] := '{}';
BEGIN
    FOR place IN 1..length(value) - 1 LOOP
        pairs := pairs || substr(value, place, 2);
    END LOOP;
    RETURN pairs;
END $$
"""
INDEX = """
CREATE INDEX IF NOT EXISTS enterprise_name_words
ON roster_enterprise USING gin (roster_bigrams(name_key))
"""


def add(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(FUNCTION)
        schema_editor.execute(INDEX)


def remove(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP INDEX IF EXISTS enterprise_name_words")
        schema_editor.execute("DROP FUNCTION IF EXISTS roster_bigrams(text)")


class Migration(migrations.Migration):
    dependencies = [("roster", "0004_list_indexes")]

    operations = [migrations.RunPython(add, remove)]
