import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('boards', '0012_closed_why'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Told',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('message_id', models.CharField(blank=True, editable=False, max_length=120, verbose_name='Message-ID')),
                ('tries', models.PositiveSmallIntegerField(default=1, editable=False)),
                ('claimed_at', models.DateTimeField()),
                ('sent_at', models.DateTimeField(null=True)),
                ('fault', models.CharField(blank=True, max_length=300, verbose_name='why it was not sent')),
                ('kind', models.CharField(choices=[('returns', 'Returns that are due, overdue or given back'), ('releases', 'Returns that wait for my release'), ('corrections', 'Corrections that were asked for'), ('challenges', 'Challenges that wait for me'), ('actions', 'My actions and milestones'), ('support', 'Offers of support'), ('meetings', 'Meetings that I am invited to'), ('months', 'Months that are published'), ('packs', 'Packs that are issued'), ('consents', 'Consents that wait for me')], max_length=20)),
                ('occasion', models.CharField(max_length=80)),
                ('area', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='told', to='boards.partnershiparea')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='told', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'news by e-mail',
                'verbose_name_plural': 'news by e-mail',
                'ordering': ('-claimed_at', '-id'),
                'constraints': [models.UniqueConstraint(fields=('person', 'kind', 'occasion'), name='told_once_of_an_occasion')],
            },
        ),
    ]
