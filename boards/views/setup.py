"""The set-up pages of this app's parts: agencies, boards, strands."""

from typing import Any

from boards.forms.parts import AgencyForm, BoardForm, StrandForm
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
    purpose="They supply the figures: police, council, NHS and so on. Each agency’s lead enters one return a month.",
    columns=(("Code", "code"), ("Kind", "get_kind_display"), ("Order", "position")),
    when_retired="A retired agency has no more returns to send, and you can’t choose it for an indicator. Its past "
    "figures stay.",
)
BOARDS = Part(
    model=Board,
    form=BoardForm,
    folder="boards",
    noun="a board",
    plural="boards",
    purpose="The statutory boards, and the strategic group drawn from them. Each board has its own page every month.",
    columns=(("Short name", "short_name"), ("Code", "code"), ("Order", "position")),
    when_retired="A retired board has no page in future months. Its published months stay.",
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
