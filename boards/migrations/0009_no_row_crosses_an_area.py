# Nothing for the tables: `migrate` puts up the triggers of boards.one_area, and its check lets it begin only where a
# migration waits.

from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('boards', '0008_advice_has_revisions'),
    ]

    operations = []
