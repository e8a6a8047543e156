"""Demo data: a made-up Hebei that behaves like one. Never in production.

`codes`, `places`, `names`, `enterprises` and `behaviour` invent, from a seed and without a
database; `offices`, `people` and `services` put what was invented through the portal's own acts;
`samples` writes files to try the imports with. Everything here is invented, and says so.
"""
