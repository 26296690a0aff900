"""Says in words which areas' months are published, awaited or not agreed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from boards.models import Shows
from boards.permissions import Place
from core.calendar import Month, date_label
from core.labels import Labelled
from indicators.selectors.open_data import Residents
from reporting.months.presenters.words import listed
from reporting.regions.cells import Part


class AreaState(Labelled):
    """What a region has of an area's month."""

    PUBLISHED = "published", "Published"
    PUBLIC = "public", "Public figures only"
    AWAITED = "awaited", "Awaited"
    NOT_PUBLIC = "not-public", "Not public"
    NOT_AGREED = "not-agreed", "Not agreed"

    @property
    def look(self) -> str:
        """Return the CSS class of its frame."""
        return {"published": "published", "public": "accepted", "awaited": "open"}.get(self.value, "waiting")


@dataclass(frozen=True, slots=True)
class AreaView:
    """An area of the region: what the region has of its month, in a word and in a sentence."""

    slug: str
    name: str
    state: AreaState
    sentence: str

    @property
    def is_there(self) -> bool:
        return self.state in (AreaState.PUBLISHED, AreaState.PUBLIC)


def view_areas(places: Iterable[Place], parts: Mapping[int, Part], month: Month, *, today: date) -> list[AreaView]:
    """Describe every area that the region invited."""
    return [
        AreaView(place.slug, place.name, *describe(place, parts.get(place.area_id), month, today)) for place in places
    ]


def describe(place: Place, part: Part | None, month: Month, today: date) -> tuple[AreaState, str]:
    if place.shows is None:
        return AreaState.NOT_AGREED, "This area doesn’t show the region anything at present."
    if place.shows is Shows.PUBLIC:
        if part is None:
            return AreaState.NOT_PUBLIC, f"This area shows only public figures, and {month.label} is not public yet."
        return AreaState.PUBLIC, f"Public edition {part.number}. Some figures are withheld to protect people."
    if part is None or part.due_on is None:
        return AreaState.AWAITED, f"This area hasn’t opened {month.label}."
    if part.key is None:
        late = "were due" if part.due_on < today else "are due"
        return AreaState.AWAITED, f"Not published yet. The agencies’ returns {late} on {date_label(part.due_on)}."
    return AreaState.PUBLISHED, f"Version {part.number}."


def are_all_published(areas: Iterable[AreaView]) -> bool:
    """Return whether nothing of the month is missing, withheld or yet to come."""
    return all(area.state is AreaState.PUBLISHED for area in areas)


def summarise(areas: Sequence[AreaView]) -> str:
    """ "12 of 14 areas are in this month. Awaited: Maldon. Not agreed: Uttlesford"."""
    there = sum(area.is_there for area in areas)
    sentences = [f"{there} of {len(areas)} areas {'is' if there == 1 else 'are'} in this month."]
    for state in (AreaState.AWAITED, AreaState.NOT_PUBLIC, AreaState.NOT_AGREED):
        names = [area.name for area in areas if area.state is state]
        if names:
            sentences.append(f"{state.label}: {listed(names, are_proper=True)}.")
    return " ".join(sentences)


def describe_residents[Key](names: Mapping[Key, str], residents: Mapping[Key, Residents], month: Month) -> str:
    """Say of which year the residents are, from which source, and which area has none."""
    years: dict[int, list[str]] = {}
    for area, name in names.items():
        if area in residents:
            years.setdefault(residents[area].year, []).append(name)
    sentences = []
    if len(years) == 1:
        (year,) = years
        sentences.append(
            f"The number of residents is for {year}{'' if year == month.year else ', the newest we have'}."
        )
    else:
        sentences += [f"Residents of {year}: {listed(some, are_proper=True)}." for year, some in sorted(years.items())]
    sources = dict.fromkeys((of.source, of.licence) for of in residents.values() if of.source)
    sentences += [f"{source}: {licence.rstrip('.')}." for source, licence in sources]
    lacking = [name for area, name in names.items() if area not in residents]
    if lacking:
        sentences.append(f"We have no number of residents, and so no rate, for {listed(lacking, are_proper=True)}.")
    return " ".join(sentences)
