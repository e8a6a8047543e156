import json
from typing import Any

from django.core.management.base import CommandError, CommandParser

from audit.commands import ActingCommand
from audit.refusal import Refused, explain, record_refusal
from grading import services
from grading.enums import PartState
from grading.messages import SAID
from grading.models import RosterRun, Run
from roster.commands import actor_named
from roster.enums import Permission
from roster.scope import may


class Command(ActingCommand):
    help = (
        "Reviews and publishes the parts of a run that belong to the lead agency of two people, "
        "and says which are left. Exit codes: 0 done, 1 nothing published, 2 used wrongly."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("run", type=int)
        parser.add_argument("--region", action="append", metavar="CODE")
        parser.add_argument("--reviewed-by", required=True, metavar="USERNAME")
        parser.add_argument("--by", required=True, metavar="USERNAME", help="who publishes")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        reviewer = actor_named(options["reviewed_by"])
        publisher = actor_named(options["by"])
        run = Run.objects.filter(pk=options["run"]).first()
        if run is None:
            raise CommandError(f"There is no run {options['run']}.", returncode=2)
        published: list[str] = []
        left: list[dict[str, str]] = []
        for part in self._parts(run, options["region"]):
            reason = self._publish(part, reviewer, publisher)
            if reason:
                left.append({"region": part.region_id, "state": part.state, "message": reason})
            else:
                published.append(part.region_id)
        self._say(run, published, left, as_json=options["json"])
        if not published:
            raise CommandError(str(SAID["nothing_published"]), returncode=1)

    def _parts(self, run: Run, regions: list[str] | None) -> list[RosterRun]:
        parts = run.parts.select_related("region", "run").order_by("region_id")
        if regions is None:
            return list(parts)
        found = list(parts.filter(region__in=regions))
        if missing := sorted(set(regions) - {part.region_id for part in found}):
            raise CommandError(f"Run {run.pk} has no part for {', '.join(missing)}.", returncode=2)
        return found

    def _publish(self, part: RosterRun, reviewer: Any, publisher: Any) -> str:
        """Why a part was left; "" when it is published now."""
        if not may(publisher, Permission.PUBLISH_PART, part):
            return str(SAID["not_of_the_lead_agency"])
        step, by = "grading.part_reviewed", reviewer
        try:
            if part.state == PartState.COMPUTED:
                services.review_part(by=reviewer, part_id=part.pk, digest=part.digest)
            step, by = "grading.part_published", publisher
            services.publish_part(by=publisher, part_id=part.pk, digest=part.digest)
        except Refused as refusal:
            record_refusal(act=step, by=by, exc=refusal, target=part)
            part.refresh_from_db(fields=["state"])
            return explain(refusal)
        return ""

    def _say(
        self, run: Run, published: list[str], left: list[dict[str, str]], *, as_json: bool
    ) -> None:
        if as_json:
            said = {"run": run.pk, "published": published, "left": left}
            self.stdout.write(json.dumps(said, ensure_ascii=False))
            return
        self.stdout.write(
            SAID["published"].format(
                number=run.pk, run=run, published=len(published), left=len(left)
            )
        )
        for item in left:
            self.stdout.write("  {region} {message}".format(**item))
