"""Batches named their agencies; they get the codes of these, by which they are found from now on.

In this room because the one of the batches knows no agencies. A batch whose agencies cannot all be
told by name is left to the operator.
"""

from typing import Any

from django.db import migrations


def fill(apps: Any, schema_editor: Any) -> None:
    batches = apps.get_model("intake", "Batch").objects.filter(units="")
    other = apps.get_model("roster", "AgencyName").objects.values_list("name", "agency__code")
    codes = dict(other)
    codes |= dict(apps.get_model("roster", "Agency").objects.values_list("name", "code"))
    for agency in batches.exclude(agency="").values_list("agency", flat=True).distinct():
        found = [codes.get(name) for name in agency.split("、")]
        if all(found):
            batches.filter(agency=agency).update(units="|" + "|".join(found) + "|")


class Migration(migrations.Migration):
    dependencies = [
        ("roster", "0008_former_names_are_found"),
        ("intake", "0002_batch_units"),
    ]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
