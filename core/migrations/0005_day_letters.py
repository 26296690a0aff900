import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('core', '0004_at_least_once'),
    ]

    operations = [
        migrations.AddField(
            model_name='user',
            name='unwanted',
            field=models.JSONField(blank=True, default=list, verbose_name='e-mails that are switched off'),
        ),
        migrations.CreateModel(
            name='DayLetter',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('message_id', models.CharField(blank=True, editable=False, max_length=120, verbose_name='Message-ID')),
                ('tries', models.PositiveSmallIntegerField(default=1, editable=False)),
                ('claimed_at', models.DateTimeField()),
                ('sent_at', models.DateTimeField(null=True)),
                ('fault', models.CharField(blank=True, max_length=300, verbose_name='why it was not sent')),
                ('day', models.DateField()),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='day_letters', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'letter of a day',
                'verbose_name_plural': 'letters of a day',
                'ordering': ('-day', '-id'),
                'constraints': [models.UniqueConstraint(fields=('person', 'day'), name='one_letter_a_person_a_day')],
            },
        ),
    ]
