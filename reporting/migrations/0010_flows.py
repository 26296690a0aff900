from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('reporting', '0009_census'),
    ]

    operations = [
        migrations.AddField(
            model_name=model,
            name=name,
            field=field,
        )
        for model in ('indicatorline', 'publicline')
        for name, field in (
            ('flow_of', models.CharField(blank=True, default='', max_length=40)),
            ('is_coming', models.BooleanField(default=False)),
            ('flow_word', models.CharField(blank=True, default='', max_length=10)),
        )
    ]
