from django.db import migrations, models

OF_BEFORE = ''  # nobody has decided: what was public stays so
CHOICES = [
    ('partners', 'Partners only'),
    ('year', 'The public, as the total of a year'),
    ('month', 'The public, month by month'),
]


class Migration(migrations.Migration):

    dependencies = [
        ('indicators', '0005_deaths_in_words'),
    ]

    operations = [
        # Rows that exist get what was in force. Only new ones are private until somebody decides otherwise.
        migrations.AddField(
            model_name='indicator',
            name='openness',
            field=models.CharField(blank=True, choices=CHOICES, default=OF_BEFORE, max_length=10, verbose_name='who may see it'),
        ),
        migrations.AddField(
            model_name='indicator',
            name='openness_why',
            field=models.CharField(blank=True, default=OF_BEFORE, max_length=300, verbose_name='why they may see it'),
        ),
        migrations.AlterField(
            model_name='indicator',
            name='openness',
            field=models.CharField(blank=True, choices=CHOICES, default='partners', max_length=10, verbose_name='who may see it'),
        ),
        migrations.AlterField(
            model_name='indicator',
            name='openness_why',
            field=models.CharField(blank=True, default='Nobody has decided that anybody else may see it.', max_length=300, verbose_name='why they may see it'),
        ),
        migrations.AddConstraint(
            model_name='indicator',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('openness', ''), ('openness_why', '')), models.Q(models.Q(('openness', ''), _negated=True), models.Q(('openness_why', ''), _negated=True)), _connector='OR'), name='openness_has_its_reason', violation_error_message='Say who may see it, and why.'),
        ),
        migrations.AddField(
            model_name='rulerequest',
            name='opens',
            field=models.CharField(blank=True, choices=CHOICES, default='', max_length=10, verbose_name='who may see it then'),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='rulerequest',
            name='agreement',
            field=models.CharField(blank=True, default='', max_length=300, verbose_name='how its agency agreed'),
            preserve_default=False,
        ),
        migrations.AddConstraint(
            model_name='rulerequest',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('agreement', ''), ('opens', '')), models.Q(models.Q(('indicator__isnull', False), ('kind', ''), ('owner__isnull', True)), models.Q(('opens', ''), _negated=True), models.Q(('agreement', ''), _negated=True)), _connector='OR'), name='agency_agrees_that_it_opens'),
        ),
    ]
