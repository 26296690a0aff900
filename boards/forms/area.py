"""The forms of an area's own settings: returns, meetings, signs, statements, second factors, and who may use its
figures."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms

from boards.forms.fields import polish, whole_number_field
from boards.models import PartnershipArea, PublicAdvice, PublicStatements, Region, Shows
from boards.roles import FACTOR_ROLES, WHAT_ROLES_DO, Role
from boards.services.advice import USUAL_SIGNS
from core.forms import DAY_HINT, DayField, GuardedForm, RevisionField, get_field

COMPARISON = "comparison"


class ReturnsForm(forms.ModelForm):  # type: ignore[type-arg]
    """The due day of an area's returns, and the working days that the coordinator has to check one."""

    use_required_attribute = False
    due_day = whole_number_field(
        "Day on which returns are due",
        most=28,
        help_text="A day from 1 to 28 in the month after the one that is reported.",
    )
    check_days = whole_number_field(
        "Working days to check a return",
        most=20,
        help_text="From 1 to 20. When somebody submits a return, we tell them the day by which you will check it.",
    )

    class Meta:
        model = PartnershipArea
        fields = ("due_day", "check_days")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        polish(self)


class MeetingsForm(forms.ModelForm):  # type: ignore[type-arg]
    """The number of meetings after which a strand needs attention."""

    use_required_attribute = False
    silent_meetings = whole_number_field(
        "Meetings in a row without discussing it",
        most=12,
        help_text="From 1 to 12. A strand needs attention when a board didn’t discuss it at this many meetings in a "
        "row.",
    )

    class Meta:
        model = PartnershipArea
        fields = ("silent_meetings",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        polish(self)


class FactorRolesForm(forms.Form):
    """The roles that need a second factor in an area, beside those that always do."""

    use_required_attribute = False
    roles = forms.TypedMultipleChoiceField(
        label="Roles that need a second factor",
        coerce=Role,
        choices=[(role.value, role.label) for role in WHAT_ROLES_DO if role not in FACTOR_ROLES],
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text="Coordinators, information officers and operators always need one.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        polish(self)


class SignsForm(GuardedForm):
    """The advice about the signs that an area publishes. The service validates it."""

    use_required_attribute = False
    free_text: ClassVar[tuple[str, ...]] = ("signs", "how_to_report")

    signs = forms.CharField(
        label="Warning signs",
        required=False,
        widget=forms.Textarea(attrs={"rows": 12}),
        help_text="Put each sign on its own line.",
    )
    how_to_report = forms.CharField(
        label="How to report, in your own words",
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="The page shows this below Childline, 999, 101 and Crimestoppers, which are always there. You "
        "can leave it empty. You can include a helpline’s number.",
    )
    is_public = forms.BooleanField(label="The public can read it, on the public pages", required=False)
    revision = RevisionField()

    def __init__(self, *args: Any, advice: PublicAdvice | None, **kwargs: Any) -> None:
        kwargs["initial"] = {"signs": "\n".join(USUAL_SIGNS)}
        if advice is not None:
            names = ("signs", "how_to_report", "is_public", "revision")
            kwargs["initial"] = {name: getattr(advice, name) for name in names}
        super().__init__(*args, **kwargs)
        polish(self)

    @property
    def seen(self) -> int:
        """Return the revision that the form was opened with."""
        return int(self.cleaned_data["revision"])


class StatementsForm(GuardedForm):
    """What an area adds to the privacy notice and the accessibility statement. The service validates it."""

    use_required_attribute = False
    free_text: ClassVar[tuple[str, ...]] = ("privacy", "accessibility")

    privacy = forms.CharField(
        label="Your part of the privacy notice",
        required=False,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text="Plain text. Say who decides about the data, and which law you rely on. Say how to "
        "reach its data protection officer. Use an address of the office, not of a person.",
    )
    accessibility = forms.CharField(
        label="Your part of the accessibility statement",
        required=False,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text="Plain text. Say who to tell if a page doesn’t work, and when you answer. Say what your own people "
        "have tested.",
    )
    revision = RevisionField()

    def __init__(self, *args: Any, held: PublicStatements | None, **kwargs: Any) -> None:
        if held is not None:
            kwargs["initial"] = {name: getattr(held, name) for name in ("privacy", "accessibility", "revision")}
        super().__init__(*args, **kwargs)
        polish(self)

    @property
    def seen(self) -> int:
        """Return the revision that the form was opened with."""
        return int(self.cleaned_data["revision"])


class ConsentForm(forms.Form):
    """What an area permits, and the first and last day of it."""

    use_required_attribute = False
    nouns: ClassVar[dict[str, str]] = {"use": "use that you permit"}
    use = forms.ChoiceField(label="What you permit", widget=forms.RadioSelect)
    starts_on = DayField(noun="first day", label="First day", help_text=DAY_HINT)
    ends_on = DayField(noun="last day", label="Last day", help_text=f"Within three years. {DAY_HINT}")

    def __init__(self, *args: Any, regions: Sequence[Region], **kwargs: Any) -> None:
        """`regions` are those that invited the area. Without any, there is nothing to choose."""
        super().__init__(*args, **kwargs)
        self.regions = {region.slug: region for region in regions}
        if regions:
            comparison = (COMPARISON, "Comparison by other areas: they see only the combined result of at least three")
            offered = [
                (f"{region.slug} {shows.value}", f"{region.name}: {shows.label[:1].lower()}{shows.label[1:]}")
                for region in regions
                for shows in (Shows.PUBLIC, Shows.PARTNERS)
            ]
            get_field(self, "use", forms.ChoiceField).choices = [comparison, *offered]
        else:
            del self.fields["use"]
        polish(self)

    def typed(self) -> dict[str, Any]:
        """Return what the service takes."""
        typed = dict(self.cleaned_data)
        slug, _, shows = typed.pop("use", COMPARISON).partition(" ")
        return typed | ({"region": self.regions[slug], "shows": Shows(shows)} if shows else {})
