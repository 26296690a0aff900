"""Who may see which figure? Pure: the one gate that every snapshot's figures pass.

Partners under the information-sharing agreement see true figures. The public edition needs the
protection of small numbers, which isn't built yet: until it is, the gate refuses that audience
rather than let a figure through.
"""

from collections.abc import Iterable

from core.labels import Labelled


class Audience(Labelled):
    PARTNERS = "partners", "Partners under the information-sharing agreement"
    PUBLIC = "public", "The public"


class AudienceRefused(Exception):
    """Nothing may be shown to this audience. Its text is a sentence for the user."""


def disclose[Line](lines: Iterable[Line], *, audience: Audience) -> list[Line]:
    """The lines as the audience may see them.

    Raises AudienceRefused for the public.
    """
    if audience is not Audience.PARTNERS:
        raise AudienceRefused(
            "There is no public edition yet: small numbers can't be protected so far, so nothing is shown."
        )
    return list(lines)
