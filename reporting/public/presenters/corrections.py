"""The coordinator's task about published months whose figures changed since."""

from django.urls import reverse

from boards.models import PartnershipArea
from boards.todo import Task
from reporting.months.selectors import Unpublished, unpublished_corrections


def corrections_tasks(area: PartnershipArea) -> list[Task]:
    """Return one task for all published months whose figures changed since."""
    changed = unpublished_corrections(area)
    return [corrections_task(area, changed)] if changed else []


def corrections_task(area: PartnershipArea, changed: list[Unpublished]) -> Task:
    changed_here = [unpublished for unpublished in changed if unpublished.figures]
    figures = sum(unpublished.figures for unpublished in changed_here)
    first, others = (changed_here or changed)[0], len(changed_here or changed) - 1
    months = first.month.label
    if others:
        months += f" and {others} other {'month' if others == 1 else 'months'}"
    counted = f": {figures} {'figure' if figures == 1 else 'figures'}" if figures else ""
    has, since = ("have", "they were") if others else ("has", "it was")
    name = f"{months} {has} figures that changed since {since} published"
    later = len(changed) - len(changed_here) if changed_here else 0
    follows = f" {later} later {'month shows' if later == 1 else 'months show'} them too." if later else ""
    return Task(
        name=f"{name}{counted}",
        url=reverse("reporting:corrections-publish", args=[area.slug]),
        hint=f"Boards still see what was published.{follows} Check what changed, then publish it.",
        status="draft",
        status_label="To publish",
    )
