from django.db import migrations, models


class Migration(migrations.Migration):
    """Nobody is e-mailed about a webhook any more. What somebody was told stays."""

    dependencies = [("boards", "0001_initial")]

    operations = [
        migrations.AlterField(
            model_name='told',
            name='kind',
            field=models.CharField(choices=[('returns', 'Returns that are due, overdue or sent back'), ('releases', 'Returns waiting for my release'), ('corrections', 'Corrections that somebody asks for'), ('challenges', 'Challenges waiting for me'), ('actions', 'My actions and milestones'), ('support', 'Offers of support'), ('meetings', 'Meetings that I am invited to'), ('months', 'Months that are published'), ('packs', 'Packs that are issued'), ('consents', 'Approvals and permissions waiting for me'), ('record', 'The weekly check code for the record, and records due to be deleted'), ('keys', 'Keys for machines that I or my agency have'), ('roles', 'Who becomes or stops being a coordinator or an information officer')], max_length=20),
        ),
    ]
