from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("credit_portal", "0005_tries_are_counted"),
    ]

    operations = [
        migrations.AddField(
            model_name="failedsignin",
            name="unlooked",
            field=models.PositiveIntegerField(default=0, verbose_name="其中未核对的次数"),
        ),
    ]
