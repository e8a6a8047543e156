"""Measurements, run by hand, never by the tests. See bench/README.md."""
