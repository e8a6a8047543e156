"""Dropped questions know the day; cases that wait for papers are reckoned anew by the next sweep.

What the audit vouches for stays as it was stated: reviews from before know no items.
"""

import datetime as dt

from django.db import migrations

LONG_AGO = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)


def fill(apps, schema_editor):
    steps = apps.get_model("objections", "CaseStep").objects
    for asked in apps.get_model("objections", "Verification").objects.filter(dropped=True):
        ended = steps.filter(case=asked.case_id, source="verifying", on__gte=asked.asked_on)
        last = ended.exclude(target="verifying").order_by("pk").first()
        asked.dropped_on = last.on if last else asked.asked_on
        asked.save(update_fields=["dropped_on"])
    cases = apps.get_model("objections", "Case").objects
    cases.filter(state="papers").update(reckoned_at=LONG_AGO)


class Migration(migrations.Migration):
    dependencies = [("objections", "0002_reviews_and_sources")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop, elidable=True)]
