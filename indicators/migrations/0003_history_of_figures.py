from django.db import migrations


def begin_history(apps, schema_editor):
    """Figures of before their history was kept: it begins with how they came in."""
    Observation = apps.get_model("indicators", "Observation")
    FigureChange = apps.get_model("indicators", "FigureChange")
    changes = []
    for figure in Observation.objects.filter(signed_off_at__isnull=False).iterator():
        changes.append(
            FigureChange(
                indicator_id=figure.indicator_id,
                category_id=figure.category_id,
                period_id=figure.period_id,
                act="accepted" if figure.submission_id else "imported",
                state_after=figure.state,
                value_after=figure.value,
                note_after=figure.note,
                why=figure.imported_from,
                made_at=figure.signed_off_at,
                made_by_id=figure.signed_off_by_id,
            )
        )
    FigureChange.objects.bulk_create(changes, batch_size=1000)


class Migration(migrations.Migration):

    dependencies = [("indicators", "0002_returns_and_reminders")]

    operations = [migrations.RunPython(begin_history, migrations.RunPython.noop)]
