"""Work that is worth sharing: campaigns, operations, training and team changes, with a picture."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from boards.models import Board, PartnershipArea, Strand
from core.database import at_by_why
from core.labels import Labelled
from core.models import StoredObject

LONGEST_STORY = 4000  # characters


class HighlightKind(Labelled):
    CAMPAIGN = "campaign", "Campaign"
    OPERATION = "operation", "Operation"
    TRAINING = "training", "Training"
    TEAM = "team", "Team change"
    OTHER = "other", "Other work"


class Highlight(models.Model):
    """Something that was done, in a few sentences, for the pages and packs of the months in which it happened.

    `reach` is how many people it reached, `reach_of` who they are. We encode `picture` again and store nothing of the
    original file. `picture_small` is for lists. `picture_alt` describes them for people who can't see them.
    `picture_id` is the hash of `picture`, which identifies both. `is_public`: the public can read it.
    `brought_back_…` say when it last was. `revision` counts its changes. With it, two people who open the form together
    learn of each other.
    """

    area = models.ForeignKey(PartnershipArea, models.PROTECT, related_name="highlights")
    kind = models.CharField(max_length=10, choices=HighlightKind.choices())
    title = models.CharField(max_length=120)
    strand = models.ForeignKey(Strand, models.PROTECT, related_name="highlights")
    boards = models.ManyToManyField(Board, related_name="highlights")
    starts_on = models.DateField("started on")
    ends_on = models.DateField("ended on", null=True, blank=True)
    story = models.TextField("what was done", max_length=LONGEST_STORY)
    reach = models.PositiveIntegerField("people reached", null=True, blank=True)
    reach_of = models.CharField("who they are", max_length=80, blank=True)
    is_public = models.BooleanField("the public can read it", default=False)
    picture = models.ForeignKey(StoredObject, models.PROTECT, related_name="+", null=True)
    picture_small = models.ForeignKey(StoredObject, models.PROTECT, related_name="+", null=True)
    picture_alt = models.CharField("description of the picture", max_length=300, blank=True)
    picture_width = models.PositiveIntegerField(null=True)
    picture_height = models.PositiveIntegerField(null=True)
    revision = models.PositiveIntegerField(default=0)
    added_at = models.DateTimeField()
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    archived_at = models.DateTimeField(null=True)
    archived_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    archived_why = models.CharField(max_length=300, blank=True)
    brought_back_at = models.DateTimeField(null=True)
    brought_back_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    brought_back_why = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ("-starts_on", "-id")
        constraints = (
            models.CheckConstraint(condition=~Q(story=""), name="highlight_tells_something"),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                name="highlight_ends_after_its_start",
                violation_error_message="The last day can’t be before the first day.",
            ),
            models.CheckConstraint(
                condition=Q(reach__isnull=True, reach_of="") | Q(reach__isnull=False) & ~Q(reach_of=""),
                name="reach_says_of_whom",
                violation_error_message="Enter how many people it reached and who they are, or neither.",
            ),
            models.CheckConstraint(
                condition=Q(
                    picture__isnull=True,
                    picture_small__isnull=True,
                    picture_width__isnull=True,
                    picture_height__isnull=True,
                    picture_alt="",
                )
                | Q(
                    picture__isnull=False,
                    picture_small__isnull=False,
                    picture_width__isnull=False,
                    picture_height__isnull=False,
                )
                & ~Q(picture_alt=""),
                name="picture_has_its_words",
                violation_error_message="Describe what the picture shows.",
            ),
            models.CheckConstraint(name="highlight_archived_at_by_why", condition=at_by_why("archived")),
            models.CheckConstraint(name="highlight_brought_back_at_by_why", condition=at_by_why("brought_back")),
            models.CheckConstraint(
                # What the public may see never depends on a query that forgets `archived_at`.
                condition=Q(archived_at__isnull=True) | Q(is_public=False),
                name="an_archived_highlight_is_not_public",
            ),
        )

    def __str__(self) -> str:
        return self.title
