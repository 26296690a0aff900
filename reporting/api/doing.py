"""What partners read with a key about what is being done: the plan, challenges, and KPIs."""

from django.http import HttpResponse
from django.utils import timezone
from ninja import Router

from actions.models import Challenge
from actions.presenters.challenges import ChallengeView, challenge_view, find_kind
from actions.presenters.files import challenge_row
from actions.presenters.plan import plan_rows
from actions.selectors.challenges import with_entries
from actions.selectors.plan import rows_of
from boards.key_secrets import Scope
from boards.selectors import list_strands
from core.calendar import Month
from core.files.tables import Row
from core.pages import NotHeld
from reporting.api import schemas
from reporting.api.answers import PageNumber, PageSize, Rows, Town, answer_page_with, responses
from reporting.api.door import Key
from reporting.api.partners import KeyRequest, MonthAsked, key_for
from reporting.kpis.presenters import kpi_rows
from reporting.kpis.readings import KpisPage
from reporting.months.selectors import find_month

router = Router(tags=["What is being done"])


@router.get(
    "/areas/{town}/plan",
    response=responses(schemas.Plan),
    auth=Key(Scope.PLAN),
    url_name="plan",
    summary="The action plan",
)
def list_plan(request: KeyRequest, town: Town, page: PageNumber, size: PageSize) -> HttpResponse:
    area = key_for(request, town).area
    strands = {strand.pk: strand for strand in list_strands(area)}
    rows = plan_rows(rows_of(area=area), strands, today=timezone.localdate())
    return answer_page_with(request, Rows("actions", rows, {"area": town}), page, size)


@router.get(
    "/areas/{town}/challenges",
    response=responses(schemas.Challenges),
    auth=Key(Scope.CHALLENGES),
    url_name="challenges",
    summary="Challenges that the key’s owner may read",
)
def list_challenges(request: KeyRequest, town: Town, page: PageNumber, size: PageSize) -> HttpResponse:
    today = timezone.localdate()
    challenges = with_entries(Challenge.objects.readable_by(key_for(request, town).access)).order_by("-number")
    rows = [with_codes(challenge_view(challenge, today=today)) for challenge in challenges]
    return answer_page_with(request, Rows("challenges", rows, {"area": town}), page, size)


def with_codes(view: ChallengeView) -> Row:
    codes = {"state_code": view.state.value, "about_kind_code": find_kind(view.challenge)}
    return {**challenge_row(view), **codes, "is_overdue": view.is_overdue}


@router.get(
    "/areas/{town}/kpis",
    response=responses(schemas.Kpis),
    auth=Key(Scope.KPIS),
    url_name="kpis",
    summary="KPIs in the newest published month",
)
def list_kpis(
    request: KeyRequest, town: Town, page: PageNumber, size: PageSize, month: MonthAsked = None
) -> HttpResponse:
    access = key_for(request, town).access
    wanted_month = Month.parse(month) if month else None
    if wanted_month and not access.can_see_month(find_month(access.area, wanted_month).period):
        raise NotHeld(f"{wanted_month.label} is not published.")
    kpis = KpisPage(access, month=wanted_month)
    about = {"area": town, "month": str(kpis.month) if kpis.month else None}
    return answer_page_with(request, Rows("kpis", kpi_rows(kpis.rows), about), page, size)
