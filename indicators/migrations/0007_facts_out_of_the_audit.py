"""What only the audit log knew becomes rows of its own (ADR 0020)."""

from datetime import date

from django.db import migrations


def take_over(apps, schema_editor):
    take_over_changes(apps)
    take_over_reveals(apps)


def take_over_changes(apps):
    """The audit names a month as 2026-10. An operator's changes of a definition have verbs of their own."""
    IndicatorChange = apps.get_model("indicators", "IndicatorChange")
    IndicatorDefinition = apps.get_model("indicators", "IndicatorDefinition")
    indicators = set(apps.get_model("indicators", "Indicator").objects.values_list("pk", flat=True))
    definitions = {row.pk: row for row in IndicatorDefinition.objects.all()}
    acts = {value for value, _ in IndicatorChange._meta.get_field("act").choices}
    changes = []
    for event in events_of(apps, "indicator", "indicatordefinition"):
        act = event.verb.partition(".")[2]
        key, month, fields = int(event.target_id), "", []
        if event.target_type == "indicators.indicatordefinition":
            if key not in definitions:
                continue
            definition = definitions[key]
            key = definition.indicator_id
            if act == "added":
                act, month = "defined", f"{definition.applies_from:%Y-%m}"
            else:
                act = "reworded"
        elif act in ("defined", "retired"):
            month = event.details.get("applies_from") or event.details["month"]
        elif act == "changed":
            fields = list(event.details.get("changes") or event.details.get("fields") or ())
        if key in indicators and act in acts:
            changes.append(
                IndicatorChange(
                    indicator_id=key,
                    act=act,
                    month=date.fromisoformat(f"{month}-01") if month else None,
                    fields=fields,
                    made_at=event.happened_at,
                    made_by_id=event.actor_id,
                )
            )
    IndicatorChange.objects.bulk_create(changes, batch_size=1000)


def take_over_reveals(apps):
    NameReveal = apps.get_model("indicators", "NameReveal")
    categories = set(apps.get_model("indicators", "Category").objects.values_list("pk", flat=True))
    NameReveal.objects.bulk_create(
        [
            NameReveal(
                category_id=int(event.target_id),
                why=event.details["why"],
                made_at=event.happened_at,
                made_by_id=event.actor_id,
            )
            for event in events_of(apps, "category").filter(verb="names.revealed")
            if int(event.target_id) in categories
        ],
        batch_size=1000,
    )


def events_of(apps, *models):
    """What people did to rows of these models, the oldest first."""
    people = apps.get_model("core", "User").objects.values("pk")
    types = [f"indicators.{model}" for model in models]
    events = apps.get_model("core", "AuditEvent").objects.filter(target_type__in=types, actor_id__in=people)
    return events.order_by("happened_at", "id")


class Migration(migrations.Migration):
    dependencies = [("indicators", "0006_facts_of_their_own"), ("core", "0003_sent_forms")]

    operations = [migrations.RunPython(take_over, migrations.RunPython.noop)]
