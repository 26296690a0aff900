from typing import Any

from django.db import migrations
from django.utils import timezone


def fill(apps: Any, schema_editor: Any) -> None:
    """Keep which agency supplied an indicator before it moved, where a published month still says so.

    Months up to the one before the move count as that agency's: too strict is the safe side.
    """
    changes = apps.get_model("indicators", "IndicatorChange").objects.filter(act="changed").select_related("indicator")
    lines, agencies = apps.get_model("reporting", "IndicatorLine").objects, apps.get_model("boards", "Agency").objects
    moves = apps.get_model("indicators", "IndicatorMove").objects
    for change in changes.order_by("made_at", "pk"):
        if "owner" not in change.fields:
            continue
        area, code = change.indicator.area_id, change.indicator.code
        published = lines.filter(snapshot__period__area=area, snapshot__published_at__lte=change.made_at)
        newest = published.filter(indicator_code=code).order_by("-snapshot__published_at").values_list("owner_code")
        agency = agencies.filter(area=area, code__in=newest[:1]).first()
        if agency is not None:
            moves.create(
                indicator=change.indicator,
                agency=agency,
                since=timezone.localdate(change.made_at).replace(day=1),
                moved_at=change.made_at,
                moved_by=change.made_by,
            )


class Migration(migrations.Migration):
    dependencies = [("indicators", "0002_moves"), ("reporting", "0002_no_webhooks")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
