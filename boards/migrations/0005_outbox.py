from django.db import migrations

SAME = ("message_id", "tries", "claimed_at", "sent_at", "fault")


def carry_over(apps, editor):
    """Carry over what was sent and what waits, under the same names."""
    outbox = apps.get_model("core", "OutboxEntry").objects
    rows = apps.get_model("boards", "Told").objects.select_related("area")
    outbox.bulk_create(
        (
            outbox.model(
                person_id=row.person_id,
                kind=row.kind,
                occasion=row.occasion,
                area=row.area.slug,
                written_at=row.claimed_at,
                **{name: getattr(row, name) for name in SAME},
            )
            for row in rows.order_by("pk").iterator()
        ),
        batch_size=1000,
    )
    kinds = apps.get_model("contenttypes", "ContentType").objects
    kinds.filter(app_label="boards", model="told").delete()  # with its permissions


class Migration(migrations.Migration):
    """News leaves by the outbox: docs/adr/0041. The migration of reporting is one that still reads this table."""

    dependencies = [("core", "0003_outbox"), ("boards", "0004_ties_of_before"), ("reporting", "0002_no_webhooks")]

    operations = [
        migrations.RunPython(carry_over, migrations.RunPython.noop),
        migrations.DeleteModel(name='Told'),
    ]
