from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_append_only")]

    operations = [
        migrations.AddIndex(
            model_name="event",
            index=models.Index(
                condition=models.Q(("region__contains", "、")),
                fields=["number"],
                name="audit_event_regions",
            ),
        ),
    ]
