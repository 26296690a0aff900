"""Read the area and the month that a command line names. Shared by every app's commands."""

from django.core.management.base import CommandError

from boards.models import PartnershipArea
from core.calendar import Month


class Refused(CommandError):
    """A wrong argument or file. Its text is a sentence; the command prints it to stderr and exits with 2."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence, returncode=2)


def find_area(slug: str) -> PartnershipArea:
    """Return the area with this slug. Raises Refused, with the names of the areas that exist."""
    area = PartnershipArea.objects.filter(slug=slug).first()
    if area is None:
        slugs = ", ".join(PartnershipArea.objects.order_by("slug").values_list("slug", flat=True)) or "none yet"
        raise Refused(f"There is no area “{slug}”. There are: {slugs}.")
    return area


def read_month(text: str) -> Month:
    """Return the month. Raises Refused."""
    try:
        return Month.parse(text)
    except ValueError as fault:
        raise Refused(str(fault)) from None
