"""A standing town with so many more of everything that it can have many of."""

from datetime import timedelta

from django.utils import timezone

from actions.models import Action, Challenge, Meeting, NoteKind, Way
from actions.services.challenges import accept, answer, decline
from actions.services.progress import add_update, tick_milestone
from actions.workflow import NoticeKind, Rag
from boards.models import Board, KeyUse, PartnershipArea
from boards.reads import make_read
from boards.rules import Role
from boards.services.requests import ask_role
from core.calendar import Month
from core.models import User
from indicators.disclosure import Audience
from indicators.figures import Entry
from indicators.models import Indicator, ReminderKind
from indicators.services.corrections import ask_correction, decline_correction
from indicators.services.disclosure import set_rule
from indicators.services.setup import ask_recording_change
from reporting.models import IssuedPack
from reporting.packs.services.letters import make_occasion
from tests import (
    challenging,
    commenting,
    engagement,
    happening,
    highlights,
    keys,
    measuring,
    meeting,
    planning,
    regional,
    scenarios,
)
from tests.factories import (
    make_agency,
    make_area,
    make_board,
    make_dimension,
    make_indicator,
    make_member,
    make_section,
)
from tests.integration.rows_of_comparisons import import_rows as import_comparisons
from tests.integration.rows_of_imports import leave_imports
from tests.letters import fail_to_remind, fail_to_warn, leave_failed
from tests.scenarios import Town


def name(place: int) -> str:
    return f"more-{place}"


def add_to_set_up(town: Town, more: int, *, last: Month) -> dict[str, object]:
    """Add sections, boards, agencies, strands, duties, people and indicators. These have published figures to a month,
    and a KPI each; the last months are public. Return what the police's return of a later month has besides."""
    area = town.area
    split = make_dimension(area, "way", [name(place) for place in range(more)])
    make_indicator(town.police, "split", dimension=split, boards=(town.csp,), position=10)
    for place in range(more):
        code = name(place)
        board, agency = make_board(area, code), make_agency(area, code)
        section = make_section(area, code, position=place + 1)
        planning.make_strand(town, code)
        challenging.make_responsibility(town, f"Duty {place}")
        make_member(area, Role.BOARD_MEMBER, board=town.csp)
        make_member(area, Role.BOARD_CHAIR, board=board)
        make_member(area, Role.AGENCY_LEAD, agency=agency)
        counted = make_indicator(
            town.police, code, section=section, boards=(town.csp, board), polarity="lower", position=place + 100
        )
        make_indicator(agency, f"of-{code}", section=section, boards=(board,), position=place + 200)
        make_indicator(
            town.police,
            f"share-{code}",
            section=section,
            boards=(town.csp, board),
            position=place + 300,
            collection="ratio",
            ratio="share",
            per=100,
            numerator=counted,
            denominator=Indicator.objects.get(area=area, code="arrests"),
        )
        measuring.take_in(town, code, *range(2, 5 + more), last=last)
    meeting.strategic_group(town)
    scenarios.publish(town, last)
    for place in range(more):
        scenarios.publish_openly(town, last + -place)
        strand = planning.make_strand(town, name(place))
        measuring.set_from(town, last + -2, last, code=name(place), strand=strand, title=f"Fewer {place}")
    return {code: 1 for place in range(more) for code in (name(place), f"split.{name(place)}")}


def make_areas(more: int, month: Month) -> list[PartnershipArea]:
    """Make areas for the town's region, which published the same counts."""
    areas = [make_area(f"area-{place}") for place in range(more)]
    for area in areas:
        police = make_agency(area)
        codes = ["arrests", *map(name, range(more))]
        regional.publish_lines(area, month, {make_indicator(police, code): [5, 6, 7] for code in codes})
    return areas


def add_work(town: Town, more: int, *, published: Month) -> None:
    """Add what people do, in each of its states."""
    group = planning.make_strand(town)
    decided = meeting.hold(town, group, held_on=meeting.DAY + timedelta(days=more + 1))
    for place in range(more):
        owner = make_member(town.area, Role.BOARD_MEMBER, board=town.csp)
        actions = _plan(town, place, owner, decided)
        challenge = _challenge(town, place, owner, actions[0], published)
        _happen(town, place, owner)
        # What is new can be discussed only today, and each board meets once a day.
        board = town.area.boards.get(code=name(place))
        meeting.hold(town, *actions, challenge, board=board, held_on=timezone.localdate())
        meeting.hold(town, group, held_on=meeting.DAY + timedelta(days=place))
        _publish(town, board, published)
        _set_up(town, place, published)
        _leave_behind(town, place, owner, actions[0])
        for kind in NoteKind:
            meeting.note(town, kind, action=actions[0])
            meeting.note(town, kind, indicator=happening.indicator(town, name(place)))


def _plan(town: Town, place: int, owner: User, decided: Meeting) -> list[Action]:
    """Add an action of each colour, and more to the plan's first one."""
    parts = {
        "strand": planning.make_strand(town, name(place)),
        "agency": town.area.agencies.get(code=name(place)),
        "measure": happening.indicator(town, name(place)),
    }
    colours, by = (Rag.GREEN, Rag.AMBER, Rag.RED), town.coordinator
    actions = [planning.plan(town, **parts, owner=owner, decided_in=decided) for _ in colours]
    for action, rag in [(town.area.actions.earliest("id"), Rag.GREEN), *zip(actions, colours, strict=True)]:
        add_update(action, text="As it stands", rag=rag, rag_why="" if rag is Rag.GREEN else "Few came", by=by)
        planning.step(action, f"Step {place} to do", by=by)
        for is_done in (True, False):
            done = tick_milestone(planning.step(action, f"Step {place} {is_done}", by=by), done=True, by=by)
        tick_milestone(done, done=False, why="Half stayed away", by=by)
    return actions


def _challenge(town: Town, place: int, owner: User, action: Action, published: Month) -> Challenge:
    """Ask and offer, about each kind of thing. Return a challenge that was answered."""
    strand, duty = planning.make_strand(town, name(place)), challenging.make_responsibility(town, f"Duty {place}")
    figure = {"indicator": happening.indicator(town, "arrests"), "period": scenarios.open_month(town, published)}
    for about in ({"strand": strand}, {"responsibility": duty}, {"action": action}, figure):
        challenging.offer(town, **about)
        decline(challenging.offer(town, **about), why="Not now", by=town.people[Role.BOARD_CHAIR])
        challenging.ask(town, **about, answerer=owner)
        closed, answered = (
            answer(challenging.ask(town, **about, answerer=owner), text=challenging.ANSWER, seen=1, by=owner)
            for _ in range(2)
        )
        accept(closed, seen=2, by=town.people[Role.STRATEGIC])
    return answered


def _happen(town: Town, place: int, owner: User) -> None:
    """Tell of a highlight, an event, a session, what was said there, and a sub-group."""
    indicator = happening.indicator(town, name(place))
    strand = planning.make_strand(town, name(place))
    highlights.tell(town, strand=strand, is_public=True, picture=highlights.picture(size=(90 + place, 60)))
    event = happening.tell(town, aims=((indicator, Way.FALL),), title=f"Operation {place}")
    happening.expect(town, event, indicator=indicator)
    for session in (town.area.engagement_sessions.earliest("id"), engagement.tell(town, title=f"Evening {place}")):
        engagement.hear(session, by=town.lead)
    engagement.count(town, name(place))
    meeting.make_group(town, name(place), members=(owner,))


def _publish(town: Town, board: Board, published: Month) -> None:
    """Issue packs, and comment on the draft after them."""
    for audience in Audience:
        scenarios.issue(town, published, board=board, audience=audience)
    commenting.comment(town, published.next, board=board)


def _set_up(town: Town, place: int, published: Month) -> None:
    """Ask for corrections, rules, roles and a change of recording; bring in what others count; and give a key."""
    area, period = town.area, scenarios.open_month(town, published)
    indicator, officer = happening.indicator(town, name(place)), town.people[Role.INFORMATION]
    for _ in range(2):
        asked = ask_correction(indicator, None, period, entry=Entry("3"), reason="One was missed", by=town.lead)
        decline_correction(asked, comment="It was not", by=town.coordinator)
    ask_correction(indicator, None, period, entry=Entry("3"), reason="One was missed", by=town.lead)
    set_rule(area, indicator=indicator, kind="withhold", why="Few people", by=officer)
    set_rule(area, indicator=happening.indicator(town, f"of-{name(place)}"), kind="show", why="No people", by=officer)
    ask_recording_change(indicator, month=published.next, why="A new system", by=town.coordinator)
    import_comparisons(town, f"{indicator.code},Elsewhere,{published},12")
    email = f"{place}@x.example"
    ask_role(area, email=email, name="New", role=Role.INFORMATION, is_attested=True, by=town.coordinator)
    key, _ = keys.agency_key(town, name=f"Key {place}")
    KeyUse.objects.create(key=key, hour=timezone.now(), requests=3)


def _leave_behind(town: Town, place: int, person: User, action: Action) -> None:
    """Leave letters that failed, imports, ways of counting and looks at pages."""
    fail_to_warn(action, NoticeKind.SOON, person)
    fail_to_remind(town.area.periods.latest("starts_on"), town.police, person, ReminderKind.DUE)
    leave_failed(make_occasion(IssuedPack.objects.latest("pk"), person))
    leave_imports(town)
    town.police.column_mappings.create(
        name=name(place), month_column="Date", kind_column="Offence", kinds={"Arrest": "arrests"}, saved_by=town.lead
    )
    make_read("month.read", "/testford/", by=person, area=town.area.slug)
