"""Add a highlight and its picture. The service validates both."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, ClassVar

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.http import QueryDict

from actions.filters import ArchivedFilters, archived_filter
from actions.models import Highlight, HighlightKind
from actions.pictures import LARGEST_FILE, LONGEST_SIDE, MOST_OF_A_JPEG, MOST_PIXELS
from actions.services.highlights import HighlightDraft
from boards.forms.parts import PolishedForm, SeenForm
from boards.models import Board, PartnershipArea, Strand
from core.forms.fields import DAY_HINT, DayField, RowsField, TickFor

CHECKED = "I have checked that it doesn’t name anyone"
UNRECOGNISED = "and no one can be recognised in {picture}"


class HighlightForm(SeenForm):
    free_text: ClassVar[tuple[str, ...]] = ("title", "story", "reach_of")
    nouns: Mapping[str, str] = {
        "kind": "kind of highlight",
        "boards": "boards",
        "starts_on": "start date",
        "story": "story of what was done",
    }

    kind = forms.TypedChoiceField(
        label="Kind of highlight", coerce=HighlightKind, choices=HighlightKind.choices(), widget=forms.RadioSelect
    )
    title = forms.CharField(label="Title", widget=forms.TextInput(attrs={"autocomplete": "off"}))
    strand = forms.ModelChoiceField(label="Strand of the plan", queryset=Strand.objects.none())
    boards = RowsField(
        label="Boards that should see it", queryset=Board.objects.none(), widget=forms.CheckboxSelectMultiple
    )
    starts_on = DayField(is_past=True, label="Start date", help_text=DAY_HINT)
    ends_on = DayField(is_past=True, label="End date", help_text="Leave it empty for a single day.", required=False)
    story = forms.CharField(
        label="What was done",
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text="A few sentences. The month’s page shows only the first of them.",
    )
    reach = forms.IntegerField(
        label="How many people it reached",
        required=False,
        localize=False,
        widget=forms.NumberInput(attrs={"class": "govuk-input--width-5"}),
        help_text="Leave it empty if no one counted.",
        error_messages={"invalid": "Enter how many people it reached as a whole number, such as 120"},
    )
    reach_of = forms.CharField(
        label="Who they are", required=False, help_text="A group, such as pupils in year 8 or taxi drivers."
    )
    is_public = forms.BooleanField(
        label="The public can read it: it also appears on the public pages for its months", required=False
    )
    names_nobody = forms.BooleanField(label=CHECKED, required=False, help_text="Needed if the public can read it.")

    def __init__(self, *args: Any, area: PartnershipArea, highlight: Highlight | None = None, **kwargs: Any) -> None:
        if highlight is not None:
            kwargs["initial"] = make_initial(highlight)
        super().__init__(*args, **kwargs)
        chosen = kwargs["initial"]["boards"] if highlight is not None else []
        fields: dict[str, Any] = self.fields
        current = [highlight.strand_id if highlight else None]
        fields["strand"].queryset = Strand.objects.in_use(or_held=current).filter(area=area)
        fields["boards"].queryset = Board.objects.in_use(or_held=chosen).filter(area=area)
        if highlight is not None and highlight.picture_id:
            self.ask_about_picture(highlight.picture_id)
        fields["boards"].error_messages["required"] = "Choose at least one board"

    def ask_about_picture(self, sha256: str) -> None:
        """Ask about the picture too: making a highlight public makes its picture public. The tick is valid only for the
        picture that was shown."""
        box = self.fields["names_nobody"]
        box.label = f"{CHECKED}, {UNRECOGNISED.format(picture='its picture')}"
        box.widget = TickFor()
        # If somebody replaces the picture in between, the tick no longer counts.
        box.widget.ask_about([sha256])

    @property
    def draft(self) -> HighlightDraft:
        """Return the draft, once the form is valid."""
        typed = self.cleaned_data
        names = HighlightDraft.__dataclass_fields__
        return HighlightDraft(**{name: typed[name] for name in names} | {"boards": tuple(typed["boards"])})


def make_initial(highlight: Highlight) -> dict[str, Any]:
    names = (*HighlightDraft.__dataclass_fields__, "revision")
    typed = {name: getattr(highlight, name) for name in names if name not in ("boards", "strand")}
    return typed | {"strand": highlight.strand_id, "boards": [board.pk for board in highlight.boards.all()]}


class PictureForm(SeenForm):
    """A picture, with a description for people who can't see it. actions.pictures checks the file."""

    free_text: ClassVar[tuple[str, ...]] = ("alt",)

    picture = forms.FileField(
        label="Picture",
        required=False,
        # An empty file is refused in our own words (actions.pictures).
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp,image/gif"}),
    )
    alt = forms.CharField(
        label="Description of the picture",
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Screen readers read this to people who can’t see the picture: “A stall with leaflets in the High "
        "Street”.",
    )
    names_nobody = forms.BooleanField(label=f"{CHECKED}, {UNRECOGNISED.format(picture='it')}", required=False)

    def __init__(self, *args: Any, highlight: Highlight, **kwargs: Any) -> None:
        kwargs["initial"] = {"alt": highlight.picture_alt, "revision": highlight.revision}
        super().__init__(*args, **kwargs)
        kinds = (
            f"A JPEG of at most {MOST_OF_A_JPEG // 1_000_000} million pixels, or a PNG, WebP or GIF of at most "
            f"{MOST_PIXELS // 1_000_000} million, and at most {LARGEST_FILE // 1024**2} MB. We save it "
            f"at {LONGEST_SIDE:,} pixels, without the place and time that a camera adds."
        )
        self.fields["picture"].help_text = kinds
        if highlight.picture_alt:
            self.fields["picture"].label = "Another picture"
            self.fields["picture"].help_text = f"{kinds} Leave it empty to keep the one above."
        if highlight.is_public:
            self.fields["names_nobody"].help_text = "The public can read this highlight."
        else:
            # Only partners read it, so nothing has to be confirmed. Making it public asks about the picture.
            del self.fields["names_nobody"]


class WhyForm(PolishedForm):
    """A reason for archiving a highlight or bringing it back."""

    free_text: ClassVar[tuple[str, ...]] = ("why",)
    why = forms.CharField(label="Reason", required=False, widget=forms.Textarea(attrs={"rows": 3}))


class HighlightFilter(ArchivedFilters):
    """Filters of an area's highlights. The options are the values that exist."""

    kind = django_filters.ChoiceFilter(label="Kind", empty_label="All kinds")
    strand = django_filters.ChoiceFilter(label="Strand", field_name="strand__code", empty_label="All strands")
    board = django_filters.ChoiceFilter(label="Board", field_name="boards__code", empty_label="All boards")
    year = django_filters.ChoiceFilter(label="Year", method="of_year", empty_label="All years")
    archived = archived_filter()
    nouns = ("highlight", "highlights")

    class Meta:
        model = Highlight
        fields: tuple[str, ...] = ()

    def __init__(self, data: QueryDict, *, queryset: QuerySet[Highlight], boards: Iterable[Board]) -> None:
        super().__init__(data, queryset=queryset)
        highlights = list(
            queryset.order_by("strand__position").values_list(
                "kind", "strand__code", "strand__name", "starts_on", "ends_on", "archived_at"
            )
        )
        self.has_any = bool(highlights)
        self.total = sum(row[5] is None for row in highlights)
        years = {year for row in highlights for year in range(row[3].year, (row[4] or row[3]).year + 1)}
        used = {row[0] for row in highlights}
        self.offer(
            {
                "kind": [(kind.value, kind.label) for kind in HighlightKind if kind in used],
                "strand": list({row[1]: row[2] for row in highlights}.items()),
                "board": [(board.code, board.name) for board in boards],
                "year": [(str(year), str(year)) for year in sorted(years, reverse=True)],
            }
        )

    def of_year(self, highlights: QuerySet[Highlight], name: str, year: str) -> QuerySet[Highlight]:
        """Return the highlights whose days are partly in that year."""
        # `year` is one of the options: the filter has refused anything else.
        first, last = date(int(year), 1, 1), date(int(year), 12, 31)
        return highlights.filter(
            Q(starts_on__range=(first, last)) | Q(starts_on__lt=first, ends_on__gte=first), starts_on__lte=last
        )
