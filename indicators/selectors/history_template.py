"""Which rows would a file of past figures have, with nothing in them yet?"""

from collections.abc import Iterator, Sequence

from boards.models import PartnershipArea
from core.files import Row
from core.months import Month
from indicators.models import Category, Indicator


def list_blank_rows(area: PartnershipArea, months: Sequence[Month]) -> Iterator[Row]:
    """A row for each figure of each month, under the codes that a file needs: by agency, indicator and category, the
    oldest month first. Two queries."""
    indicators = (
        Indicator.objects.in_use()
        .filter(area=area)
        .select_related("owner", "section")
        .prefetch_related("dimension__categories")
        .order_by("owner__position", "owner__name", "section__position", "position", "code")
    )
    for indicator in indicators:
        if not indicator.takes_figures:
            continue
        categories: list[Category | None] = [None]
        if indicator.dimension is not None:
            categories = [each for each in indicator.dimension.categories.all() if not each.retired]
        for category in categories:
            for month in months:
                yield {
                    "agency": indicator.owner.code,
                    "indicator": indicator.code,
                    "category": category.code if category else "",
                    "month": str(month),
                    "value": "",
                    "state": "",
                    "note": "",
                }
