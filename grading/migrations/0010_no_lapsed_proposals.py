from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("grading", "0009_rating_indexes"),
    ]

    operations = [
        migrations.AlterField(
            model_name="proposal",
            name="state",
            field=models.CharField(
                choices=[("waiting", "待复核"), ("confirmed", "已确认"), ("refused", "未同意")],
                default="waiting",
                max_length=10,
                verbose_name="状态",
            ),
        ),
    ]
