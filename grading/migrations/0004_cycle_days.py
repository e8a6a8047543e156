"""Cycles fall on days that every year has. Older versions took 31 April, at which the search for due
runs then failed, and an end before the beginning: the end of the month is what was meant, and a
cycle that was never in force stays so."""

from django.db import migrations, models


def put_right(apps, schema_editor):
    schedules = apps.get_model("grading", "RunSchedule").objects
    schedules.filter(month__in=(4, 6, 9, 11), day=31).update(day=30)
    schedules.filter(until__lt=models.F("since")).update(until=models.F("since"))


class Migration(migrations.Migration):
    dependencies = [
        ("grading", "0003_proposal_basis"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="runschedule",
            name="schedule_day_exists_every_year",
        ),
        migrations.RunPython(put_right, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="runschedule",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("day__gte", 1), ("day__lte", 31), ("month", 1)),
                    models.Q(("day__gte", 1), ("day__lte", 28), ("month", 2)),
                    models.Q(("day__gte", 1), ("day__lte", 31), ("month", 3)),
                    models.Q(("day__gte", 1), ("day__lte", 30), ("month", 4)),
                    models.Q(("day__gte", 1), ("day__lte", 31), ("month", 5)),
                    models.Q(("day__gte", 1), ("day__lte", 30), ("month", 6)),
                    models.Q(("day__gte", 1), ("day__lte", 31), ("month", 7)),
                    models.Q(("day__gte", 1), ("day__lte", 31), ("month", 8)),
                    models.Q(("day__gte", 1), ("day__lte", 30), ("month", 9)),
                    models.Q(("day__gte", 1), ("day__lte", 31), ("month", 10)),
                    models.Q(("day__gte", 1), ("day__lte", 30), ("month", 11)),
                    models.Q(("day__gte", 1), ("day__lte", 31), ("month", 12)),
                    _connector="OR",
                ),
                name="schedule_day_is_in_every_year",
                violation_error_message="评价基准日须是每年都有的日期（不能是2月29日）。",
            ),
        ),
        migrations.AddConstraint(
            model_name="runschedule",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("until__isnull", True), ("until__gte", models.F("since")), _connector="OR"
                ),
                name="schedule_ends_after_it_begins",
                violation_error_message="停用日期不能早于启用日期。",
            ),
        ),
    ]
