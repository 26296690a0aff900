"""What does a return's form show beside its boxes? The month before, existing figures, usual ranges and ratios."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from boards.models import Agency
from core.months import Month
from indicators.selectors.elsewhere import Shared, list_shared_by_agency
from indicators.selectors.returns import Box, Figures, get_figures_of_two
from indicators.selectors.series import Past, get_pasts_by_agency
from indicators.selectors.worked_out import WorkedOut, list_worked_out_by_return


@dataclass(frozen=True, slots=True)
class Background:
    """One return's background, by the names of its boxes. `last` has the figures of the month before. `brought` has
    signed-off figures of the month itself, from a file or a correction, while the return is being typed. It also has
    each box's past, and the wholes that the return shares with others."""

    last: Figures
    brought: Figures
    pasts: Mapping[str, Past]
    worked_out: Sequence[WorkedOut]
    shared: Sequence[Shared]


def get_background(agency: Agency, month: Month, boxes: Sequence[Box]) -> Background:
    return get_backgrounds({agency: boxes}, month)[agency.pk]


def get_backgrounds(boxes_of: Mapping[Agency, Sequence[Box]], month: Month) -> dict[int, Background]:
    """Return backgrounds by the agency's key. Six queries for any number of agencies, and more for ratios that need
    others' figures."""
    last, brought = get_figures_of_two(boxes_of.keys(), month.previous, month)
    pasts = get_pasts_by_agency(boxes_of, month)
    worked_out = list_worked_out_by_return(list(boxes_of.values()), month)
    shared = list_shared_by_agency(boxes_of, month)
    return {
        agency.pk: Background(last[agency.pk], brought[agency.pk], pasts[agency.pk], ratios, shared[agency.pk])
        # Dictionaries keep their order, so each return gets its own ratios.
        for agency, ratios in zip(boxes_of, worked_out, strict=True)
    }
