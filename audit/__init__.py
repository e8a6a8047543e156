"""Append-only events, their chain, and its anchor outside the database."""
