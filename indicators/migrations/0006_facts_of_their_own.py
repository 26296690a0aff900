import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('indicators', '0005_names'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='IndicatorChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('act', models.CharField(choices=[('added', 'Added'), ('changed', 'Changed'), ('defined', 'Definition added'), ('reworded', 'Definition reworded'), ('retired', 'Retired'), ('brought_back', 'Brought back'), ('counted', 'Counted from sessions with the community'), ('not_counted', 'No longer counted from sessions with the community')], max_length=20)),
                ('month', models.DateField(null=True)),
                ('fields', models.JSONField(default=list)),
                ('made_at', models.DateTimeField()),
                ('indicator', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='changes', to='indicators.indicator')),
                ('made_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ('-made_at', '-id'),
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('act__in', ('defined', 'retired')), ('month__day', 1), ('month__isnull', False)), models.Q(models.Q(('act__in', ('defined', 'retired')), _negated=True), ('month__isnull', True)), _connector='OR'), name='indicator_change_of_a_month')],
            },
        ),
        migrations.CreateModel(
            name='NameReveal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('why', models.CharField(max_length=300, verbose_name='reason')),
                ('made_at', models.DateTimeField()),
                ('category', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='name_reveals', to='indicators.category', verbose_name='origin')),
                ('made_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ('-made_at', '-id'),
                'constraints': [models.CheckConstraint(condition=models.Q(('why', ''), _negated=True), name='look_at_names_has_its_reason', violation_error_message='Say why.')],
            },
        ),
    ]
