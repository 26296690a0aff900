"""What does an analyst write about a month?"""

from django.conf import settings
from django.db import models
from django.db.models import Q

from boards.models import Board, ReportingPeriod
from boards.roles import Role

MOST_WORDS = 300
LONGEST_COMMENTARY = 4000  # characters: 300 words, none of them a trick
SIGNS = (Role.ANALYST, Role.COORDINATOR)  # who may sign one


class Commentary(models.Model):
    """Text about a version of a month, for all boards or for one, signed by its writer. For partners only. It names its
    version by number, because a draft may be deleted and made again while this text stays. Once that version is
    published, the database refuses any change. `signed_as` is the writer's role. `revision` counts its changes, so that
    two people at one form learn of each other.
    """

    period = models.ForeignKey(ReportingPeriod, models.PROTECT, related_name="commentaries")
    board = models.ForeignKey(Board, models.PROTECT, null=True, related_name="commentaries")
    version = models.PositiveIntegerField()
    text = models.TextField("commentary", max_length=LONGEST_COMMENTARY)
    revision = models.PositiveIntegerField(default=1)
    written_at = models.DateTimeField()
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    signed_as = models.CharField(max_length=20, choices=[(role.value, role.label) for role in SIGNS])

    class Meta:
        ordering = ("period", "version", "id")
        verbose_name_plural = "commentaries"
        constraints = (
            # In a unique constraint no NULL equals another. So the commentary for all boards has its own.
            models.UniqueConstraint(
                fields=("period", "version"), condition=Q(board=None), name="one_commentary_per_version"
            ),
            models.UniqueConstraint(fields=("period", "version", "board"), name="one_commentary_per_board"),
            models.CheckConstraint(condition=Q(version__gte=1), name="commentary_is_of_a_version"),
            models.CheckConstraint(condition=~Q(text=""), name="commentary_says_something"),
            models.CheckConstraint(
                condition=Q(signed_as__in=[role.value for role in SIGNS]), name="commentary_is_signed"
            ),
        )

    def __str__(self) -> str:
        return f"{self.period}, version {self.version}: {self.board or 'the month'}"
