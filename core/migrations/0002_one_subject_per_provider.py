from django.db import migrations


class Migration(migrations.Migration):
    """Not in 0001, because allauth's table comes after our own accounts."""

    dependencies = [("core", "0001_initial"), ("socialaccount", "0006_alter_socialaccount_extra_data")]

    operations = [
        # The table is allauth's, whose rule is only that a subject has one account. An account has one subject too.
        migrations.RunSQL(
            "CREATE UNIQUE INDEX one_subject_per_provider ON socialaccount_socialaccount (user_id, provider)",
            "DROP INDEX one_subject_per_provider",
        ),
    ]
