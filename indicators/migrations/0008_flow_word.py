from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('indicators', '0007_openness_delay'),
    ]

    operations = [
        migrations.AddField(
            model_name='indicator',
            name='flow_word',
            field=models.CharField(blank=True, default='', help_text='Such as found: “7 found” then stands beside the count that it changes, by a rule across figures.', max_length=10, verbose_name='word on a tile'),
            preserve_default=False,
        ),
    ]
