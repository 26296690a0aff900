import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('reporting', '0025_withdrawn_causes'),
    ]

    operations = [
        migrations.RemoveField(
            model_name='editionwithdrawal',
            name='why',
        ),
        migrations.AlterField(
            model_name='editionwithdrawal',
            name='cause',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='editions', to='reporting.monthwithdrawal'),
        ),
    ]
