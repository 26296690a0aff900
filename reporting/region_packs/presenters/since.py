"""What happened since a region's pack was issued: which areas no longer show their figures, and which changed them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.utils import timezone

from boards.models import Consent
from boards.permissions import Place
from core.calendar import Month, date_label
from reporting.models import IssuedRegionPack, RegionPackSource
from reporting.months.presenters.words import listed
from reporting.region_packs.selectors import Newest, NewestByMonth

NONE = Newest(0, frozenset())


@dataclass(frozen=True, slots=True)
class Since:
    """`gone` are the areas whose figures the pack has and the region no longer shows. `sentences` say what happened."""

    gone: tuple[str, ...]
    sentences: tuple[str, ...]

    @property
    def gone_text(self) -> str:
        return listed(self.gone, are_proper=True)


def describe_since(pack: IssuedRegionPack, places: tuple[Place, ...], newest: NewestByMonth, *, today: date) -> Since:
    """Return what happened to a pack's areas. `places` are the areas of the region today."""
    showing = {place.area_id for place in places if place.shows is not None}
    invited = {place.area_id for place in places}
    gone, sentences = [], list[str]()
    # By name, as everywhere else.
    for source in sorted(pack.sources.all(), key=lambda source_row: source_row.consent.area.name.casefold()):
        area = source.consent.area
        if area.pk not in showing:
            gone.append(area.name)
        sentences += describe_consent(source.consent, today=today, again=area.pk in showing)
        if area.pk not in invited:
            sentences.append(f"{area.name} is no longer in the region.")
        sentences += describe_figures(source, pack.month, newest)
    return Since(tuple(gone), tuple(sentences))


def describe_consent(consent: Consent, *, today: date, again: bool) -> Iterator[str]:
    more = " It has given a new permission since." if again else ""
    if consent.withdrawn_at is not None:
        day = date_label(timezone.localdate(consent.withdrawn_at))
        yield f"{consent.area.name} withdrew its permission on {day}.{more}"
    elif consent.ends_on < today:
        yield f"The permission from {consent.area.name} ended on {date_label(consent.ends_on)}.{more}"


def describe_figures(source: RegionPackSource, month: Month, newest: NewestByMonth) -> Iterator[str]:
    name = source.consent.area.name
    if (snapshot := source.snapshot) is not None:
        now = newest.versions.get(snapshot.period_id, NONE)
        if snapshot.pk not in now.keys:
            yield f"{name} took back version {snapshot.version} of {month.label}."
        if now.number > (snapshot.version or 0):
            yield f"{name} published version {now.number} of {month.label}."
    if (edition := source.public_edition) is not None:
        now = newest.editions.get(edition.period_id, NONE)
        if edition.pk not in now.keys:
            yield f"{name} withdrew edition {edition.number} of {month.label} from the public."
        if now.number > (edition.number or 0):
            yield f"{name} made edition {now.number} of {month.label} public."
