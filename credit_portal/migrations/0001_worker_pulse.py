from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        migrations.CreateModel(
            name="WorkerPulse",
            fields=[
                (
                    "worker",
                    models.CharField(
                        max_length=255, primary_key=True, serialize=False, verbose_name="工作进程"
                    ),
                ),
                ("seen_at", models.DateTimeField(verbose_name="最近报告时间")),
            ],
            options={"verbose_name": "后台工作进程", "verbose_name_plural": "后台工作进程"},
        ),
    ]
