from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("roster", "0010_reserved_usernames")]

    operations = [
        migrations.AlterModelOptions(
            name="representative",
            options={
                "ordering": ["user_id", "-since"],
                "verbose_name": "企业代表",
                "verbose_name_plural": "企业代表",
            },
        ),
        migrations.AlterField(
            model_name="representative",
            name="since",
            field=models.DateField(verbose_name="起始日期"),
        ),
        migrations.AlterField(
            model_name="representative",
            name="until",
            field=models.DateField(
                blank=True, help_text="当日起不再代表该企业", null=True, verbose_name="终止日期"
            ),
        ),
        migrations.AddConstraint(
            model_name="representative",
            constraint=models.CheckConstraint(
                condition=models.Q(("until__isnull", True))
                | models.Q(("until__gte", models.F("since"))),
                name="representative_until_not_before_since",
                violation_error_message="终止日期不能早于起始日期。",
            ),
        ),
    ]
