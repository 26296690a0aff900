import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('indicators', '0006_openness'),
    ]

    operations = [
        migrations.AddField(
            model_name='indicator',
            name='openness_delay',
            field=models.PositiveSmallIntegerField(default=0, validators=[django.core.validators.MaxValueValidator(24)], verbose_name='months until it is public'),
        ),
        migrations.AddField(
            model_name='rulerequest',
            name='opens_delay',
            field=models.PositiveSmallIntegerField(default=0, verbose_name='months until it is public'),
        ),
        migrations.AddConstraint(
            model_name='indicator',
            constraint=models.CheckConstraint(condition=models.Q(('openness_delay', 0), ('openness', 'month'), _connector='OR'), name='only_months_are_public_later', violation_error_message='Only what is public month by month has a delay.'),
        ),
    ]
