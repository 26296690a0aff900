"""Who got an e-mail about their tasks in the plan?"""

from django.conf import settings
from django.db import models
from django.db.models import Q

from actions.models.challenges import Challenge
from actions.models.plan import Action, Milestone
from actions.schedule import NoticeKind
from boards.models import PartnershipArea
from core.models import Claim

THINGS = ("challenge", "action", "milestone")


class Notice(Claim):
    """One e-mailed reminder to one person about one occasion. Everything sent to a person together is one e-mail.

    An occasion is its kind, `due_on` and `turn`. Another due date is another occasion. `turn` is how many entries the
    challenge had: if it is asked again, it is the answerer's turn again.
    """

    area = models.ForeignKey(PartnershipArea, models.CASCADE, related_name="notices")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="notices")
    kind = models.CharField(max_length=10, choices=NoticeKind.choices())
    challenge = models.ForeignKey(Challenge, models.CASCADE, null=True, related_name="notices")
    action = models.ForeignKey(Action, models.CASCADE, null=True, related_name="notices")
    milestone = models.ForeignKey(Milestone, models.PROTECT, null=True, related_name="notices")
    due_on = models.DateField()
    turn = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ("-claimed_at", "-id")
        constraints = (
            models.CheckConstraint(
                name="notice_is_of_one_thing",
                condition=Q(challenge__isnull=False, action__isnull=True, milestone__isnull=True)
                | Q(challenge__isnull=True, action__isnull=False, milestone__isnull=True)
                | Q(challenge__isnull=True, action__isnull=True, milestone__isnull=False),
            ),
            *(
                models.UniqueConstraint(
                    # A claim depends on these: without them, two workers could both send it.
                    fields=("person", "kind", thing, "due_on", "turn"),
                    condition=Q(**{f"{thing}__isnull": False}),
                    name=f"one_notice_per_{thing}_and_occasion",
                )
                for thing in THINGS
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.challenge or self.action or self.milestone}, to {self.person}"
