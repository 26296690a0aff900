from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('reporting', '0005_deaths_in_words'),
    ]

    operations = [
        migrations.AddField(
            model_name='publicedition',
            name='years',
            field=models.JSONField(default=list),
        ),
    ]
