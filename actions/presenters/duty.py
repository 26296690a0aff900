"""Describes the Serious Violence Duty in an area: who was consulted, who signed what, and what is missing."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from django.utils.text import get_text_list

from actions.models import Authority, DutyAct
from actions.models.duty import SPECIFIED, ActKind, AuthorityKind, Paper, name_paper
from core.calendar import date_label

DONE = {
    ActKind.CONSULTED: "Consulted on",
    ActKind.ASKED: "Asked to collaborate on",
    ActKind.ANSWERED: "Answered about",
    ActKind.SIGNED: "Signed",
}


@dataclass(frozen=True, slots=True)
class AuthorityView:
    """An authority with what it did, and in sentences what it hasn't done."""

    authority: Authority
    missing: tuple[str, ...]

    @property
    def facts(self) -> str:
        """ "Fire and rescue. Contact: Area manager, prevention."; without what its name says already."""
        kind = AuthorityKind(self.authority.kind).label
        agency = self.authority.agency.name if self.authority.agency else ""
        facts = [kind, f"Agency: {agency}" if agency else "", f"Contact: {self.authority.contact}"]
        said = {self.authority.name, f"Agency: {self.authority.name}", "Contact: "}
        return " ".join(f"{fact}." for fact in facts if fact and fact not in said)

    @property
    def acts(self) -> list[tuple[DutyAct, str]]:
        return [(act, describe_act(act)) for act in self.authority.acts.all()]


@dataclass(frozen=True, slots=True)
class DutyRow:
    """A row of the table for a document: the authority, and what it was consulted on and signed, each with its day."""

    label: str
    consulted: tuple[str, ...]
    signed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DutyView:
    specified: Sequence[AuthorityView]
    relevant: Sequence[AuthorityView]
    unlisted: Sequence[str]  # a sentence for each kind of specified authority that the page lacks

    @property
    def missing(self) -> list[str]:
        views = [*self.specified, *self.relevant]
        return [*self.unlisted, *(sentence for view in views for sentence in view.missing)]


def make_duty(authorities: Iterable[Authority]) -> DutyView:
    """Make the page from an area's authorities with their acts. No query."""
    rows = by_kind(authorities)
    acts = [act for row in rows for act in row.acts.all()]
    signed = newest_years(act for act in acts if act.kind == ActKind.SIGNED)
    strategy = newest_years(act for act in acts if act.paper == Paper.STRATEGY)
    views = [AuthorityView(row, tuple(list_missing(row, signed, strategy))) for row in rows]
    kinds = {row.kind for row in rows}
    return DutyView(
        specified=[view for view in views if view.authority.kind in SPECIFIED],
        relevant=[view for view in views if view.authority.kind not in SPECIFIED],
        unlisted=[f"{kind.label} isn’t on the list." for kind in SPECIFIED if kind not in kinds],
    )


def by_kind(authorities: Iterable[Authority]) -> list[Authority]:
    """Return them in the law's order: specified authorities first."""
    return sorted(authorities, key=lambda row: (list(AuthorityKind).index(AuthorityKind(row.kind)), row.name))


def newest_years(acts: Iterable[DutyAct]) -> dict[Paper, int]:
    """Return the newest year of each paper that these acts are about."""
    years: dict[Paper, int] = {}
    for act in acts:
        years[Paper(act.paper)] = max(act.year, years.get(Paper(act.paper), 0))
    return {paper: years[paper] for paper in Paper if paper in years}


def list_missing(authority: Authority, signed: dict[Paper, int], strategy: dict[Paper, int]) -> Iterator[str]:
    """Say what an authority hasn't done: signed what others signed, been consulted on the strategy, or answered."""
    if authority.kind in SPECIFIED:
        for paper, year in signed.items():
            if not has_done(authority, ActKind.SIGNED, paper, year):
                yield f"{authority} {has(authority)}n’t signed the {name_paper(paper, year)}."
    else:
        for paper, year in strategy.items():
            if not has_done(authority, ActKind.CONSULTED, paper, year):
                yield f"{authority} {has(authority)}n’t been consulted on the {name_paper(paper, year)}."
    for act in authority.acts.all():
        if act.kind == ActKind.ASKED and not is_answered(act, authority):
            yield (
                f"{authority} {has(authority)}n’t answered the request of {date_label(act.done_on)} to collaborate on "
                f"the {act.paper_name}."
            )


def has_done(authority: Authority, kind: ActKind, paper: Paper, year: int) -> bool:
    return any((act.kind, act.paper, act.year) == (kind, paper, year) for act in authority.acts.all())


def is_answered(asked: DutyAct, authority: Authority) -> bool:
    """Whether an answer or a signature came since."""
    about = (asked.paper, asked.year)
    answers = [act for act in authority.acts.all() if act.kind in (ActKind.ANSWERED, ActKind.SIGNED)]
    return any((act.paper, act.year) == about and act.done_on >= asked.done_on for act in answers)


def has(authority: Authority) -> str:
    """ "The police have", but “Essex Police has”."""
    return "have" if authority.name.lower() in ("police", "the police") else "has"


def describe_act(act: DutyAct) -> str:
    """ "Signed the strategy 2026–27 on 31 March 2026."."""
    return f"{DONE[ActKind(act.kind)]} the {act.paper_name} on {date_label(act.done_on)}."


def describe_signatures(authorities: Iterable[Authority]) -> str:
    """ "5 of 6 specified authorities have signed the strategy 2026–27; fire and rescue has not."; empty if the area
    doesn't record the duty."""
    specified = [row for row in by_kind(authorities) if row.kind in SPECIFIED]
    if not specified:
        return ""
    years = newest_years(act for row in specified for act in row.acts.all() if act.kind == ActKind.SIGNED)
    if Paper.STRATEGY not in years:
        return "No specified authority has signed a strategy yet."
    year = years[Paper.STRATEGY]
    without = [row for row in specified if not has_done(row, ActKind.SIGNED, Paper.STRATEGY, year)]
    signed = len(specified) - len(without)
    of = f"{signed} of {len(specified)}" if without else f"All {signed}"
    said = [
        f"{of} specified authorities {'has' if signed == 1 else 'have'} signed the {name_paper(Paper.STRATEGY, year)}"
    ]
    if without:
        names = get_text_list([name_inside(row) for row in without], "and")
        said.append(f"{names} {has(without[0]) if len(without) == 1 else 'have'} not")
    kinds = {row.kind for row in specified}
    if absent := [kind.label.lower() for kind in SPECIFIED if kind not in kinds]:
        said.append(f"{get_text_list(absent, 'and')} {'isn’t' if len(absent) == 1 else 'aren’t'} on the list")
    return "; ".join(said) + "."


def name_inside(authority: Authority) -> str:
    """Return its name for use inside a sentence: its kind's label is no proper name."""
    return authority.name.lower() if authority.name == AuthorityKind(authority.kind).label else authority.name


def duty_table(authorities: Iterable[Authority]) -> list[DutyRow]:
    """Make the table of a document's chapter: specified authorities first. No query."""
    duty = make_duty(authorities)
    return [
        DutyRow(
            label=view.authority.name,
            consulted=tuple(list_done(view.authority, ActKind.CONSULTED)),
            signed=tuple(list_done(view.authority, ActKind.SIGNED)),
        )
        for view in (*duty.specified, *duty.relevant)
    ]


def list_done(authority: Authority, kind: ActKind) -> Iterator[str]:
    for act in authority.acts.all():
        if act.kind == kind:
            yield f"{act.paper_name}, {date_label(act.done_on)}"
