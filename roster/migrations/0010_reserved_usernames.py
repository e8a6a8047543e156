from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("roster", "0009_batches_know_their_agencies")]

    operations = [
        migrations.AddConstraint(
            model_name="user",
            constraint=models.CheckConstraint(
                condition=~models.Q(username__istartswith="os:")
                & ~models.Q(username__iexact="system"),
                name="username_not_reserved",
                violation_error_message="“system”和以“os:”开头的账号名留给系统和服务器上的操作系统账号。请换一个账号名。",
            ),
        ),
    ]
