from django.db import migrations

SAME = ("message_id", "tries", "claimed_at", "sent_at", "fault")


def find_thing(row):
    name = next(name for name in ("challenge", "action", "milestone") if getattr(row, f"{name}_id"))
    return f"{name}:{getattr(row, f'{name}_id')}"


def carry_over(apps, editor):
    """Carry over what was sent and what waits, under the same names."""
    outbox = apps.get_model("core", "OutboxEntry").objects
    rows = apps.get_model("actions", "Notice").objects.select_related("area")
    outbox.bulk_create(
        (
            outbox.model(
                person_id=row.person_id,
                kind="challenges" if row.challenge_id else "actions",
                occasion=f"{find_thing(row)}:{row.due_on:%Y%m%d}:{row.turn}:{row.kind}",
                area=row.area.slug,
                written_at=row.claimed_at,
                **{name: getattr(row, name) for name in SAME},
            )
            for row in rows.order_by("pk").iterator()
        ),
        batch_size=1000,
    )
    kinds = apps.get_model("contenttypes", "ContentType").objects
    kinds.filter(app_label="actions", model="notice").delete()  # with its permissions


class Migration(migrations.Migration):
    """Notices leave by the outbox: docs/adr/0041."""

    dependencies = [("core", "0003_outbox"), ("actions", "0001_initial")]

    operations = [
        migrations.RunPython(carry_over, migrations.RunPython.noop),
        migrations.DeleteModel(name='Notice'),
    ]
