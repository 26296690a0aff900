"""Anytown's plan, what the strategic group asks and offers, and what there is to tell: out of plan.toml."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from io import BytesIO
from typing import Any

from django.utils import timezone
from PIL import Image, ImageDraw, ImageFont

from actions.models import (
    Action,
    Challenge,
    EngagementSession,
    EventKind,
    HighlightKind,
    Meeting,
    Seat,
    SessionCount,
    SubGroup,
    Voice,
    Way,
)
from actions.models.duty import ActKind, AuthorityKind, Paper
from actions.pictures import read_picture
from actions.presenters.meetings import describe_action, find_signals
from actions.services import challenges, plan, progress
from actions.services.duty import ActDraft, AuthorityDraft, add_authority, record_act
from actions.services.engagement import SessionDraft, add_session, add_voice, carry_counts, close_voice, count_indicator
from actions.services.events import EventDraft, add_event
from actions.services.group import SeatDraft, add_seat, note_attendance
from actions.services.highlights import HighlightDraft, add_highlight, set_picture
from actions.services.meetings import (
    ItemDraft,
    MeetingDraft,
    SubGroupDraft,
    add_sub_group,
    plan_meeting,
    record_meeting,
)
from actions.services.progress import ExpectationDraft, expect_of_event
from actions.workflow import Presence, Rag, WhyProposed
from boards.models import Agency, Board, PartnershipArea, ReportingPeriod, Responsibility, Strand
from core.calendar import Month, this_or_next_working_day
from core.models import User
from indicators.models import Indicator
from reporting.management.demo.history import ago, moment, on
from reporting.management.demo.places import add_indicators, read, read_whole
from reporting.packs.pdf.printable import FONTS

SEATED = date(2026, 4, 1)  # when the members of the strategic group were named


def load_meetings(area: PartnershipArea, *, people: dict[str, User]) -> None:
    """Plan the meetings, and hold those whose day has come. Each looked at the first version of its month."""
    document, coordinator = read("meetings"), people["coordinator"]
    load_sub_group(area, document["sub_group"], people)
    seats = [load_seat(area, row, people) for row in document["seat"]]
    for row in document["authority"]:
        load_authority(area, row, by=coordinator)
    for row in document["meeting"]:
        meeting = plan_meeting(area, make_draft(area, row), by=coordinator)
        Meeting.objects.filter(pk=meeting.pk).update(planned_at=moment(row["held_on"] - timedelta(days=21)))
        if row["held_on"] <= timezone.localdate():
            record_meeting(meeting, make_items(meeting, row), notes=row["notes"], revision=0, by=coordinator)
            Meeting.objects.filter(pk=meeting.pk).update(recorded_at=moment(row["held_on"]))
            if "attendance" in row:
                presences = dict(zip(seats, map(Presence, row["attendance"]), strict=True))
                note_attendance(meeting, presences, revision=1, by=coordinator)
    for row in document["planned"]:
        held_on = this_or_next_working_day(timezone.localdate() + timedelta(days=row["days"]))
        plan_meeting(area, make_draft(area, row | {"held_on": held_on}), by=coordinator)


def load_sub_group(area: PartnershipArea, row: dict[str, Any], people: dict[str, User]) -> None:
    draft = SubGroupDraft(
        name=row["name"],
        remit=row["remit"],
        board=Board.objects.get(area=area, code=row["board"]),
        members=tuple(people[name] for name in row["members"]),
        chair=people[row["chair"]],
    )
    add_sub_group(area, row["code"], draft, by=people["coordinator"])


def load_seat(area: PartnershipArea, row: dict[str, Any], people: dict[str, User]) -> Seat:
    draft = SeatDraft(
        board=Board.objects.get(area=area, code=row["board"]),
        title=row["title"],
        person=people[row["person"]] if "person" in row else None,
        substitute=row.get("substitute", ""),
        since=SEATED,
    )
    return add_seat(area, draft, by=people["coordinator"])


def load_authority(area: PartnershipArea, row: dict[str, Any], *, by: User) -> None:
    draft = AuthorityDraft(
        kind=AuthorityKind(row["kind"]),
        name=row["name"],
        agency=Agency.objects.get(area=area, code=row["agency"]) if "agency" in row else None,
        contact=row.get("contact", ""),
    )
    authority = add_authority(area, draft, by=by)
    for kind, paper, year, day in row.get("acts", []):
        act = ActDraft(kind=ActKind(kind), paper=Paper(paper), year=year, done_on=day)
        record_act(authority, act, by=by)


def make_draft(area: PartnershipArea, row: dict[str, Any]) -> MeetingDraft:
    period = ReportingPeriod.objects.get(area=area, starts_on=row["month"]) if "month" in row else None
    return MeetingDraft(
        board=Board.objects.get(area=area, code=row["board"]) if "board" in row else None,
        sub_group=SubGroup.objects.get(area=area, code=row["sub_group"]) if "sub_group" in row else None,
        held_on=row["held_on"],
        period=period,
        version=1 if period else None,
    )


def make_items(meeting: Meeting, row: dict[str, Any]) -> list[ItemDraft]:
    """Return what stood out in the month, and the row's own items."""
    strands = Strand.objects.filter(area=meeting.area, code__in=row["discussed"])
    actions = Action.objects.filter(area=meeting.area, title__in=row.get("actions", []))
    return [
        *(ItemDraft(point.why, point.thing, point.words, is_discussed=True) for point in find_signals(meeting)),
        *(
            ItemDraft(
                WhyProposed.RED, action, describe_action(action, Rag(action.rag), action.rag_why), is_discussed=True
            )
            for action in actions
        ),
        *(ItemDraft(WhyProposed.ADDED, strand, strand.name, is_discussed=True) for strand in strands),
    ]


AGENCY = "voluntary-sector"


def count_sessions(area: PartnershipArea, *, month: Month, coordinator: User) -> None:
    """Set up what a month counts of the sessions, from this one on: after all other indicators, in a separate
    section.
    """
    counts = {row["code"]: SessionCount(row["counts"]) for row in read("engagement")["indicator"]}
    add_indicators(read_whole(area.slug), list(counts), month=month, by=coordinator)
    for indicator in Indicator.objects.filter(area=area, code__in=counts):
        count_indicator(indicator, counts[indicator.code], by=coordinator)


def load_sessions(area: PartnershipArea, *, month: Month, lead: User) -> None:
    """Record the sessions held up to today, with what people said there. The draft of the return has the month's
    counts, without the last session, which was recorded afterwards.
    """
    agency = Agency.objects.select_related("area").get(area=area, code=AGENCY)
    period = ReportingPeriod.objects.get(area=area, starts_on=month.first_day)
    *earlier, last = (row for row in read("engagement")["session"] if row["held_on"] <= timezone.localdate())
    for row in earlier:
        load_session(agency, row, lead=lead)
    carry_counts(agency, period, revision=0, by=lead)
    load_session(agency, last, lead=lead)


def load_session(agency: Agency, row: dict[str, Any], *, lead: User) -> None:
    today = timezone.localdate()
    draft = SessionDraft(**{name: row[name] for name in SessionDraft.__dataclass_fields__})
    session = add_session(agency, draft, by=lead)
    # The service says now, and this moves it back. No trigger keeps these rows.
    EngagementSession.objects.filter(pk=session.pk).update(added_at=moment(row["held_on"]))
    for heard in row.get("voice", []):
        due_on = max(today + timedelta(days=heard["days"]), session.held_on)
        voice = add_voice(session, said=heard["said"], due_on=due_on, by=lead)
        Voice.objects.filter(pk=voice.pk).update(added_at=moment(row["held_on"]))
        if "did" in heard:
            close_voice(voice, did=heard["did"], revision=0, by=lead)
            Voice.objects.filter(pk=voice.pk).update(closed_at=moment(due_on))


INK, ACCENT, NIGHT = "#1a2729", "#0b5a5e", "#0e2a33"
SAND, SUN, CORAL, LEAF, SNOW, SKY = "#f2e6cf", "#ffd54a", "#d9593d", "#2f7d5b", "#ffffff", "#bcd9d6"
UPRIGHT, LYING = (1100, 1540), (1600, 1060)

type Draw = ImageDraw.ImageDraw


def poster(name: str) -> bytes:
    """Return one of POSTERS as a JPEG, with the same bytes each time."""
    size, colour, draw = POSTERS[name]
    image = Image.new("RGB", size, colour)
    draw(ImageDraw.Draw(image))
    file = BytesIO()
    image.save(file, "JPEG", quality=92)
    return file.getvalue()


def write(draw: Draw, at: tuple[int, int], words: str, size: int, colour: str, *, middle: bool = False) -> None:
    """Draw lines of text, from the left or centred."""
    font = ImageFont.truetype(FONTS / "SourceSans3-Semibold.otf", size)
    anchor, align = ("ma", "center") if middle else ("la", "left")
    draw.multiline_text(at, words, fill=colour, font=font, spacing=size // 8, anchor=anchor, align=align)


def child(draw: Draw) -> None:
    """A phone with somebody's insisting messages."""
    write(draw, (90, 80), "Who’s controlling\nyour child?", 122, SNOW)
    draw.rounded_rectangle((300, 470, 800, 1230), 60, INK)
    draw.rounded_rectangle((330, 520, 770, 1180), 20, SAND)
    for top, words in ((570, "Where are you?"), (700, "Answer me."), (830, "You owe me."), (960, "Come now.")):
        draw.rounded_rectangle((360, top, 690, top + 95), 30, SNOW)
        write(draw, (385, top + 22), words, 42, INK)
    draw.rounded_rectangle((600, 1085, 740, 1155), 30, SKY)
    write(draw, (650, 1090), "…", 48, INK)
    write(draw, (550, 1290), "See the signs.\nIn an emergency 999, otherwise 101.", 58, SUN, middle=True)


def parcel(draw: Draw) -> None:
    """A Christmas tree, and under it a parcel that isn't yours."""
    for place in range(60):  # snow
        # Scattered by arithmetic instead of by chance, so the bytes are the same each time.
        x, y = place * 397 % 1600, place * 211 % 760
        draw.ellipse((x, y, x + 9, y + 9), SNOW)
    draw.rectangle((0, 860, 1600, 1060), SKY)
    for top, half in ((150, 150), (300, 210), (470, 270)):
        draw.polygon(((1180, top), (1180 - half, top + 250), (1180 + half, top + 250)), LEAF)
    draw.rectangle((1145, 720, 1215, 880), INK)
    for x, y in ((1150, 320), (1215, 470), (1105, 510), (1180, 640), (1330, 690), (1030, 690)):
        draw.ellipse((x, y, x + 34, y + 34), SUN)
    draw.rectangle((700, 700, 940, 880), CORAL)
    draw.rectangle((800, 700, 840, 880), SAND)
    draw.rectangle((700, 770, 940, 810), SAND)
    write(draw, (90, 90), "#MerryMuletide", 120, SUN)
    write(draw, (90, 270), "A child carried\nyour party here.", 96, SNOW)
    write(draw, (90, 940), "Crimestoppers 0800 555 111", 60, ACCENT)


def houses(draw: Draw) -> None:
    """A row of houses, and a light at one door."""
    draw.rectangle((0, 820, 1600, 1060), ACCENT)
    for place, height in enumerate((330, 390, 350, 410, 340)):
        left, top = 60 + place * 300, 820 - height
        is_theirs = place == 3
        draw.rectangle((left, top, left + 250, 820), SNOW if is_theirs else SAND)
        draw.polygon(((left - 25, top), (left + 275, top), (left + 125, top - 130)), CORAL if is_theirs else INK)
        draw.rectangle((left + 150, 660, left + 215, 820), SUN if is_theirs else ACCENT)
        for x in (left + 35, left + 150):
            draw.rectangle((x, top + 60, x + 65, top + 140), SUN if is_theirs else SKY)
    write(draw, (800, 50), "Your home is yours", 120, INK, middle=True)
    write(draw, (800, 880), "Housing, police, adult social care: one name to call", 62, SNOW, middle=True)


# Size, background, and the function that draws on it.
POSTERS: dict[str, tuple[tuple[int, int], str, Callable[[Draw], None]]] = {
    "child": (UPRIGHT, ACCENT, child),
    "parcel": (LYING, NIGHT, parcel),
    "houses": (LYING, SKY, houses),
}


type People = dict[str, User]


def load_plan(area: PartnershipArea, *, month: Month, people: People) -> None:
    document = read("plan")
    for row in document["action"]:
        if "decided_on" not in row:
            load_action(area, row, people)
    # After the actions that meetings look at, and before those that they decide.
    load_meetings(area, people=people)
    for row in document["action"]:
        if "decided_on" in row:
            load_action(area, row, people)
    for row in document["event"]:
        load_event(area, row, people)
    for row in document["highlight"]:
        load_highlight(area, row, people)
    for row in document["challenge"]:
        load_challenge(area, row, month, people)
    for row in document["support"]:
        load_support(area, row, people)


def load_action(area: PartnershipArea, row: dict[str, Any], people: People) -> None:
    coordinator, owner = people["coordinator"], people[row["owner"]]
    draft = plan.ActionDraft(
        title=row["title"],
        strand=Strand.objects.get(area=area, code=row["strand"]),
        board=Board.objects.get(area=area, code=row["board"]),
        agency=Agency.objects.get(area=area, code=row["agency"]),
        owner=owner,
        starts_on=row["starts_on"],
        due_on=row.get("first_due_on", row["due_on"]),
        measure=Indicator.objects.get(area=area, code=row["measure"]) if "measure" in row else None,
        no_measure_why=row.get("no_measure_why", ""),
        decided_in=Meeting.objects.get(area=area, held_on=row["decided_on"]) if "decided_on" in row else None,
    )
    expected = make_expectation(None, *row["expected"]) if "expected" in row else None
    with on(row["starts_on"]):
        action = plan.add_action(area, draft, expected=expected, by=coordinator)
    moved_on, why = row.get("moved", (row["starts_on"], ""))
    with on(moved_on):
        action = plan.change_action(
            action, replace(draft, due_on=row["due_on"]), revision=action.revision, why=why, by=coordinator
        )
    milestones = []
    for title, due_on, is_done in row["milestones"]:
        with on(row["starts_on"] if due_on <= draft.due_on else moved_on):
            milestones.append((progress.add_milestone(action, title=title, due_on=due_on, by=coordinator), is_done))
    for milestone, is_done in milestones:
        if is_done:
            with on(milestone.due_on):
                progress.tick_milestone(milestone, done=True, by=owner)
    if "complete" in row:
        with on(row["due_on"]):
            progress.add_update(action, text=row["complete"], rag=Rag.GREEN, by=owner)
            plan.complete_action(action, by=owner)
    elif "rag" in row or "update" in row:
        rag, why = Rag(row.get("rag", Rag.GREEN)), row.get("rag_why", "")
        with on(ago(row.get("said_ago", 5))):
            progress.add_update(action, text=row.get("update", why), rag=rag, rag_why=why, by=owner)


def make_expectation(indicator: Indicator | None, way: str, percent: int, by_month: str) -> ExpectationDraft:
    return ExpectationDraft(indicator, Way(way), percent, Month.parse(by_month))


def load_event(area: PartnershipArea, row: dict[str, Any], people: People) -> None:
    indicators = {indicator.code: indicator for indicator in Indicator.objects.filter(area=area)}
    draft = EventDraft(
        kind=EventKind(row["kind"]),
        title=row["title"],
        board=Board.objects.get(area=area, code=row["board"]) if "board" in row else None,
        starts_on=row["starts_on"],
        ends_on=row.get("ends_on"),
        said_by=row["said_by"],
        aims=tuple((indicators[code], Way(way)) for code, way in row["moves"]),
    )
    with on(row["told_on"]):
        event = add_event(area, draft, by=people["coordinator"])
    for code, way, percent, by_month, day, who in row["expected"]:
        with on(day):
            expect_of_event(event, make_expectation(indicators[code], way, percent, by_month), by=people[who])


def load_highlight(area: PartnershipArea, row: dict[str, Any], people: People) -> None:
    draft = HighlightDraft(
        kind=HighlightKind(row["kind"]),
        title=row["title"],
        strand=Strand.objects.get(area=area, code=row["strand"]),
        boards=tuple(Board.objects.filter(area=area, code__in=row["boards"])),
        starts_on=row["starts_on"],
        ends_on=row.get("ends_on"),
        story=row["story"],
        reach=row.get("reach"),
        reach_of=row.get("reach_of", ""),
        is_public=row.get("is_public", False),
    )
    coordinator = people["coordinator"]
    with on(draft.ends_on or draft.starts_on):
        highlight = add_highlight(area, draft, names_nobody=draft.is_public, by=coordinator)
        if "picture" in row:
            picture, alt = read_picture(poster(row["picture"])), row["picture_alt"]
            set_picture(highlight, picture, alt=alt, revision=highlight.revision, names_nobody=True, by=coordinator)


# --- Challenges and support -----------------------------------------------------------------------


def load_challenge(area: PartnershipArea, row: dict[str, Any], month: Month, people: People) -> None:
    draft = challenges.ChallengeDraft(
        area=area,
        **about(area, row, month),
        question=row["question"],
        answerer=people[row["answerer"]],
        due_on=timezone.localdate() + timedelta(days=row["days"]),
    )
    with on(ago(row["ago"])):
        challenge = challenges.raise_challenge(draft, by=people["strategic"])
    for days, act, who, words in row["said"]:
        with on(ago(days)):
            challenge = say(challenge, act, words, by=people[who])


def say(challenge: Challenge, act: str, words: str, *, by: User) -> Challenge:
    if act == "answer":
        return challenges.answer(challenge, text=words, seen=challenge.entries.count(), by=by)
    if act == "press":
        return challenges.press(challenge, text=words, by=by)
    if act == "accept":
        return challenges.accept(challenge, text=words, by=by)
    board = challenge.board
    if act != "escalate" or board is None:
        raise ValueError(f"plan.toml has no act “{act}”.")
    return challenges.escalate(challenge, to=board, why=words, by=by)


def load_support(area: PartnershipArea, row: dict[str, Any], people: People) -> None:
    draft = challenges.SupportDraft(area=area, **about(area, row, None), offer=row["offer"])
    with on(ago(row["ago"])):
        offered = challenges.offer_support(draft, by=people["strategic"])
    for days, _act, who, words in row["said"]:  # each of them is taken up
        with on(ago(days)):
            challenges.take_up(offered, why=words, by=people[who])


def about(area: PartnershipArea, row: dict[str, Any], month: Month | None) -> dict[str, Any]:
    """Return what a row is about, and who gets it."""
    subjects: dict[str, Any] = {}
    if "indicator" in row and month is not None:
        subjects["indicator"] = Indicator.objects.get(area=area, code=row["indicator"])
        subjects["period"] = ReportingPeriod.objects.get(area=area, starts_on=month.first_day)
    if "action" in row:
        subjects["action"] = Action.objects.get(area=area, title=row["action"])
    if "strand" in row:
        subjects["strand"] = Strand.objects.get(area=area, code=row["strand"])
    if "responsibility" in row:
        subjects["responsibility"] = Responsibility.objects.get(
            board__area=area, text__startswith=row["responsibility"]
        )
    if "board" in row:
        subjects["board"] = Board.objects.get(area=area, code=row["board"])
    if "agency" in row:
        subjects["agency"] = Agency.objects.get(area=area, code=row["agency"])
    return subjects
