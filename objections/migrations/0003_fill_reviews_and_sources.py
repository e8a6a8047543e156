"""Reviews know the items they look at again, dropped questions the day. The audit says the rest."""

from django.db import migrations


def fill(apps, schema_editor):
    items = apps.get_model("objections", "CaseItem").objects
    for item in items.filter(case__reviewed_case__isnull=False).select_related("case"):
        same = items.filter(case=item.case.reviewed_case_id, target=item.target)
        if item.record_id:
            same = same.filter(record__identity=item.record.identity)
        item.reviewed_item = same.first()
        item.save(update_fields=["reviewed_item"])
    steps = apps.get_model("objections", "CaseStep").objects
    for asked in apps.get_model("objections", "Verification").objects.filter(dropped=True):
        ended = steps.filter(case=asked.case_id, source="verifying", on__gte=asked.asked_on)
        last = ended.exclude(target="verifying").order_by("pk").first()
        asked.dropped_on = last.on if last else asked.asked_on
        asked.save(update_fields=["dropped_on"])


class Migration(migrations.Migration):
    dependencies = [("objections", "0002_reviews_and_sources")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop, elidable=True)]
