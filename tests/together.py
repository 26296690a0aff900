"""One person who leads the police's return in several towns: different agencies, and nothing in common but them."""

from boards.models import Agency, Membership
from boards.rules import Role
from boards.services.months import ensure_month
from core.calendar import Month
from core.models import User
from indicators.models import Submission
from tests.factories import make_agency, make_area, make_indicator, make_member, make_user
from tests.scenarios import Town, make_town, open_month

OCTOBER = Month(2026, 10)


def lead_too(town: Town, person: User, *, agency: Agency | None = None) -> Membership:
    """This person becomes a lead there as well."""
    return Membership.objects.create(
        user=person, area=town.area, role=Role.AGENCY_LEAD.value, agency=agency or town.police
    )


def make_towns(*slugs: str, month: Month = OCTOBER) -> list[Town]:
    """The lead of the first enters the returns of all of them; each has opened the month."""
    towns = [make_town(slug) for slug in slugs]
    for town in towns:
        open_month(town, month)
    for town in towns[1:]:
        lead_too(town, towns[0].lead)
    return towns


ASKED = ("arrests", "charges", "seizures", "knives", "robberies", "visits", "orders", "calls", "searches")


def make_county(number: int, *, month: Month = OCTOBER) -> User:
    """A lead of the police of so many towns, each of which asks for nine figures; one hasn't opened the month."""
    lead = make_user("county.lead@county.example", name="County lead (demo)")
    for each in range(number):
        area = make_area(f"town-{each + 1}", name=f"Town {each + 1}")
        police, coordinator = make_agency(area), make_member(area, Role.COORDINATOR)
        for position, code in enumerate(ASKED):
            make_indicator(police, code, position=position)
        Membership.objects.create(user=lead, area=area, role=Role.AGENCY_LEAD.value, agency=police)
        if each:
            ensure_month(area, month, by=coordinator)
    return lead


def drafts(town: Town, month: Month = OCTOBER) -> dict[str, str]:
    """What the draft holds, by box."""
    held = Submission.objects.filter(agency=town.police, period__starts_on=month.first_day).first()
    return {name: entry.value for name, entry in (held.entries if held else {}).items()}


def state(town: Town, month: Month = OCTOBER) -> str:
    held = Submission.objects.filter(agency=town.police, period__starts_on=month.first_day).first()
    return held.state if held else ""
