from django.db import migrations

SAME = ("message_id", "tries", "claimed_at", "sent_at", "fault")


def carry_over(apps, editor):
    """Carry over what was sent and what waits, under the same names."""
    outbox = apps.get_model("core", "OutboxEntry").objects
    rows = apps.get_model("indicators", "Reminder").objects.select_related("period__area")
    outbox.bulk_create(
        (
            outbox.model(
                person_id=row.person_id,
                kind="returns",
                occasion=f"{row.period_id}:{row.agency_id}:{row.kind}",
                area=row.period.area.slug,
                written_at=row.claimed_at,
                **{name: getattr(row, name) for name in SAME},
            )
            for row in rows.order_by("pk").iterator()
        ),
        batch_size=1000,
    )
    kinds = apps.get_model("contenttypes", "ContentType").objects
    kinds.filter(app_label="indicators", model="reminder").delete()  # with its permissions


class Migration(migrations.Migration):
    """Reminders leave by the outbox: docs/adr/0041."""

    dependencies = [("core", "0003_outbox"), ("indicators", "0002_moves")]

    operations = [
        migrations.RunPython(carry_over, migrations.RunPython.noop),
        migrations.DeleteModel(name='Reminder'),
    ]
