"""What a source department need not answer any more has a day in place of a mark."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("objections", "0003_fill_reviews_and_sources")]

    operations = [
        migrations.RemoveConstraint(
            model_name="case",
            name="one_review_of_a_case",
        ),
        migrations.RemoveConstraint(
            model_name="verification",
            name="one_open_verification_per_source",
        ),
        migrations.RemoveIndex(
            model_name="verification",
            name="verification_waiting",
        ),
        migrations.RemoveField(
            model_name="verification",
            name="dropped",
        ),
        migrations.AddIndex(
            model_name="verification",
            index=models.Index(
                condition=models.Q(("answered_on__isnull", True), ("dropped_on__isnull", True)),
                fields=["agency", "due_on"],
                name="verification_waiting",
            ),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.UniqueConstraint(
                fields=("reviewed_case",),
                name="one_review_of_a_case",
                violation_error_message="该事项已经申请过复核。",
            ),
        ),
        migrations.AddConstraint(
            model_name="verification",
            constraint=models.UniqueConstraint(
                condition=models.Q(("answered_on__isnull", True), ("dropped_on__isnull", True)),
                fields=("case", "agency"),
                name="one_open_verification_per_source",
                violation_error_message="该部门已有待答复的协查。",
            ),
        ),
    ]
