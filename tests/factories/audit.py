"""People and acts to try the audit with."""

from audit.acts import Account, act, note, stamp
from audit.refusal import Refused

CLERK = Account("wang", "长安区行政审批局", "130102")
APPROVER = Account("li", "石家庄市行政审批局", "1301")


@act("tried.file_kept")
def keep_file(*, by, number: int = 1, refuse: bool = False, **noted):
    """A service that notes one target and may refuse after it."""
    note(target=("tried.file", number, f"案卷{number}"), **noted)
    if refuse:
        raise Refused("tried.file_closed", number=number)
    return stamp()


@act("tried.shelf_filled")
def fill_shelf(*, by, files: int = 2, refuse_last: bool = False):
    """An act made of acts."""
    note(target=("tried.shelf", "A"), reason="年度归档")
    numbers = range(1, files + 1)
    return [keep_file(by=by, number=n, refuse=refuse_last and n == files) for n in numbers]


@act("tried.drawer_filled")
def fill_drawer(*, by, files: int):
    """One act with many notes."""
    for number in range(files):
        note(target=("tried.file", number))
