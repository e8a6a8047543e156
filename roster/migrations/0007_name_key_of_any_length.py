from django.db import migrations, models

FIELD = {
    "editable": False,
    "help_text": "现名和曾用名，不计括号全半角、空格和大小写",
    "verbose_name": "名称检索键",
}


class Migration(migrations.Migration):
    dependencies = [("roster", "0006_accounts_belong_to_a_region")]

    operations = [
        migrations.AlterField(model_name=name, name="name_key", field=models.TextField(**FIELD))
        for name in ("enterprise", "registration")
    ]
