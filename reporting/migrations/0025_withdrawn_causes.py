"""Gives each withdrawal of an edition its cause, and takes down what still repeats a withdrawn month.

On its own, because PostgreSQL alters no table in a transaction that has added rows to it.
"""

from collections import defaultdict

from django.db import migrations
from django.utils import timezone


def give_causes(apps, schema_editor):
    """Before this, only the month's own edition went down. Later editions went on showing its figures."""
    Edition, EditionWithdrawal, MonthWithdrawal, Replacement = (
        apps.get_model("reporting", name)
        for name in ("PublicEdition", "EditionWithdrawal", "MonthWithdrawal", "Replacement")
    )
    for held in EditionWithdrawal.objects.select_related("edition").order_by("withdrawn_at", "id"):
        held.cause = MonthWithdrawal.objects.create(
            period_id=held.edition.period_id,
            last_number=held.edition.number,
            why=held.why,
            withdrawn_at=held.withdrawn_at,
            withdrawn_by_id=held.withdrawn_by_id,
        )
        held.save(update_fields=["cause"])
    newest = {}
    for edition in Edition.objects.filter(state="published").select_related("period").order_by("number"):
        newest[edition.period_id] = edition
    marked = {}
    for marking in apps.get_model("indicators", "MonthMarking").objects.filter(audience="public").order_by("id"):
        marked[marking.period_id] = marking
    down = set(EditionWithdrawal.objects.values_list("edition_id", flat=True))
    gone = {key: MonthWithdrawal.objects.filter(period_id=key).last() for key, one in newest.items() if one.pk in down}
    for key, marking in marked.items():
        if marking.marking == "OFFICIAL-SENSITIVE" and key not in gone:
            gone[key] = MonthWithdrawal.objects.create(
                period_id=key,
                last_number=newest[key].number if key in newest else 0,
                why=marking.why,
                withdrawn_at=timezone.now(),
                withdrawn_by_id=marking.set_by_id,
            )
    for cause in gone.values():
        again = set()
        for edition in repeating(Edition, apps.get_model("reporting", "PublicLine"), cause.period, down):
            EditionWithdrawal.objects.create(
                edition=edition,
                cause=cause,
                why=cause.why,
                withdrawn_at=timezone.now(),
                withdrawn_by_id=cause.withdrawn_by_id,
            )
            down.add(edition.pk)
            again |= {edition.period_id} - {cause.period_id}
        for key in sorted(again):
            Replacement.objects.create(withdrawal=cause, period_id=key)


def repeating(Edition, PublicLine, period, down):
    """Return the published editions that are up and show a figure for the month."""
    editions = list(
        Edition.objects.filter(
            state="published", period__area=period.area_id, period__starts_on__gte=period.starts_on
        )
        .exclude(pk__in=down)
        .select_related("period")
    )
    histories = defaultdict(list)
    for key, history in PublicLine.objects.filter(edition__in=editions).values_list("edition_id", "history"):
        histories[key].append(history)
    for edition in editions:
        there, here = edition.period.starts_on, period.starts_on
        back = (there.year - here.year) * 12 + there.month - here.month
        if not back or any(len(each) > back and each[-1 - back] is not None for each in histories[edition.pk]):
            yield edition


class Migration(migrations.Migration):

    dependencies = [
        ('indicators', '0021_words_officer'),
        ('reporting', '0024_withdrawn'),
    ]

    operations = [migrations.RunPython(give_causes, migrations.RunPython.noop)]
