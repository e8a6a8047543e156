import datetime as dt
import json
import time
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils.timezone import localdate

from audit.commands import ActingCommand
from audit.refusal import Refused, explain, record_refusal
from grading import services
from grading.enums import RunKind, RunState
from grading.messages import SAID
from grading.models import Run, Scheme
from roster.commands import actor_named
from roster.scope import Actor

SECONDS_BETWEEN_LOOKS = 0.5


class Command(ActingCommand):
    help = (
        "Evaluates rosters as of a day, in this process or by the workers. Exit codes: 0 done, "
        "1 refused, 2 used wrongly."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("--as-of", type=dt.date.fromisoformat, metavar="DATE")
        what.add_argument("--resume", type=int, metavar="RUN", help="go on with a run")
        parser.add_argument("--kind", choices=RunKind.values, default=RunKind.ANNUAL)
        parser.add_argument(
            "--region", action="append", metavar="CODE",
            help="the roster of a region, may be given again (default: all you may evaluate)",
        )  # fmt: skip
        parser.add_argument("--scheme", type=int, metavar="V", help="version of the standard")
        parser.add_argument("--celery", action="store_true", help="hand it to the workers")
        parser.add_argument("--json", action="store_true", help="print one JSON object")
        parser.add_argument("--by", help="user name (default: the operating-system account)")

    def handle(self, *args: Any, **options: Any) -> None:
        by = actor_named(options["by"])
        try:
            run = self._resumed(by, options["resume"]) if options["resume"] else None
            run = run or self._opened(by, options)
        except Refused as refusal:
            act = "grading.run_resumed" if options["resume"] else "grading.run_opened"
            record_refusal(act=act, by=by, exc=refusal)
            self._say_refused(explain(refusal), options)
            raise CommandError(explain(refusal), returncode=1) from refusal
        if not options["celery"]:
            run = services.work_to_end(run.pk, wait=lambda: time.sleep(SECONDS_BETWEEN_LOOKS))
        self._say(run, options)

    def _opened(self, by: Actor, options: dict[str, Any]) -> Run:
        return services.open_run(
            by=by,
            kind=options["kind"],
            reference_date=options["as_of"],
            on=localdate(),
            regions=options["region"],
            scheme=_scheme(options["scheme"]),
        )

    def _resumed(self, by: Actor, run_id: int) -> Run:
        run = services.run_to_steer(by=by, run_id=run_id)
        if run.state == RunState.STOPPED:
            services.resume_run(by=by, run_id=run_id)
        elif run.state != RunState.COMPUTED:
            services.refuse_other_edition(run)
            services.announce(run_id)
        return Run.objects.get(pk=run_id)

    def _say(self, run: Run, options: dict[str, Any]) -> None:
        said: dict[str, Any] = {"run": run.pk, "state": run.state}
        if not options["celery"]:
            said |= {
                "scheme": run.scheme.version,
                "reference_date": run.reference_date.isoformat(),
                "grades": services.grades_of(run),
                "verdicts": run.verdicts.count(),
                "digest": run.digest,
            }
        if options["json"]:
            self.stdout.write(json.dumps(said))
            return
        said_of_run = SAID["run"].format(number=run.pk, run=run, state=run.get_state_display())
        self.stdout.write(said_of_run)
        for grade, count in said.get("grades", {}).items():
            self.stdout.write(f"  {grade} {count}")

    def _say_refused(self, message: str, options: dict[str, Any]) -> None:
        if options["json"]:
            nothing: dict[str, Any] = {
                "scheme": None,
                "reference_date": None,
                "grades": {},
                "verdicts": 0,
            }
            said = {"run": None, "state": "refused", **nothing, "digest": "", "message": message}
            self.stdout.write(json.dumps(said, ensure_ascii=False))


def _scheme(version: int | None) -> Scheme | None:
    if version is None:
        return None
    scheme = Scheme.objects.filter(version=version).first()
    if scheme is None:
        raise Refused("grading.unknown_scheme", version=version)
    return scheme
