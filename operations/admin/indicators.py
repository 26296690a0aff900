from typing import Any

from django import forms
from django.contrib import admin

from core.calendar import Month
from indicators.catalogues.entries import OF_OPENNESS
from indicators.models import (
    Category,
    ColumnMapping,
    ComparisonSeries,
    Correction,
    Dimension,
    DisclosureRule,
    FigureChange,
    FigureImport,
    Indicator,
    IndicatorAct,
    IndicatorBoard,
    IndicatorChange,
    IndicatorDefinition,
    IndicatorMove,
    LevelName,
    MonthMarking,
    NameReveal,
    Observation,
    Pathway,
    PathwayStep,
    Population,
    RecordingChange,
    RuleRequest,
    Section,
    Submission,
    ValidationRule,
)
from indicators.services.history import note_set_up
from operations.admin.boards import PartAdmin
from operations.admin.site import show

RATIO_PARTS = ("ratio", "numerator", "denominator", "ages", "per")


@admin.register(Section)
class SectionAdmin(PartAdmin):
    list_display = ("title", "area", "code", "position", "retired")
    list_filter = ("area", "retired")
    search_fields = ("title", "code")


@admin.register(Dimension)
class DimensionAdmin(PartAdmin):
    list_display = ("name", "area", "code")
    list_filter = ("area",)
    search_fields = ("name", "code")


@admin.register(Category)
class CategoryAdmin(PartAdmin):
    list_display = ("name", "dimension", "code", "position", "longitude", "latitude", "retired")
    list_filter = ("dimension__area", "dimension", "retired")
    list_select_related = ("dimension",)
    search_fields = ("name", "code")
    fixed = ("dimension", "code")


class IndicatorForm(forms.ModelForm):  # type: ignore[type-arg]
    def add_error(self, field: str | None, error: Any) -> None:
        """Show an error of a field that is read-only here above the form. Django would raise ValueError for it."""
        errors = getattr(error, "error_dict", {field: error})
        for name, problems in errors.items():
            super().add_error(name if name in self.fields else None, problems)


@admin.register(Indicator)
class IndicatorAdmin(PartAdmin):
    form = IndicatorForm
    list_display = ("title", "area", "code", "section", "owner", "polarity", "collection", "retired_from")
    list_filter = ("area", "collection", "polarity", "owner__kind")
    list_select_related = ("area", "section", "owner")
    search_fields = ("title", "code", "question")

    def save_model(self, request: Any, obj: Any, form: Any, change: bool) -> None:
        # The admin calls no service, so it writes the history itself.
        super().save_model(request, obj, form, change)
        if not change:
            note_set_up(IndicatorAct.ADDED, obj, by=request.user)
        elif form.changed_data:
            note_set_up(IndicatorAct.CHANGED, obj, fields=form.changed_data, by=request.user)

    def get_readonly_fields(self, request: Any, obj: Indicator | None = None) -> Any:
        """Return what only the set-up pages change, under an area's lock and rules (indicators.services.setup). Its
        figures' categories belong to its dimension, so once there are figures that can't change either. Who may see it
        is never said here: that takes an information officer, or two people (indicators.services.openness)."""
        fixed = (*super().get_readonly_fields(request, obj), *sorted(OF_OPENNESS))
        if obj is None:
            return fixed
        split = ("dimension",) if obj.observations.exists() else ()
        return (*fixed, *split, "owner", "asked", *RATIO_PARTS, "retired_from")


@admin.register(IndicatorDefinition)
class IndicatorDefinitionAdmin(PartAdmin):
    list_display = ("indicator", "applies_from", "text")
    list_filter = ("indicator__area",)
    list_select_related = ("indicator",)
    search_fields = ("indicator__title", "indicator__code", "text")
    autocomplete_fields = ("indicator",)
    fixed = ("indicator",)

    def save_model(self, request: Any, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if not change or "applies_from" in form.changed_data:
            note_set_up(IndicatorAct.DEFINED, obj.indicator, month=Month.of(obj.applies_from), by=request.user)
        elif form.changed_data:
            note_set_up(IndicatorAct.REWORDED, obj.indicator, by=request.user)

    def get_area(self, obj: IndicatorDefinition) -> Any:
        return obj.indicator.area


@admin.register(IndicatorBoard)
class IndicatorBoardAdmin(PartAdmin):
    list_display = ("board", "indicator", "position")
    list_filter = ("board__area", "board")
    list_select_related = ("board", "indicator")
    autocomplete_fields = ("indicator", "board")
    fixed = ("board", "indicator")

    def get_area(self, obj: IndicatorBoard) -> Any:
        return obj.board.area

    def has_delete_permission(self, request: Any, obj: Any = None) -> bool:
        return bool(request.user.is_superuser)


# Read-only from here on: services change these in one transaction with their history.
# LineName and NameViewer have no page here. The admin would show names to people who gave no reason.


show(
    Submission,
    Observation,
    FigureChange,
    IndicatorChange,
    NameReveal,
    Correction,
    DisclosureRule,
    MonthMarking,
    RecordingChange,
    ColumnMapping,
    LevelName,
    Population,
    ComparisonSeries,
    IndicatorMove,
    RuleRequest,
    FigureImport,
    ValidationRule,
    Pathway,
    PathwayStep,
)
