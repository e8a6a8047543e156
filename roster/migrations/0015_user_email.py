from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("roster", "0014_sessions_end"),
    ]

    operations = [
        migrations.AddField(
            model_name="user",
            name="email",
            field=models.EmailField(blank=True, max_length=254, verbose_name="电子邮箱"),
        ),
    ]
