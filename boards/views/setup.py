"""The parts of an area's set-up that this app holds: agencies, boards, strands."""

from typing import Any

from boards.forms import AgencyForm, BoardForm, StrandForm
from boards.models import Agency, Board, PartnershipArea, Strand
from boards.services.responsibilities import save_board
from boards.views.parts import Part


def save_board_form(form: BoardForm, *, area: PartnershipArea, by: Any) -> None:
    texts = form.cleaned_data["responsibilities"]
    save_board(form.instance, responsibilities=texts, same=form.rewordings, area=area, by=by)


AGENCIES = Part(
    model=Agency,
    form=AgencyForm,
    folder="agencies",
    noun="an agency",
    plural="agencies",
    purpose="The organisations that supply figures. Each sends one return a month, entered by its lead.",
    columns=(("Code", "code"), ("Kind", "get_kind_display"), ("Order", "position")),
    when_retired="A retired agency owes no more returns and can’t be chosen for an indicator. "
    "What it has reported stays.",
)
BOARDS = Part(
    model=Board,
    form=BoardForm,
    folder="boards",
    noun="a board",
    plural="boards",
    purpose="The statutory boards, and the strategic group drawn from them. Each has a page of its own every month.",
    columns=(("Short name", "short_name"), ("Code", "code"), ("Order", "position")),
    when_retired="A retired board has no page in the months to come. Its published months stay.",
    related=(("Order of its indicators", "indicators:board-order"),),
    save=save_board_form,
)
STRANDS = Part(
    model=Strand,
    form=StrandForm,
    folder="strands",
    noun="a strand",
    plural="strands",
    purpose="The strands of the area’s action plan.",
    columns=(("Code", "code"), ("Summary", "summary"), ("Order", "position")),
)
