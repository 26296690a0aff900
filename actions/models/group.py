"""The strategic group: who is drawn from the boards, and who was at its meetings."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from actions.models.meetings import Meeting
from actions.workflow import Presence
from boards.models import Board, PartnershipArea
from core.pages import link_to


class Seat(models.Model):
    """A place on the strategic group, filled by a role of one of the boards: the safeguarding children board's
    “Director of children’s services”.

    It is a role and not a name, since people change. `person` is the account of whoever has the role now. Nothing is
    deleted: a seat ends, and the meetings that it was at keep naming it. `revision` counts its changes. With it, two
    people who open the form together learn of each other.
    """

    area = models.ForeignKey(PartnershipArea, models.PROTECT, related_name="seats")
    board = models.ForeignKey(Board, models.PROTECT, related_name="seats", verbose_name="board that sends them")
    title = models.CharField("role", max_length=120)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="seats", verbose_name="account"
    )
    substitute = models.CharField("role of the substitute", max_length=120, blank=True)
    since = models.DateField("member since")
    ended_on = models.DateField("member until", null=True)
    revision = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ("board__position", "title", "id")
        constraints = (
            models.UniqueConstraint(
                fields=("board", "title"), condition=Q(ended_on__isnull=True), name="one_seat_per_role_of_a_board"
            ),
            models.CheckConstraint(condition=~Q(title=""), name="seat_names_its_role"),
            models.CheckConstraint(
                condition=Q(ended_on__isnull=True) | Q(ended_on__gte=F("since")), name="seat_ends_after_it_begins"
            ),
        )

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return link_to("actions:group", self.area.slug)


class Attendance(models.Model):
    """Whether a seat was filled at a meeting of the strategic group."""

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="attendances")
    seat = models.ForeignKey(Seat, models.PROTECT, related_name="attendances")
    presence = models.CharField("who was there", max_length=10, choices=Presence.choices())

    class Meta:
        ordering = ("meeting", "seat__board__position", "seat__title")
        constraints = (models.UniqueConstraint(fields=("meeting", "seat"), name="one_attendance_per_seat"),)

    def __str__(self) -> str:
        return f"{self.seat}: {self.get_presence_display().lower()}"
