"""What the serving role may do on PostgreSQL.

One role owns the tables and migrates; the portal serves with a weaker one, which can
neither change the tables nor take off their triggers. Source: design idea 7.
"""

from typing import Any

from audit import triggers


def unfit(connection: Any, role: str) -> str:
    """Why this role cannot be the serving one; empty when it can."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = %s", [role])
        found = cursor.fetchone()
        if found is None:
            return (
                f'There is no role "{role}"; make it first: CREATE ROLE "{role}" LOGIN PASSWORD …'
            )
        if found[0]:
            return f'"{role}" is a superuser, whom no grant can limit; name another role.'
        cursor.execute(
            "SELECT count(*) FROM pg_tables WHERE schemaname = current_schema()"
            " AND pg_has_role(%s, tableowner, 'MEMBER')",
            [role],
        )
        if owned := cursor.fetchone()[0]:
            return f'"{role}" owns {owned} tables or is a member of their owner; name another role.'
    return ""


def statements(connection: Any, role: str) -> list[str]:
    """The statements in order; running them twice changes nothing."""
    quote = connection.ops.quote_name
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_schema(), current_database()")
        schema, database = (quote(name) for name in cursor.fetchone())
        present = set(connection.introspection.table_names(cursor))
    served = quote(role)
    lines = [
        f"REVOKE CREATE ON SCHEMA {schema} FROM PUBLIC",
        f"REVOKE ALL ON SCHEMA {schema} FROM {served}",
        f"GRANT USAGE ON SCHEMA {schema} TO {served}",
        f"GRANT CONNECT, TEMPORARY ON DATABASE {database} TO {served}",
        f"REVOKE ALL ON ALL TABLES IN SCHEMA {schema} FROM {served}",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO {served}",
        f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA {schema} TO {served}",
        f"REVOKE INSERT, UPDATE, DELETE ON {schema}.django_migrations FROM {served}",
    ]
    lines += [
        f"REVOKE UPDATE, DELETE ON {schema}.{quote(table)} FROM {served}"
        for table in triggers.tables()
        if table in present
    ]
    return lines
