import sys
from urllib.parse import urlsplit

from django.db import migrations
from django.utils import timezone


CALLS = "hook-calls"  # as retention named them


def list_addresses(apps, editor):
    """Print which addresses are no longer called. Each by its host only: the rest may be a secret of the receiver's."""
    active = apps.get_model("reporting", "Hook").objects.filter(stopped_at=None).select_related("area")
    lines = [
        f"    {hook.area.name}: {hook.name}, at {urlsplit(hook.url).netloc}\n"
        for hook in active.order_by("area__name", "name", "pk")
    ]
    if lines:
        sys.stdout.write("\n  There are no webhooks any more. We no longer call:\n" + "".join(lines))


def list_holds(apps, editor):
    """Print which areas hold the calls that go: the operator can still keep a copy of the database."""
    holds = apps.get_model("core", "LegalHold").objects.filter(kind__in=["", CALLS], state="on")
    in_force = holds.exclude(ends_on__lt=timezone.localdate())
    calls = apps.get_model("reporting", "HookCall").objects.filter(hook__area__slug__in=in_force.values("area"))
    if areas := sorted(set(calls.values_list("hook__area__name", flat=True))):
        sys.stdout.write(
            f"\n  Records are on hold in {', '.join(areas)}, but the log of calls goes. Keep the backup from before "
            "this upgrade.\n"
        )


def end_what_waits(apps, editor):
    """End what is about webhooks in other tables, and would wait without end: nothing of today's code looks for it."""
    apps.get_model("boards", "Told").objects.filter(kind="hooks", sent_at=None).delete()
    notices = apps.get_model("core", "RetentionNotice").objects.filter(kind=CALLS, outcome="")
    notices.update(outcome="cancelled", ended_on=timezone.localdate())
    apps.get_model("core", "RetentionRule").objects.filter(kind=CALLS, state="asked").delete()
    apps.get_model("core", "Job").objects.filter(name="send-hooks").delete()
    kinds = apps.get_model("contenttypes", "ContentType").objects
    kinds.filter(app_label="reporting", model__in=["hook", "hookcall"]).delete()  # with their permissions


class Migration(migrations.Migration):
    """Webhooks go, with their secrets and the log of their calls: docs/adr/0066."""

    dependencies = [("boards", "0002_letters_without_webhooks"), ("reporting", "0001_initial")]

    operations = [
        migrations.RunPython(list_addresses, migrations.RunPython.noop),
        migrations.RunPython(list_holds, migrations.RunPython.noop),
        migrations.RunPython(end_what_waits, migrations.RunPython.noop),
        migrations.DeleteModel("HookCall"),
        migrations.DeleteModel("Hook"),
    ]
