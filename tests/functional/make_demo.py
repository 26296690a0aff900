"""Set a database up with the demo, and sign every account of it in.

Run as `python -m tests.functional.make_demo` with DATABASE_URL set. Prints each account's session,
as JSON: {"coordinator@anytown.example": "key of the session"}. The sign-in page has tests of its
own; the others needn't go through it.
"""

import json
import sys
from datetime import timedelta

import django
from django.conf import settings
from django.utils import timezone

PAST_FIGURES = """agency,indicator,category,month,value,state,note
police,drug-arrests,young-people,2026-09,3,,
police,drug-arrests,adults,2026-09,9,,
police,drug-arrests,young-people,2026-10,2,,
police,drug-arrests,adults,2026-10,11,,
"""

MORE_PAST_FIGURES = """agency,indicator,category,month,value,state,note
police,drug-arrests,young-people,2026-08,4,,
police,drug-arrests,adults,2026-08,90,,
"""


def main() -> None:
    django.setup()
    from django.core.management import call_command  # noqa: PLC0415  # needs the settings

    call_command("migrate", verbosity=0)
    call_command("load_demo", stdout=sys.stderr)
    publish_and_withdraw("2026-07")
    ask_for_packs("2026-09")
    fail_to_tell("A1")
    ask_for_officers("southend")
    hold_records("southend")
    ask_to_show("anytown", "lines")
    lead_a_county("2026-11")
    let_a_county_show("anytown", "southend", "town-2")
    keep_a_way_of_counting()
    begin_a_document("southend", key=900)
    begin_a_market("anytown", 2019)
    write_notes("anytown", "2026-10", key=900)
    stop_the_clock()
    keep_a_second_factor()
    make_area("newtown")
    make_area("oldtown", defined_from="2026-01")
    take_in("oldtown", PAST_FIGURES)
    wait_for_a_second_person("oldtown", MORE_PAST_FIGURES)
    json.dump(sign_everybody_in(), sys.stdout)


def publish_and_withdraw(month: str) -> None:
    """A month that was public, and is no more. Only its own edition goes, as if later ones were made after that: their
    pages are tried too."""
    from boards.models import ReportingPeriod  # noqa: PLC0415
    from core.models import User  # noqa: PLC0415
    from reporting.public import services as editions  # noqa: PLC0415
    from reporting.public.reach import Reach  # noqa: PLC0415
    from reporting.public.taking_down import take_down  # noqa: PLC0415

    coordinator, officer = (
        User.objects.get(email=f"{name}@anytown.example") for name in ("coordinator", "information")
    )
    period = ReportingPeriod.objects.select_related("area").get(area__slug="anytown", starts_on=f"{month}-01")
    edition = editions.ask_consent(period, by=coordinator)
    editions.agree(edition, by=officer, seen=edition.fingerprint)
    editions.publish_edition(edition, by=coordinator)
    edition.refresh_from_db()
    own = Reach(editions=[edition], packs=[], waiting=[])
    take_down(edition.period, own, why="Published too early", is_urgent=False, by=officer)


def ask_for_officers(area: str) -> None:
    """One who waits to be confirmed, and one who is new."""
    from boards.models import PartnershipArea  # noqa: PLC0415
    from boards.rules import Role  # noqa: PLC0415
    from boards.services.requests import ask_role, confirm_request  # noqa: PLC0415
    from core.models import User  # noqa: PLC0415

    held = PartnershipArea.objects.get(slug=area)
    coordinator, officer = (User.objects.get(email=f"{name}@{area}.example") for name in ("coordinator", "information"))
    for name in ("waiting", "new"):
        asked = ask_role(
            held,
            email=f"{name}@{area}.example",
            name=f"{name.capitalize()} officer",
            role=Role.INFORMATION,
            is_attested=True,
            by=coordinator,
        )
    confirm_request(asked, by=officer)


def hold_records(area: str) -> None:
    """A hold, a shorter period that waits for a second person, and something that will be deleted."""
    from boards.models import PartnershipArea  # noqa: PLC0415
    from boards.services.retention import find_kind, place_hold, set_months  # noqa: PLC0415
    from core.models import RetentionNotice, User  # noqa: PLC0415

    held, today = PartnershipArea.objects.get(slug=area), timezone.localdate()
    operator = User.objects.filter(is_superuser=True).order_by("pk")[0]
    officer = User.objects.get(email=f"information@{area}.example")
    place_hold(held, kind="pictures", why="A claim", ends_on=None, by=operator)
    for where, by in ((held, officer), (None, operator)):
        reads = find_kind(where, "reads")
        assert reads
        set_months(where, reads, months=12, why="Our schedule", by=by)
    RetentionNotice.objects.create(
        area=area,
        kind="drafts",
        older_than=timezone.now() - timedelta(days=365),
        count=3,
        announced_on=today,
        deletes_on=today + timedelta(days=30),
    )


def ask_to_show(area: str, code: str) -> None:
    """A rule that waits for a second person."""
    from core.models import User  # noqa: PLC0415
    from indicators.models import Indicator  # noqa: PLC0415
    from indicators.services.disclosure import set_rule  # noqa: PLC0415

    indicator = Indicator.objects.select_related("area").get(area__slug=area, code=code)
    officer = User.objects.get(email=f"information@{area}.example")
    set_rule(indicator.area, indicator=indicator, kind="show", why="Asked for by the press", by=officer)


def ask_for_packs(month: str) -> None:
    """A bundle that no worker ever makes."""
    from boards.models import ReportingPeriod  # noqa: PLC0415
    from core.models import User  # noqa: PLC0415
    from reporting.packs.services.issue import ask_bundle  # noqa: PLC0415

    period = ReportingPeriod.objects.select_related("area").get(area__slug="anytown", starts_on=f"{month}-01")
    ask_bundle(period, by=User.objects.get(email="strategic@anytown.example"))


def fail_to_tell(reference: str) -> None:
    """An e-mail of an action that could not be sent to its owner."""
    from actions.models import Action  # noqa: PLC0415
    from actions.workflow import ActionState, NoticeKind  # noqa: PLC0415
    from tests.letters import fail_to_warn  # noqa: PLC0415

    actions = Action.objects.filter(area__slug="anytown", state=ActionState.OPEN.value).select_related("area", "owner")
    action = next(action for action in actions if action.reference == reference)
    fault = {"message_id": "<a1@anytown.example>", "fault": "Connection unexpectedly closed"}
    fail_to_warn(action, NoticeKind.OVERDUE, action.owner, **fault)


def lead_a_county(month: str) -> None:
    """Somebody leads the police's return in fourteen towns."""
    from core.calendar import Month  # noqa: PLC0415
    from tests.together import make_county  # noqa: PLC0415

    make_county(14, month=Month.parse(month))


def let_a_county_show(*slugs: str) -> None:
    """A region of these areas with a pack, whose director is Essex's too. The second shows only what is public."""
    from boards.models import Consent, PartnershipArea, RegionMembership, Shows  # noqa: PLC0415
    from boards.rules import RegionRole  # noqa: PLC0415
    from core.models import User  # noqa: PLC0415
    from tests.factories.regions import make_region  # noqa: PLC0415
    from tests.region_packs import leave_issued  # noqa: PLC0415

    county = make_region(*(PartnershipArea.objects.get(slug=slug) for slug in slugs), slug="county")
    Consent.objects.filter(region=county, area__slug=slugs[1]).update(shows=Shows.PUBLIC.value)
    director = User.objects.get(email="director@essex.example")
    by = User.objects.filter(is_superuser=True).first()
    given = {"given_at": timezone.now(), "given_by": by}
    RegionMembership.objects.create(user=director, region=county, role=RegionRole.DIRECTOR.value, **given)
    leave_issued(county, by=director)


def begin_a_document(area: str, *, key: int) -> None:
    """A document with a chapter that somebody said something about, and an edition of it. Each row has this key."""
    from boards.models import PartnershipArea  # noqa: PLC0415
    from core.models import User  # noqa: PLC0415
    from indicators.disclosure import Audience  # noqa: PLC0415
    from reporting.documents.presenters.whole import make_whole  # noqa: PLC0415
    from reporting.documents.selectors import list_chapters  # noqa: PLC0415
    from reporting.models import ChapterComment, Document, DocumentChapter  # noqa: PLC0415
    from tests.documents import TEXT, leave_edition, take, write  # noqa: PLC0415

    now, by = timezone.now(), User.objects.get(email=f"coordinator@{area}.example")
    held = PartnershipArea.objects.get(slug=area)
    named = {"kind": "needs", "year": 2026, "title": "Strategic needs assessment", "begun_at": now, "begun_by": by}
    document = Document.objects.create(pk=key, area=held, **named)
    chapter = DocumentChapter.objects.create(pk=key, document=document, position=0, title="Where", asks="And when?")
    DocumentChapter.objects.create(document=document, position=1, title="Why")
    table = "| Place | Wounds |\n| --- | ---: |\n| Centre | 41 |"
    write(chapter, by=by, text=f"## Places\n\n{TEXT}\n\n1. First\n\n{table}")
    take(chapter, by=by)
    ChapterComment.objects.create(pk=key, chapter=chapter, text="Which year?", said_at=now, said_by=by)
    content = make_whole(document, list_chapters(document), [], audience=Audience.PARTNERS).as_data()
    leave_edition(document, reference="SOUTHEND-NEEDS-2026-1", content=content)


def begin_a_market(area: str, year: int) -> None:
    """A draft of an assessment of the drug market."""
    from boards.models import PartnershipArea  # noqa: PLC0415
    from core.models import User  # noqa: PLC0415
    from reporting.market.services import begin_assessment  # noqa: PLC0415

    lead = User.objects.get(email=f"public-health.lead@{area}.example")
    begin_assessment(PartnershipArea.objects.get(slug=area), year=year, by=lead)


def write_notes(area: str, month: str, *, key: int) -> None:
    """A challenge and a decision that somebody wrote down during a meeting. The challenge has this key."""
    from actions.models import MeetingNote, NoteKind  # noqa: PLC0415
    from boards.models import ReportingPeriod  # noqa: PLC0415
    from core.models import User  # noqa: PLC0415

    period = ReportingPeriod.objects.select_related("area").get(area__slug=area, starts_on=f"{month}-01")
    by = User.objects.get(email=f"strategic@{area}.example")
    written = {"area": period.area, "period": period, "noted_at": timezone.now(), "noted_by": by}
    asked, decided = NoteKind.CHALLENGE.value, NoteKind.DECISION.value
    about = period.area.indicators.get(code="cuckooed")
    MeetingNote.objects.create(pk=key, kind=asked, text="Who visits these homes?", indicator=about, **written)
    MeetingNote.objects.create(kind=decided, text="Every agency shares its list by January.", **written)


def keep_a_way_of_counting() -> None:
    from boards.models import Agency  # noqa: PLC0415
    from core.models import User  # noqa: PLC0415

    Agency.objects.get(area__slug="anytown", code="council-housing").column_mappings.create(
        pk=1,
        name="Houses",
        month_column="Date",
        saved_by=User.objects.get(email="council-housing.lead@anytown.example"),
    )


def keep_a_second_factor() -> None:
    """Somebody has an app, a passkey and recovery codes; and a lead has lost their phone."""
    from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes  # noqa: PLC0415

    from boards.models import Membership  # noqa: PLC0415
    from boards.services.factors import ask_reset  # noqa: PLC0415
    from core.models import User  # noqa: PLC0415
    from tests.factors import give_app, give_passkey  # noqa: PLC0415
    from tests.functional.site import PASSWORD, SECOND  # noqa: PLC0415

    person = User.objects.create_user(SECOND, PASSWORD, name="Second factor (demo)")
    give_app(person)
    RecoveryCodes.activate(person)
    give_passkey(person, "Work phone", pk=77)
    lead = User.objects.get(email="probation.lead@anytown.example")
    give_app(lead)
    coordinator = User.objects.get(email="coordinator@anytown.example")
    ask_reset(Membership.objects.get(user=lead), why="Left on a train; I rang them", by=coordinator)


def stop_the_clock() -> None:
    """Of what runs by the clock one job is done, one failed and the others never ran; and the clock has jumped."""
    from datetime import timedelta  # noqa: PLC0415

    from django.utils import timezone  # noqa: PLC0415

    from core.models import Clock, Job  # noqa: PLC0415

    now = timezone.now()
    before, later = now - timedelta(hours=3), now + timedelta(days=97)
    Clock.objects.create(seen_at=before, doubted_at=later)
    Job.objects.create(name="clear-sessions", done_for=now, started_at=now, succeeded_at=now)
    Job.objects.create(
        name="send-letters",
        started_at=before,
        failed_at=before,
        fault="3 emails in a row could not be sent. The others wait: Connection refused",
    )


def make_area(slug: str, **more: str) -> None:
    """One that its coordinator has just been given."""
    from django.core.management import call_command  # noqa: PLC0415

    coordinator = {
        "coordinator": f"coordinator@{slug}.example",
        "coordinator_name": f"Coordinator, {slug.capitalize()}",
    }
    place = {"slug": slug, "name": slug.capitalize(), "first_month": "2026-11"}
    call_command("make_area", source="starter", stdout=sys.stderr, **place, **coordinator, **more)


def take_in(slug: str, figures: str) -> None:
    """Figures of past months, which are opened for them and wait to be published together."""
    from boards.models import PartnershipArea  # noqa: PLC0415
    from indicators.imports.figures import read_figure_file  # noqa: PLC0415
    from indicators.services.past_figures import import_figures  # noqa: PLC0415

    file = read_figure_file(figures.encode(), name_of_file="history.csv")
    import_figures(PartnershipArea.objects.get(slug=slug), file.rows, name_of_file="history.csv", by=None)


def wait_for_a_second_person(slug: str, figures: str) -> None:
    """Past figures that the coordinator has brought in."""
    from boards.models import PartnershipArea  # noqa: PLC0415
    from core.models import User  # noqa: PLC0415
    from indicators.imports.figures import read_figure_file  # noqa: PLC0415
    from indicators.imports.history import History  # noqa: PLC0415
    from indicators.services.figure_imports import ask_import, preview_history  # noqa: PLC0415

    area, by = PartnershipArea.objects.get(slug=slug), User.objects.get(email=f"coordinator@{slug}.example")
    history = History("more.csv", read_figure_file(figures.encode(), name_of_file="more.csv"))
    looked = preview_history(area, history, by=by)
    assert looked.taken is not None
    ask_import(area, history, is_reaching=False, seen=looked.taken.fingerprint, by=by)


def sign_everybody_in() -> dict[str, str]:
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY  # noqa: PLC0415

    from core.identity.sessions import SessionStore  # noqa: PLC0415
    from core.models import Session, User  # noqa: PLC0415

    keys = {}
    for user in User.objects.all():
        session = SessionStore()
        session[SESSION_KEY] = str(user.pk)
        session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
        session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        session.save()
        keys[user.email] = str(session.session_key)
    # A copy of them may be opened hours later.
    last = timezone.now() + timedelta(seconds=settings.SESSION_COOKIE_AGE)
    Session.objects.update(expire_date=last)
    return keys


if __name__ == "__main__":
    main()
