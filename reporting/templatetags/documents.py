"""Whether an area has begun a document of the year: without one, only its coordinator sees a link to them."""

from django import template

from boards.permissions import Access
from reporting.documents.selectors import have_begun

register = template.Library()


@register.filter
def sees_documents(access: Access) -> bool:
    return access.can_coordinate or have_begun(access.area)
