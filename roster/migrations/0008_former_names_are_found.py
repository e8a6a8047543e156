"""Former names go into the text that names are looked up in, each behind a space."""

import unicodedata
from itertools import islice
from typing import Any

from django.db import migrations

SLICE = 1_000


def key(name: str) -> str:
    return "".join(unicodedata.normalize("NFKC", name).split()).casefold()


def fill(apps: Any, schema_editor: Any) -> None:
    for name in ("Enterprise", "Registration"):
        model = apps.get_model("roster", name)
        renamed = model.objects.exclude(former_names="").only("name", "former_names")
        rows = renamed.iterator(chunk_size=SLICE)
        while some := list(islice(rows, SLICE)):
            for row in some:
                names = map(key, (row.name, *row.former_names.splitlines()))
                row.name_key = " ".join(dict.fromkeys(one for one in names if one))
            model.objects.bulk_update(some, ["name_key"])


class Migration(migrations.Migration):
    dependencies = [("roster", "0007_name_key_of_any_length")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
