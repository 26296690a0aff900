"""Which catalogue does a command line name: the starter set, a file, or another area's set-up?"""

from pathlib import Path

from django.core.exceptions import ValidationError
from django.core.management.base import OutputWrapper

from boards.management.arguments import Refused
from boards.models import PartnershipArea
from indicators.catalogues.choosing import NotThere, choose_usual
from indicators.catalogues.entries import Catalogue
from indicators.catalogues.reading import LARGEST_FILE, CatalogueRefused, read_catalogue, read_starter
from indicators.management.files import MOST_FAULTS, read_content
from indicators.selectors.catalogues import get_catalogue

STARTER = "starter"


def find_catalogue(source: str, *, stderr: OutputWrapper) -> Catalogue:
    """Return the starter set, an area's set-up, or a file's catalogue. Raises Refused, after a line for each fault."""
    if source == STARTER:
        return read_starter()
    area = PartnershipArea.objects.filter(slug=source).first()
    if area is not None:
        return get_catalogue(area)
    if not Path(source).exists():
        known = ", ".join(PartnershipArea.objects.order_by("slug").values_list("slug", flat=True)) or "none yet"
        raise Refused(f"“{source}” isn’t “{STARTER}”, a file or an area. The areas are: {known}.")
    name, content = read_content(Path(source), most=LARGEST_FILE)
    try:
        return read_catalogue(content)
    except CatalogueRefused as refused:
        raise refuse(refused.faults, stderr=stderr, source=f"{name}: ") from None


def choose_from(catalogue: Catalogue, *, also: list[str], without: list[str]) -> Catalogue:
    """Raises Refused."""
    try:
        return choose_usual(catalogue, also=also, without=without)
    except NotThere as refused:
        raise Refused(str(refused)) from None


def refuse(faults: list[str] | tuple[str, ...], *, stderr: OutputWrapper, source: str = "") -> Refused:
    """Return the refusal: a single fault is its sentence, and several get a line each."""
    if len(faults) == 1:
        return Refused(f"{source}{faults[0]} Nothing was saved.")
    for fault in faults[:MOST_FAULTS]:
        stderr.write(fault)
    if len(faults) > MOST_FAULTS:
        stderr.write(f"and {len(faults) - MOST_FAULTS:,} more")
    return Refused(f"{source}{len(faults):,} faults. Nothing was saved.")


def list_messages(fault: ValidationError) -> list[str]:
    return [text if text.endswith(".") else f"{text}." for text in fault.messages]
