"""Cases: who is asked about what, what a review looks at again, when papers are due."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("objections", "0001_cases"),
        ("roster", "0016_bindings"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="case",
            name="papers_due_on",
            field=models.DateField(blank=True, null=True, verbose_name="补正期限"),
        ),
        migrations.AddField(
            model_name="caseitem",
            name="reviewed_item",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="reviewing_items",
                to="objections.caseitem",
                verbose_name="所复核的内容",
            ),
        ),
        migrations.AddField(
            model_name="verification",
            name="asked_about",
            field=models.JSONField(blank=True, default=list, verbose_name="所问内容"),
        ),
        migrations.AddField(
            model_name="verification",
            name="dropped_on",
            field=models.DateField(blank=True, null=True, verbose_name="不再需要答复的日期"),
        ),
        migrations.AddField(
            model_name="verification",
            name="gap_year",
            field=models.PositiveSmallIntegerField(
                blank=True, null=True, verbose_name="缺少日历的年份"
            ),
        ),
        migrations.AlterField(
            model_name="case",
            name="leg",
            field=models.CharField(
                blank=True,
                choices=[
                    ("accept", "决定是否受理"),
                    ("supply", "补正材料"),
                    ("alone", "自行核查并决定"),
                    ("with_source", "会同信息来源部门核查并决定"),
                    ("provider", "信息来源部门答复"),
                    ("review_file", "申请复核"),
                    ("reply", "答复"),
                ],
                max_length=12,
                verbose_name="当前环节",
            ),
        ),
        migrations.AlterField(
            model_name="casestep",
            name="reason",
            field=models.TextField(blank=True, verbose_name="说明"),
        ),
    ]
