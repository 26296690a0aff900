"""What a board answers for, line by line: a challenge or an offer that is about a line stays about that."""

import pytest
from django.core.exceptions import ValidationError

from boards.services.area import Rewording, set_responsibilities
from core.forms.fields import fingerprint
from core.models import AuditEvent
from tests.challenging import ask, make_responsibility, offer
from tests.integration import setup_pages
from tests.integration.setup_pages import errors
from tests.scenarios import Town

pytestmark = pytest.mark.django_db
PATROLS, POLICING, ORDERS = "Patrols", "Community policing", "Closure orders"
BOARD = {"name": "Safety Partnership", "short_name": "CSP", "position": "1"}


@pytest.fixture
def town(monkeypatch) -> Town:
    """The board answers for two things, of which a challenge is about the second."""
    town = setup_pages.make_town(monkeypatch)
    set_responsibilities(town.csp, [PATROLS, POLICING], by=town.coordinator)
    ask(town, responsibility=make_responsibility(town, POLICING))
    return town


@pytest.fixture
def page(town, client):
    return setup_pages.opener(town, client)


def texts(town: Town) -> list[str]:
    return [duty.text for duty in town.csp.responsibilities.all()]


def say(town: Town, *lines: str, same: tuple[Rewording, ...] = ()) -> None:
    set_responsibilities(town.csp, list(lines), same=same, by=town.coordinator)


def refused(town: Town, *lines: str, same: tuple[Rewording, ...] = ()) -> str:
    with pytest.raises(ValidationError) as refusal:
        say(town, *lines, same=same)
    assert texts(town) == [PATROLS, POLICING]
    return " ".join(refusal.value.message_dict["responsibilities"])


def test_a_line_that_something_is_about_does_not_become_another_one_silently(town):
    words = refused(town, PATROLS, ORDERS)
    assert words == (
        "A challenge or an offer of support is about “Community policing”. Does “Closure orders” mean the same in "
        "different words? If so, tick the box. If not, put “Community policing” back, because you can’t remove it."
    )
    assert refused(town, PATROLS, ORDERS, same=(Rewording(PATROLS, ORDERS), Rewording(POLICING, "Policing"))) == words


def test_somebody_says_that_it_is_the_same_and_it_is_the_same_row(town):
    duty = make_responsibility(town, POLICING)
    say(town, "Neighbourhood policing", PATROLS, same=(Rewording(POLICING, "Neighbourhood policing"),))
    duty.refresh_from_db()
    assert (duty.text, texts(town)) == ("Neighbourhood policing", ["Neighbourhood policing", PATROLS])
    event = AuditEvent.objects.filter(verb="board.responsibilities_set").latest("id")
    assert event.details == {
        "same": [[POLICING, "Neighbourhood policing"]],
        "changes": {"responsibilities": [f"{PATROLS}\n{POLICING}", f"Neighbourhood policing\n{PATROLS}"]},
    }


def test_an_offer_keeps_a_line_too(town):
    offer(town, responsibility=make_responsibility(town, PATROLS))
    assert "“Patrols”. Does “Closure orders”" in refused(town, ORDERS, POLICING)


def test_it_can_be_moved_and_others_be_reworded_or_go_without_being_asked(town):
    say(town, POLICING, ORDERS)
    assert texts(town) == [POLICING, ORDERS]
    say(town, POLICING)
    assert texts(town) == [POLICING]
    event = AuditEvent.objects.filter(verb="board.responsibilities_set").latest("id")
    assert event.details == {"changes": {"responsibilities": [f"{POLICING}\n{ORDERS}", POLICING]}}


def test_it_can_not_be_taken_out(town):
    for lines in ([PATROLS], [PATROLS, ORDERS, "Training"], []):
        assert "“Community policing” has a challenge or an offer of support, so you can’t remove it" in refused(
            town, *lines
        )


def test_the_form_asks_shows_both_and_keeps_what_was_typed(town, page):
    typed = {**BOARD, "responsibilities": f"{PATROLS}\n{ORDERS}"}
    answer = page("boards:board-edit", "csp", **typed)
    (question,) = errors(answer)
    assert "is about “Community policing”. Does “Closure orders” mean the same in different words?" in question
    html = answer.content.decode()
    assert f"{PATROLS}\n{ORDERS}</textarea>" in html
    assert "It means the same in different words" in html
    tick = fingerprint([str(Rewording(POLICING, ORDERS))])
    assert f'value="{tick}"' in html
    assert texts(town) == [PATROLS, POLICING]

    assert errors(page("boards:board-edit", "csp", **typed, same_duty="on")) == [question]  # a tick for something else
    saved = page("boards:board-edit", "csp", **typed, same_duty=tick)
    assert "Safety Partnership has been saved." in saved.content.decode()
    assert texts(town) == [PATROLS, ORDERS]


def test_a_tick_is_not_for_what_was_typed_since(town, page):
    tick = fingerprint([str(Rewording(POLICING, "Neighbourhood policing"))])
    typed = {**BOARD, "responsibilities": f"{PATROLS}\n{ORDERS}", "same_duty": tick}
    assert "Does “Closure orders” mean the same" in errors(page("boards:board-edit", "csp", **typed))[0]


def test_nothing_is_asked_where_nothing_is_about_it(town, page):
    answer = page("boards:board-edit", "csp", **BOARD, responsibilities=f"{ORDERS}\n{POLICING}")
    assert "same_duty" not in answer.content.decode()
    assert texts(town) == [ORDERS, POLICING]


def test_of_a_challenge_that_came_in_between_the_service_asks(town, page, monkeypatch):
    monkeypatch.setattr("boards.forms.parts.rewordings", lambda *_: [])
    answer = page("boards:board-edit", "csp", **BOARD, responsibilities=f"{PATROLS}\n{ORDERS}")
    assert "Does “Closure orders” mean the same in different words?" in errors(answer)[0]
    assert texts(town) == [PATROLS, POLICING]
