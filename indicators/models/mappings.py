"""How is an agency's file of records counted?"""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from boards.models import Agency, PartnershipArea
from indicators.columns import LONGEST_COLUMN, Columns


class ColumnMapping(models.Model):
    """What the columns of an agency's file mean, and what each kind of record counts as. It is saved and used again
    next month. `kinds` has the words of each kind that counts, with the name of its box in a return ("lines.london").
    `ignored` has a keyed hash of each kind that doesn't count: its words may be a name. No row of a file is stored."""

    agency = models.ForeignKey(Agency, models.PROTECT, related_name="column_mappings")
    name = models.CharField(max_length=80)
    month_column = models.CharField("column of the date", max_length=LONGEST_COLUMN)
    kind_column = models.CharField("column of the kind", max_length=LONGEST_COLUMN, blank=True)
    summed_column = models.CharField("column that is summed", max_length=LONGEST_COLUMN, blank=True)
    only_column = models.CharField("column that says which rows count", max_length=LONGEST_COLUMN, blank=True)
    only_values = models.JSONField("what it says for those that count", default=list, blank=True)
    kinds = models.JSONField(default=dict)
    ignored = models.JSONField("kinds that aren't counted, as keyed hashes", default=list, blank=True)
    saved_at = models.DateTimeField(default=timezone.now)
    saved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        ordering = ("name",)
        constraints = (
            models.UniqueConstraint(fields=("agency", "name"), name="one_column_mapping_per_name"),
            models.CheckConstraint(
                condition=~Q(name="") & ~Q(month_column=""), name="column_mapping_has_name_and_date"
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def area(self) -> PartnershipArea:
        return self.agency.area

    @property
    def columns(self) -> Columns:
        return Columns(
            self.month_column, self.kind_column, self.summed_column, self.only_column, tuple(self.only_values)
        )
