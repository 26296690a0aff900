"""The rules that protect small numbers, and the information officer's page to change one."""

import hashlib
from dataclasses import dataclass

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from boards.models import Agency, PartnershipArea
from boards.permissions import AreaRequest, open_to
from boards.rules import PUBLISHERS, Role
from core.forms.pages import (
    describe_refusal,
    form_for,
    is_filled_in,
    is_saved,
    pressed,
    response_status,
    show_form,
    try_to,
)
from core.models import User
from core.pages import NotHeld
from indicators.forms.setup import RemoveRuleForm, RuleDecisionForm, RuleForm
from indicators.models.catalogue import Indicator
from indicators.models.disclosure import DisclosureRule, RuleRequest
from indicators.openness import Openness
from indicators.permissions import can_ask, can_protect, check_can_answer
from indicators.protection.rules import DEFAULT, RuleKind
from indicators.selectors.disclosure import Rules, effective_rules, find_since, list_waiting_rules
from indicators.services.disclosure import remove_rule, set_rule
from indicators.services.rule_requests import agree_to_rule, decline_rule, withdraw_rule
from reporting.models.snapshots import Snapshot
from reporting.months.selectors import newest_snapshot
from reporting.public.presenters.disclosure import agency_rows, effect_on, indicator_rows, request_rows, usual_row

REMOVALS = ("check-removal", "remove")  # what the buttons of the second form say
FINAL = ("save", "remove")
ASKED = "this protects less than before, so a second person has to agree. Until then nothing changes."
DECIDED = {
    "agree": "You agreed. The rule applies to everything that is made public from now on.",
    "decline": "You declined the request. The rule stays as it is.",
    "withdraw": "You withdrew the request. The rule stays as it is.",
}
DECIDED_OF_MOVE = {
    "agree": "You agreed. {owner} supplies {indicator} from now on.",
    "decline": "You declined the request. The agency that supplies {indicator} stays the same.",
    "withdraw": "You withdrew the request. The agency that supplies {indicator} stays the same.",
}
DECIDED_TO_OPEN = {
    "agree": "You agreed. The public may see {indicator} in editions that are made from now on.",
    "decline": "You declined the request. The same people as before can see {indicator}.",
    "withdraw": "You withdrew the request. The same people as before can see {indicator}.",
}
KIND_LABELS = [kind.label for kind in RuleKind]


@dataclass(frozen=True, slots=True)
class Target:
    """What a rule is for: an agency, an indicator or the whole area."""

    area: PartnershipArea
    agency: Agency | None = None
    indicator: Indicator | None = None

    @property
    def title(self) -> str:
        if self.indicator or self.agency:
            return f"Rule for {self.indicator or self.agency}"
        return "Usual rule"

    @property
    def rule(self) -> DisclosureRule | None:
        # For None, Django asks for IS NULL.
        rules = DisclosureRule.objects.filter(area=self.area, agency=self.agency, indicator=self.indicator)
        return rules.select_related("area", "agency", "indicator", "set_by").first()

    def as_if(self, rules: Rules, form: forms.Form) -> Rules:
        """Return the rules as they would be, with the rule that was typed or without one."""
        return rules.as_if(
            form.rule if isinstance(form, RuleForm) else None,
            agency=self.agency.code if self.agency else "",
            indicator=self.indicator.code if self.indicator else "",
        )


@open_to(Role.INFORMATION, Role.COORDINATOR, Role.ANALYST, Role.OPERATOR)
@require_safe
def disclosure_list(request: AreaRequest, area: PartnershipArea) -> HttpResponse:
    """List what is withheld for each indicator, and by whose rule."""
    disclosure_rules = list(DisclosureRule.objects.filter(area=area).select_related("agency", "indicator", "set_by"))
    rules = effective_rules(area)
    indicators = Indicator.objects.filter(area=area).select_related("owner", "section", "numerator", "denominator")
    context = {
        "usual": usual_row(rules, disclosure_rules),
        "agencies": agency_rows(Agency.objects.filter(area=area), disclosure_rules),
        "has_agency_rules": any(rule.agency_id for rule in disclosure_rules),
        "kinds": KIND_LABELS,
        "indicators": indicator_rows(indicators, rules, disclosure_rules),
        "may_change": can_protect(request.access),
        "may_open": request.access.is_any(*PUBLISHERS, Role.OPERATOR),
        "requests": request_rows(list_waiting_rules(area)),
    }
    return render(request, "reporting/disclosure_list.html", context)


@open_to(Role.INFORMATION)
def disclosure_usual(request: AreaRequest, area: PartnershipArea) -> HttpResponse:
    """Change the rule for indicators that have none of their own."""
    return edit(request, Target(area))


@open_to(Role.INFORMATION)
def disclosure_edit(request: AreaRequest, area: PartnershipArea, target: str, code: str) -> HttpResponse:
    """Change the rule of an agency or of an indicator."""
    if target == "agency":
        return edit(request, Target(area, agency=get_object_or_404(Agency, area=area, code=code)))
    if target == "indicator":
        indicators = Indicator.objects.select_related("owner", "numerator", "denominator")
        return edit(request, Target(area, indicator=get_object_or_404(indicators, area=area, code=code)))
    raise Http404("There is no such page.")


def edit(request: AreaRequest, target: Target) -> HttpResponse:
    """Save a rule only after its effect was shown. `checked` says which rule and figures that was for."""
    area, disclosure_rule, rules = target.area, target.rule, effective_rules(target.area)
    # A missing or unknown button only checks.
    act = pressed(request) or "check"
    removes = act in REMOVALS
    if removes and disclosure_rule is None:
        messages.error(request, f"{target.title}: someone has already removed this rule.")
        return redirect("reporting:disclosure-list", area.slug)
    form = form_for(request, lambda typed: RemoveRuleForm(typed) if removes else RuleForm(typed, held=disclosure_rule))
    context = {
        "title": target.title,
        "rule_form": RuleForm(held=disclosure_rule) if removes else form,
        "removal_form": form if removes else RemoveRuleForm(),
        "target": target,
        "has_rule": disclosure_rule is not None,
        "row": make_row(target, rules, disclosure_rule),
        "removes": removes,
        "default": DEFAULT.words,
        "kinds": KIND_LABELS,
    }
    if is_filled_in(request, form):
        proposed, snapshot = target.as_if(rules, form), newest_published(area)
        checked = token_of_check(rules, proposed, snapshot)
        # The rule, and the figures that it was tried on, must be those whose effect was shown.
        was_checked = request.POST.get("checked") == checked
        requests: list[RuleRequest] = []
        if (
            act in FINAL
            and was_checked
            and is_saved(request, form, lambda: save(request, target, disclosure_rule, form, requests))
        ):
            done = f"{target.title}: {'removed' if removes else 'saved'}."
            messages.success(request, f"{target.title}: {ASKED}" if requests else done)
            return redirect("reporting:disclosure-list", area.slug)
        if not form.errors:
            effect = effect_on(snapshot, rules, proposed) if snapshot else None
            changed = act in FINAL and bool(request.POST.get("checked"))
            context |= {"is_checked": True, "checked": checked, "effect": effect, "changed": changed}
    return show_form(request, "reporting/disclosure_edit.html", form, context)


def make_row(target: Target, rules: Rules, disclosure_rule: DisclosureRule | None) -> object:
    """Return the row that describes what applies now."""
    kept = [disclosure_rule] if disclosure_rule else []
    if target.indicator is not None:
        return indicator_rows([target.indicator], rules, kept)[0]
    return agency_rows([target.agency], kept)[0] if target.agency else usual_row(rules, kept)


def save(
    request: AreaRequest,
    target: Target,
    disclosure_rule: DisclosureRule | None,
    form: forms.Form,
    requests: list[RuleRequest],
) -> None:
    """Save or remove the rule. If that needs a second person, `requests` then has it. Raises ValidationError."""
    done: object = None
    if isinstance(form, RuleForm):
        typed = form.cleaned_data
        done = set_rule(target.area, agency=target.agency, indicator=target.indicator, **typed, by=request.user)
    elif disclosure_rule is not None:
        done = remove_rule(disclosure_rule, **form.cleaned_data, by=request.user)
    if isinstance(done, RuleRequest):
        requests.append(done)


@open_to(*PUBLISHERS, Role.OPERATOR)
def disclosure_request(request: AreaRequest, area: PartnershipArea, wanted: int) -> HttpResponse:
    """Show a rule that waits for a second person, with its effect, and the buttons to decide."""
    rule_requests = RuleRequest.objects.select_related(
        "area", "agency", "indicator__owner", "owner", "asked_by", "decided_by"
    )
    rule_request, act = get_object_or_404(rule_requests, area=area, pk=wanted), pressed(request, "decision")
    form = form_for(request, lambda typed: RuleDecisionForm(typed, auto_id=f"{act or 'decide'}-%s"))
    if is_saved(request, form, lambda: decide(rule_request, form, by=request.user)):
        words = DECIDED_OF_MOVE if rule_request.owner else DECIDED_TO_OPEN if rule_request.opens else DECIDED
        done = words[form.cleaned_data["decision"]]
        messages.success(request, done.format(owner=rule_request.owner, indicator=rule_request.indicator))
        return redirect("reporting:disclosure-list", area.slug)
    is_waiting = rule_request.is_waiting(timezone.localdate())
    refusal = try_to(lambda: check_can_answer(rule_request, by=request.user)) if is_waiting else None
    context = {
        "rule_request": rule_request,
        "row": request_rows([rule_request])[0],
        "may_answer": is_waiting and refusal is None,
        "may_withdraw": is_waiting and can_ask(request.access, rule_request),
        "why_not": describe_refusal(refusal) if refusal else "",
        "button": "Agree to this rule",
        "what": "this rule",
    }
    if rule_request.owner:
        context |= {"button": f"Agree that {rule_request.owner} supplies it", "what": "the other agency’s rule"}
    if rule_request.opens:
        context |= {"button": "Agree that the public may see it", "what": "this decision"}
        context["is_by_year"] = rule_request.opens == Openness.YEAR
    if is_waiting and (snapshot := newest_published(area)):
        rules = effective_rules(area)
        context["effect"] = effect_on(snapshot, rules, rules_as_asked(rules, rule_request))
    return show_form(request, "reporting/disclosure_request.html", form, context, status=response_status(form))


def rules_as_asked(rules: Rules, rule_request: RuleRequest) -> Rules:
    if rule_request.opens and rule_request.indicator is not None:
        return rules.as_if_opened(rule_request.indicator.code)
    if rule_request.owner is not None and rule_request.indicator is not None:
        return rules.as_if_moved(
            rule_request.indicator.code, rule_request.owner.code, since=find_since(rule_request.indicator)
        )
    return rules.as_if(
        rule_request.rule,
        agency=rule_request.agency.code if rule_request.agency else "",
        indicator=rule_request.indicator.code if rule_request.indicator else "",
    )


def decide(rule_request: RuleRequest, form: RuleDecisionForm, *, by: User) -> None:
    match form.cleaned_data["decision"]:
        case "agree":
            agree_to_rule(rule_request, by=by)
        case "decline":
            decline_rule(rule_request, why=form.cleaned_data["why"], by=by)
        case _:
            withdraw_rule(rule_request, by=by)


def newest_published(area: PartnershipArea) -> Snapshot | None:
    try:
        return newest_snapshot(area, include_drafts=False)
    except NotHeld:
        return None


def token_of_check(rules: Rules, proposed: Rules, snapshot: Snapshot | None) -> str:
    """Identify a check: the rules before and after, and the figures that they were tried on."""
    # The `repr` of these has every value, so any change gives another token.
    tried_on = snapshot.fingerprint if snapshot else ""
    return hashlib.sha256(repr((rules, proposed, tried_on)).encode()).hexdigest()
