from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('core', '0011_retention'),
        ('socialaccount', '0006_alter_socialaccount_extra_data'),
    ]

    operations = [
        migrations.AlterField(
            model_name='accountletter',
            name='kind',
            field=models.CharField(choices=[('reset', 'Link to a new password'), ('not-set', 'Asked for a new password before setting the first'), ('device', 'Signed in with a new browser'), ('password', 'Password changed'), ('factor', 'Second factor changed'), ('address', 'E-mail address changed'), ('provider', 'Single sign-on linked or unlinked')], max_length=20),
        ),
        # The table is allauth's, whose rule is only that a subject has one account. An account has one subject too.
        migrations.RunSQL(
            "CREATE UNIQUE INDEX one_subject_per_provider ON socialaccount_socialaccount (user_id, provider)",
            "DROP INDEX one_subject_per_provider",
        ),
    ]
