from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('reporting', '0004_outbox'),
    ]

    operations = [
        migrations.AddField(
            model_name='publicedition',
            name='years',
            field=models.JSONField(default=list),
        ),
    ]
