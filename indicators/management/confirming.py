"""Who confirms figures that an operator imports at the command line? Shared by the commands that import."""

from argparse import ArgumentParser
from collections.abc import Iterable

from django.core.exceptions import PermissionDenied

from boards.management.arguments import Refused
from boards.models import PartnershipArea
from core.models import User
from indicators.models import FigureImport
from indicators.permissions import check_can_confirm_import


def add_confirmer(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--confirmed-by",
        metavar="EMAIL",
        help="the coordinator or information officer who has checked the figures; without it, they wait until somebody "
        "confirms them on their page",
    )


def find_confirmer(areas: Iterable[PartnershipArea], email: str | None) -> User | None:
    """Return the person with this address; None where nobody is named. Raises Refused for somebody who can't confirm
    figures in each of the areas."""
    if email is None:
        return None
    person = User.objects.filter(email__iexact=email, is_active=True).first()
    if person is None:
        raise Refused(f"Nobody with the address {email} can sign in. Nothing was saved.")
    for area in areas:
        try:
            check_can_confirm_import(FigureImport(area=area), by=person)
        except PermissionDenied as refusal:
            raise Refused(f"{email} can't confirm figures of {area.name}. {refusal} Nothing was saved.") from None
    return person


def describe_waiting(area: PartnershipArea, figures: int) -> str:
    """ "3 figures of Testford wait for a second person, who finds them on the home page of Testford."."""
    number = "1 figure" if figures == 1 else f"{figures:,} figures"
    waits = "waits" if figures == 1 else "wait"
    return f"{number} of {area.name} {waits} for a second person, who finds them on the home page of {area.name}."
