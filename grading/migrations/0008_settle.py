"""What publications and corrections keep since: the figures of corrected parts, and which ratings
a newer one on another roster has overtaken."""

from collections import Counter, defaultdict
from itertools import groupby

from django.db import migrations
from django.db.models import Count

CURRENT_KINDS = ("annual", "quarterly")


def settle(apps, schema_editor):
    _recount(apps)
    _overtake(apps)


def _recount(apps):
    rating, part = (apps.get_model("grading", name) for name in ("Rating", "RosterRun"))
    corrected = apps.get_model("grading", "Correction").objects.values("part")
    for one in part.objects.filter(pk__in=corrected):
        rows = rating.objects.filter(
            part=one.pk, replaced_by__isnull=True, verdict__run=one.run_id
        ).values_list("verdict__facts", "grade")
        counts, grades = Counter(), Counter()
        for facts, grade, number in rows.annotate(n=Count("pk")).order_by():
            counts[facts] += number
            grades[grade] += number
        one.counts, one.grades = dict(sorted(counts.items())), dict(sorted(grades.items()))
        one.save(update_fields=["counts", "grades"])


def _overtake(apps):
    rating, part, overtaken = (
        apps.get_model("grading", name) for name in ("Rating", "RosterRun", "Overtaken")
    )
    published = part.objects.filter(state="published", run__kind__in=CURRENT_KINDS)
    newest = defaultdict(tuple)
    for key, region, day, run in published.values_list(
        "pk", "region", "run__reference_date", "run"
    ):
        newest[region] = max(newest[region], (day, run, key))
    current = [key for _day, _run, key in newest.values()]
    standing = rating.objects.filter(part__in=current, replaced_by__isnull=True)
    several = standing.values("enterprise").annotate(n=Count("pk")).filter(n__gt=1).order_by()
    rows = standing.filter(enterprise__in=several.values("enterprise")).order_by(
        "enterprise", "-verdict__run__reference_date", "-verdict__run", "-pk"
    )
    pairs = rows.values_list("enterprise", "part")
    overtaken.objects.bulk_create(
        overtaken(part_id=key, enterprise_id=code)
        for code, found in groupby(pairs, key=lambda pair: pair[0])
        for _code, key in list(found)[1:]
    )


class Migration(migrations.Migration):
    dependencies = [("grading", "0007_constraint_messages")]

    operations = [migrations.RunPython(settle, migrations.RunPython.noop)]
