import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Accounts opened before have no region: the province looks after them until they are posted."""

    dependencies = [("roster", "0005_find_by_words")]

    operations = [
        migrations.AddField(
            model_name="user",
            name="region",
            field=models.ForeignKey(
                blank=True,
                editable=False,
                help_text="任命岗位之前，由这个地区的安全管理员管理；空白由省级管理",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="roster.region",
                verbose_name="开设地区",
            ),
        ),
    ]
