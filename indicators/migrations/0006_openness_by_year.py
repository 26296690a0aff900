from django.db import migrations, models

CHOICES = [
    ('partners', 'Partners only'),
    ('year', 'The public, as the total of a year'),
    ('month', 'The public, month by month'),
]


class Migration(migrations.Migration):

    dependencies = [
        ('indicators', '0005_openness'),
    ]

    operations = [
        migrations.AlterField(
            model_name='indicator',
            name='openness',
            field=models.CharField(blank=True, choices=CHOICES, default='partners', max_length=10, verbose_name='who may see it'),
        ),
        migrations.AlterField(
            model_name='rulerequest',
            name='opens',
            field=models.CharField(blank=True, choices=CHOICES, max_length=10, verbose_name='who may see it then'),
        ),
    ]
