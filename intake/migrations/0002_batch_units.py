from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("intake", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="batch",
            name="units",
            field=models.CharField(
                blank=True,
                default="",
                help_text="每个代码前后各有一竖线",
                max_length=400,
                verbose_name="上传单位代码",
            ),
            preserve_default=False,
        ),
    ]
