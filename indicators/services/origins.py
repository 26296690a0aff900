"""Adds an origin from the catalogue to a split, while a return is filled in."""

from django.core.exceptions import ValidationError
from django.db import transaction

from boards.models import Agency
from boards.services.months import mark_unpublished_stale
from boards.services.setup import lock_area
from core import audit
from core.models import User
from indicators.models import Category, Dimension
from indicators.origins import BY_CODE
from indicators.permissions import check_can_enter


@transaction.atomic
def add_origin(dimension: Dimension, code: str, *, agency: Agency, by: User) -> Category:
    """Give a place in the catalogue its own row, as a lead of the agency that counts by place. Only the coordinator can
    add other categories, in the set-up.

    Raises PermissionDenied, or ValidationError with a sentence.
    """
    check_can_enter(agency, by=by)
    lock_area(agency.area)
    if dimension.area_id != agency.area_id or not dimension.indicators.filter(owner=agency).exists():
        raise ValidationError(f"{agency.name} has no count that is split by {dimension.name.lower()}.")
    if not dimension.categories.filter(longitude__isnull=False).exists():
        raise ValidationError(f"{dimension.name} isn’t about places. Ask the coordinator to add a category.")
    # Name and place are from our catalogue. A form sends only the code.
    place = BY_CODE.get(code)
    if place is None:
        raise ValidationError("Choose where the line comes from, in the list under “Add another place”.")
    there = dimension.categories.filter(code=place.code).first()
    if there is not None:
        if there.retired:
            raise ValidationError(f"{there.name} is retired. Ask the coordinator to bring it back.")
        return there  # a button that was pressed twice
    category = Category.objects.create(
        dimension=dimension,
        code=place.code,
        name=place.name,
        position=dimension.categories.count(),
        longitude=place.longitude,
        latitude=place.latitude,
    )
    mark_unpublished_stale(agency.area)
    audit.record("category.added", category, by=by, area=agency.area.slug, agency=agency.code)
    return category
