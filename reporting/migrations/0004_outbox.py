from django.db import migrations

SAME = ("message_id", "tries", "claimed_at", "sent_at", "fault")


def carry_over(apps, editor):
    """Carry over what was sent and what waits, under the same names."""
    outbox = apps.get_model("core", "OutboxEntry").objects
    rows = apps.get_model("reporting", "PackLetter").objects.select_related("pack__period__area").defer("pack__content")
    outbox.bulk_create(
        (
            outbox.model(
                person_id=row.person_id,
                kind="packs",
                occasion=str(row.pack_id),
                area=row.pack.period.area.slug,
                written_at=row.claimed_at,
                **{name: getattr(row, name) for name in SAME},
            )
            for row in rows.order_by("pk").iterator()
        ),
        batch_size=1000,
    )
    kinds = apps.get_model("contenttypes", "ContentType").objects
    kinds.filter(app_label="reporting", model="packletter").delete()  # with its permissions


class Migration(migrations.Migration):
    """Letters about packs leave by the outbox: docs/adr/0041."""

    dependencies = [("core", "0003_outbox"), ("reporting", "0003_moves_of_before")]

    operations = [
        migrations.RunPython(carry_over, migrations.RunPython.noop),
        migrations.DeleteModel(name='PackLetter'),
    ]
