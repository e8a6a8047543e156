"""Filing and accepting with many users at once, by HTTP, on PostgreSQL and Redis.

    python bench/filings.py                       50 enterprises file, 50 clerks accept
    python bench/filings.py --users 20 --workers 4

A private PostgreSQL, Redis, web service and worker, with demo data. First ten representatives file
an objection one after another, each through its pages, with a PDF, and ten clerks accept one after
another: alone. Then all do it at the same moment: at once. Prints for each page the median, the
p95 and the worst in milliseconds, and p95 at once against p95 alone. By hand only.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import io
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tools import servers

ALONE = 10
COUNTY = "130102"
REPRESENTATIVE = "bench-speaker-"
PAGES = ("choose", "fill in, with a PDF", "file", "receipt", "case", "accept")


@dataclass
class Times:
    """Milliseconds of each request, by the page."""

    by_page: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    def p95(self, page: str) -> float:
        return statistics.quantiles(self.by_page[page], n=20)[-1]

    @contextlib.contextmanager
    def of(self, page: str) -> Iterator[None]:
        begun = time.perf_counter()
        yield
        self.by_page[page].append((time.perf_counter() - begun) * 1_000)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])  # type: ignore[union-attr]
    parser.add_argument("--users", type=int, default=50)
    parser.add_argument("--workers", type=int, default=2, help="web processes, of 8 threads each")
    options = parser.parse_args()
    with portal(options.workers) as port:
        work = Work(port, options.users)
        alone, at_once = Times(), Times()
        one_after_another(work.filers[:ALONE], alone)
        one_after_another(work.clerks[:ALONE], alone)
        seconds = together(work.filers[ALONE:], at_once)
        seconds += together(work.clerks[ALONE:], at_once)
        requests = sum(map(len, at_once.by_page.values()))
        print("| page | alone: median | p95 | at once: median | p95 | worst | p95 ratio |")
        print("|---|---:|---:|---:|---:|---:|---:|")
        for page in PAGES:
            print(row(page, alone, at_once))
        print(f"\n{options.users} at once: {requests} requests in {seconds:.1f} s, "
              f"{requests / seconds:.0f} a second; {work.counted()}")  # fmt: skip


def row(page: str, alone: Times, at_once: Times) -> str:
    before, then = alone.by_page[page], at_once.by_page[page]
    figures = (statistics.median(before), alone.p95(page), statistics.median(then),
               at_once.p95(page), max(then))  # fmt: skip
    shown = " | ".join(f"{one:.0f}" for one in figures)
    return f"| {page} | {shown} | {at_once.p95(page) / alone.p95(page):.1f} |"


def one_after_another(people: list[Callable[[Times], None]], times: Times) -> None:
    for person in people:
        person(times)


def together(people: list[Callable[[Times], None]], times: Times) -> float:
    """All at the same moment; the seconds until the last is done. Raises what went wrong."""
    gate, faults = threading.Barrier(len(people) + 1), []

    def begin(person: Callable[[Times], None]) -> None:
        gate.wait()
        try:
            person(times)
        except BaseException as fault:
            faults.append(fault)

    threads = [threading.Thread(target=begin, args=(one,)) for one in people]
    for thread in threads:
        thread.start()
    gate.wait()
    begun = time.perf_counter()
    for thread in threads:
        thread.join()
    if faults:
        raise faults[0]
    return time.perf_counter() - begun


# --- the portal ----------------------------------------------------------------------------------


@contextlib.contextmanager
def portal(workers: int) -> Iterator[int]:
    """A portal as the install guide sets it up, in a folder of its own; its port."""
    programs, redis = servers.postgres_programs(), servers.redis_program()
    if programs is None or redis is None:
        raise SystemExit("PostgreSQL and Redis must be installed.")
    with contextlib.ExitStack() as ends:
        folder = Path(tempfile.mkdtemp(prefix="portal-filings-"))
        ends.callback(shutil.rmtree, folder, ignore_errors=True)
        database = ends.enter_context(servers.postgres_server(programs))
        broker = ends.enter_context(servers.redis_server(redis))
        os.environ.update(
            VAR_DIR=str(folder), STORE_DIR=str(folder / "store"), DATABASE_URL=database.url,
            REDIS_URL=broker.url, LOG_LEVEL="WARNING",
        )  # fmt: skip
        subprocess.run(
            [sys.executable, "manage.py", "prepare", "--enterprises", "8000"],
            cwd=ROOT,
            check=True,
            stdout=sys.stderr,
        )
        port = servers.free_port()
        bin_folder = Path(sys.executable).parent
        for command in (
            [str(bin_folder / "granian"), "--interface", "wsgi", "--host", servers.HOST, "--port",
             str(port), "--workers", str(workers), "--blocking-threads", "8", "--no-ws",
             "--log-level", "error", "credit_portal.wsgi:application"],
            [str(bin_folder / "celery"), "-A", "credit_portal", "worker", "--loglevel", "ERROR"],
        ):  # fmt: skip
            process = subprocess.Popen(command, cwd=ROOT, stdout=sys.stderr)
            ends.callback(process.wait)
            ends.callback(process.terminate)
        _until_it_answers(port)
        yield port


def _until_it_answers(port: int) -> None:
    for _try in range(300):
        with contextlib.suppress(OSError):
            asking = http.client.HTTPConnection(servers.HOST, port, timeout=5)
            asking.request("GET", "/readyz")
            if asking.getresponse().status == http.client.OK:
                return
        time.sleep(0.2)
    raise SystemExit("The portal does not answer.")


# --- the people ----------------------------------------------------------------------------------


class Work:
    """Representatives, each of another enterprise with a record, and as many clerks."""

    def __init__(self, port: int, users: int) -> None:
        from portal import start  # inline: Django starts on the database that is there now

        start()
        from objections.models import Case
        from records.models import Record
        from tests.faults.browser import Person

        self.port, self.cases, self.person = port, Case.objects, Person
        rows = Record.objects.live().filter(enterprise__keeper=COUNTY, marks__isnull=True)
        busy = Case.objects.values("enterprise")
        found = {row.enterprise_id: row.pk for row in rows.exclude(enterprise__in=busy)}
        wanted = sorted(found.items())[: ALONE + users]
        if len(wanted) < ALONE + users:
            raise SystemExit(f"The demo county has only {len(wanted)} enterprises to file.")
        people = _representatives([code for code, _record in wanted])
        self.filers = [
            self._filing(Person(user), code, record)
            for user, (code, record) in zip(people, wanted, strict=True)
        ]
        self.clerks = [
            self._accepting(Person(user), code)
            for user, (code, _record) in zip(_clerks(len(wanted)), wanted, strict=True)
        ]

    def counted(self) -> str:
        filed = self.cases.filter(applicant__username__startswith=REPRESENTATIVE)
        accepted = filed.filter(state="accepted").count()
        return f"{filed.count()} cases, {accepted} of them accepted"

    def _filing(self, person: Any, code: str, record: int) -> Callable[[Times], None]:
        from tests.factories.evidence import pdf

        def file(times: Times) -> None:
            choose = f"/enterprise/{code}/apply/objection/"
            form = person.form(self.port, choose)
            form.fields["record"] = str(record)
            with times.of("choose"):
                draft = self._press(person, form)
            form = person.form(self.port, draft)
            paper = io.BytesIO(pdf())
            paper.name = "证明.pdf"
            form.fields |= {
                f"item{record}-ground": "wrong", "statement": "与决定书不一致", "committed": "on",
                "evidence": paper, "_check": "1",
            }  # fmt: skip
            with times.of("fill in, with a PDF"):
                check = self._press(person, form)
            form = person.form(self.port, check)
            with times.of("file"):
                case = self._press(person, form)
            with times.of("receipt"):
                person.read(self.port, case)

        return file

    def _accepting(self, person: Any, code: str) -> Callable[[Times], None]:
        def accept(times: Times) -> None:
            case = self.cases.filter(enterprise=code).latest("pk")
            page = f"/admin/objections/case/{case.pk}"
            with times.of("case"):
                person.read(self.port, f"{page}/change/")
            form = person.form(self.port, f"{page}/accept/")
            with times.of("accept"):
                self._press(person, form)

        return accept

    def _press(self, person: Any, form: Any) -> str:
        """Where the answer leads. Raises RuntimeError for one that leads nowhere."""
        answer = person.press(self.port, form)
        if answer.status != http.client.FOUND:
            raise RuntimeError(f"{form.address}: {answer.status}")
        return str(answer.leads_to)


def _representatives(codes: list[str]) -> list[Any]:
    from audit.acts import acting
    from roster.accounts import represent
    from roster.models import User
    from roster.scope import Operator
    from tests.factories.roster import LONG_AGO

    by, people = Operator.here(), []
    for number, code in enumerate(codes):
        with acting("tried.set_up", by=by):
            user = User.objects.create_user(f"{REPRESENTATIVE}{number}")
            represent(by=by, user=user, code=code, since=LONG_AGO)
        people.append(user)
    return people


def _clerks(count: int) -> list[Any]:
    from django.utils.timezone import localdate

    from audit.acts import acting
    from roster.accounts import appoint
    from roster.models import Agency, User
    from roster.scope import Operator

    by, people = Operator.here(), []
    agency = Agency.objects.get(region=COUNTY, kind="lead")
    for number in range(count):
        with acting("tried.set_up", by=by):
            user = User.objects.create_user(f"bench-clerk-{number}")
            appoint(by=by, user=user, agency=agency, role="lead_clerk", since=localdate())
        people.append(user)
    return people


if __name__ == "__main__":
    main()
