"""The limits first, then the form of the file by its first bytes, then its rows."""

from __future__ import annotations

import json
import os
import resource
import sys

from . import said


def main() -> None:
    told = json.loads(sys.argv[1])
    resource.setrlimit(resource.RLIMIT_AS, (told["memory"], told["memory"]))
    resource.setrlimit(resource.RLIMIT_CPU, (told["cpu_seconds"], told["cpu_seconds"] + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (65_536, 65_536))  # what it complains of, no more
    try:
        with os.fdopen(told["descriptor"], "rb") as file:
            _read(file, told)
    except said.Fault as fault:
        said.say({"fault": fault.code, **fault.values})
    except MemoryError:
        said.say({"fault": "memory"})


def _read(file: said.File, told: said.Told) -> None:
    start = file.read(8)
    file.seek(0)
    if not start:
        raise said.Fault("empty")
    if form := said.form_of_others(start):
        raise said.Fault("form", form=form)
    if start[:4] == b"PK\x03\x04":
        from . import workbooks  # its libraries only for those, and under the limits

        workbooks.read(file, told)
    else:
        from . import texts  # like the other

        texts.read(file, told)


if __name__ == "__main__":
    main()
