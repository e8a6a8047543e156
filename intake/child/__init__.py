"""Reads one uploaded file in a process of its own: `python -E -s -m intake.child`.

It holds itself to the memory and time it is told, knows nothing of the portal, and dies alone
when a file is hostile. `intake/parsing.py` starts it with the file as an open descriptor.

What it says is JSON, one message a line: for every table of the file its first filled rows, then
how many there were. Then it is told on its standard input which table to read, and prints that
one in slices of rows: [number, [text, …], flag].
"""
