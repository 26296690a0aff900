"""An area's indicators: list, add, change, redefine and retire them, and say how they are recorded."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from boards.models import PartnershipArea
from boards.permissions import AreaRequest, open_to
from boards.rules import Role
from core.calendar import Month
from core.forms.pages import (
    NO_ACT,
    describe_refusal,
    form_for,
    is_done,
    is_saved,
    show_form,
    taken_once,
    try_to,
)
from indicators.forms.indicators import IndicatorForm
from indicators.forms.setup import DefinitionForm, RecordingForm, RetireForm, RewordForm
from indicators.models import Indicator, IndicatorDefinition, RecordingChange, Section
from indicators.permissions import can_judge, check_can_confirm_recording
from indicators.selectors.disclosure import find_waiting_move
from indicators.services.setup import (
    ask_recording_change,
    bring_back_indicator,
    confirm_recording_change,
    decline_recording_change,
    define,
    retire_indicator,
    reword_definition,
    save_indicator,
)
from indicators.workflow import RecordingState


def find_indicator(area: PartnershipArea, code: str) -> Indicator:
    """Find an indicator of this area. Raises Http404, also for another area's."""
    indicators = Indicator.objects.select_related("area", "owner", "section", "dimension")
    return get_object_or_404(indicators, area=area, code=code)


@open_to(Role.COORDINATOR)
@require_safe
def indicator_list(request: HttpRequest, area: PartnershipArea) -> HttpResponse:
    indicators = Indicator.objects.filter(area=area).order_by("position", "code").select_related("owner", "area")
    by_section: dict[int, list[Indicator]] = {}
    for indicator in indicators.prefetch_related("boards", "definitions"):
        by_section.setdefault(indicator.section_id, []).append(indicator)
    sections = [
        (section, by_section[section.pk]) for section in Section.objects.filter(area=area) if section.pk in by_section
    ]
    return render(request, "indicators/setup_indicator_list.html", {"area": area, "sections": sections})


@open_to(Role.COORDINATOR)
@taken_once
def indicator_add(request: AreaRequest, area: PartnershipArea) -> HttpResponse:
    form = form_for(request, lambda typed: IndicatorForm(typed, instance=Indicator(area=area)))
    if is_saved(
        request,
        form,
        lambda: save_indicator(
            form.instance,
            boards=form.cleaned_data["boards"],
            definition=form.cleaned_data["definition"],
            applies_from=form.cleaned_data["applies_from"],
            by=request.user,
        ),
    ):
        messages.success(request, f"{form.instance} has been added.")
        return redirect("indicators:indicator-list", area.slug)
    return show_form(request, "indicators/setup_indicator_form.html", form, {"title": "Add an indicator"})


@open_to(Role.COORDINATOR)
def indicator_edit(request: AreaRequest, area: PartnershipArea, code: str) -> HttpResponse:
    indicator = find_indicator(area, code)
    title = indicator.title  # before the form writes what was typed into it
    form = form_for(request, lambda typed: IndicatorForm(typed, instance=indicator))

    def save() -> None:
        typed = form.cleaned_data
        # A breakdown has neither: it follows its whole.
        boards, owner_why = typed.get("boards", ()), typed.get("owner_why", "")
        save_indicator(indicator, boards=boards, owner_why=owner_why, by=request.user)

    if is_saved(request, form, save):
        owner = form.cleaned_data.get("owner", indicator.owner)
        waits = f" {owner} will supply it once a second person agrees, because its rule protects less."
        messages.success(request, f"{indicator} has been saved.{waits if owner != indicator.owner else ''}")
        return redirect("indicators:indicator-list", area.slug)
    context = {
        "title": title,
        "indicator": indicator,
        "definitions": [
            (Month.of(definition.applies_from), definition.text)
            for definition in indicator.definitions.order_by("-applies_from")
        ],
        "retired_from": Month.of(indicator.retired_from) if indicator.retired_from else None,
        "move": find_waiting_move(indicator),
    }
    return show_form(request, "indicators/setup_indicator_form.html", form, context)


@open_to(Role.COORDINATOR)
@taken_once
def definition_add(request: AreaRequest, area: PartnershipArea, code: str) -> HttpResponse:
    indicator = find_indicator(area, code)
    form = form_for(request, lambda typed: DefinitionForm(typed, area=area))
    if is_saved(request, form, lambda: define(indicator, **form.cleaned_data, by=request.user)):
        month = form.cleaned_data["applies_from"]
        messages.success(request, f"{indicator} has a new definition from {month.label}: a new series starts then.")
        return redirect(indicator)
    return show_form(request, "indicators/setup_definition_add.html", form, {"indicator": indicator})


@open_to(Role.COORDINATOR)
def definition_edit(request: AreaRequest, area: PartnershipArea, code: str, month: Month) -> HttpResponse:
    indicator = find_indicator(area, code)
    definition = get_object_or_404(IndicatorDefinition, indicator=indicator, applies_from=month.first_day)
    definition.indicator = indicator
    form = form_for(request, lambda typed: RewordForm(typed, initial={"text": definition.text}))
    if is_saved(request, form, lambda: reword_definition(definition, **form.cleaned_data, by=request.user)):
        messages.success(request, f"The definition from {month.label} has been reworded.")
        return redirect(indicator)
    return show_form(request, "indicators/setup_definition_edit.html", form, {"indicator": indicator, "month": month})


@open_to(Role.COORDINATOR)
def indicator_retire(request: AreaRequest, area: PartnershipArea, code: str) -> HttpResponse:
    indicator = find_indicator(area, code)
    form = form_for(request, lambda typed: RetireForm(typed, area=area))
    if is_saved(request, form, lambda: retire_indicator(indicator, **form.cleaned_data, by=request.user)):
        messages.success(request, f"{indicator} is retired from {form.cleaned_data['month'].label}.")
        return redirect("indicators:indicator-list", area.slug)
    return show_form(request, "indicators/setup_indicator_retire.html", form, {"indicator": indicator})


@open_to(Role.COORDINATOR)
@require_POST
def indicator_bring_back(request: AreaRequest, area: PartnershipArea, code: str) -> HttpResponse:
    indicator = find_indicator(area, code)
    is_done(
        request, lambda: bring_back_indicator(indicator, by=request.user), done=f"{indicator} will be asked for again."
    )
    return redirect("indicators:indicator-list", area.slug)


WHO = "Only a coordinator or an analyst can say how a count is recorded."


@open_to(Role.COORDINATOR, Role.ANALYST, Role.OPERATOR, because=WHO)
@taken_once
def recording_list(request: AreaRequest, area: PartnershipArea, code: str) -> HttpResponse:
    """Show the changes of an indicator's recording, and a form to ask for one."""
    indicator = find_indicator(area, code)
    form = form_for(request, lambda typed: RecordingForm(typed, area=area))
    if is_saved(request, form, lambda: ask_recording_change(indicator, **form.cleaned_data, by=request.user)):
        messages.success(request, "The change has been asked for. It will apply once another person confirms it.")
        return redirect(request.path)
    changes = [
        (Month.of(change.applies_from), change)
        for change in indicator.recording_changes.select_related("asked_by", "decided_by")
    ]
    context = {
        "indicator": indicator,
        "changes": changes,
        "asked": RecordingState.ASKED.value,
        "may_ask": can_judge(request.access),
    }
    return show_form(request, "indicators/recording_list.html", form, context)


@open_to(Role.COORDINATOR, Role.ANALYST, Role.OPERATOR, because=WHO)
def recording_decide(request: AreaRequest, area: PartnershipArea, code: str, change: int) -> HttpResponse:
    """Ask before confirming: a confirmed change can't be undone."""
    indicator = find_indicator(area, code)
    recording = find_change(indicator, change)
    if request.method == "POST":
        month = Month.of(recording.applies_from).label
        if request.POST.get("act") == "confirm":
            done = f"Confirmed. {indicator} starts a new series in {month}."
            is_done(request, lambda: confirm_recording_change(recording, by=request.user), done=done)
        elif request.POST.get("act") == "decline":
            is_done(
                request, lambda: decline_recording_change(recording, by=request.user), done="The change was declined."
            )
        else:
            messages.error(request, NO_ACT)
        return redirect("indicators:recording-list", area.slug, indicator.code)
    is_asked = recording.state == RecordingState.ASKED
    refusal = try_to(lambda: check_can_confirm_recording(recording, by=request.user)) if is_asked else None
    context = {
        "indicator": indicator,
        "change": recording,
        "month": Month.of(recording.applies_from),
        "is_own": recording.asked_by_id == request.user.pk,
        "is_asked": is_asked,
        "why_not": describe_refusal(refusal) if refusal else "",
        "may_decline": refusal is None or can_judge(request.access),
    }
    return show_form(request, "indicators/recording_decide.html", None, context)


def find_change(indicator: Indicator, key: int) -> RecordingChange:
    """Find a change of this indicator. Raises Http404, also for another indicator's."""
    changes = RecordingChange.objects.select_related("asked_by", "decided_by", "indicator__area")
    return get_object_or_404(changes, indicator=indicator, pk=key)
