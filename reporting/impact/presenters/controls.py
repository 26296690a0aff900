"""Which other series is an indicator compared with? None, as long as no area consents and no open data is taken in."""

from collections.abc import Mapping, Sequence

from boards.models import PartnershipArea
from reporting.impact.results import Controls
from reporting.impact.selectors import Key, Part

NO_CONTROLS = Controls()


def list_controls(area: PartnershipArea, parts: Mapping[Key, Sequence[Part]]) -> dict[str, Controls]:
    """By the indicator's code."""
    return {code: NO_CONTROLS for _, code in parts}
