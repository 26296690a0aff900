"""QR codes of our own addresses, as whole SVG pictures: they lead from a screen or from paper to the same page."""

from dataclasses import dataclass

import qrcode
from django.conf import settings
from django.urls import reverse
from django.utils.safestring import SafeString

from core.calendar import Month
from core.pages import as_markup

QUIET_ZONE = 4  # dots without ink around it, which cameras need


@dataclass(frozen=True, slots=True)
class Code:
    """An address of ours as people type it, and its code: `size` dots wide and high."""

    address: str
    svg: str
    size: int

    @property
    def markup(self) -> SafeString:
        """Return it as a part of a page: our policy for contents allows no picture in an address."""
        return as_markup(self.svg)

    @property
    def alt(self) -> str:
        return f"QR code of {self.address}"


def indicator_code(area: str, month: Month, indicator: str) -> Code:
    """Return that of an indicator's page for a month. Whoever follows it signs in first."""
    return draw_code(f"{settings.SITE_URL}{reverse('reporting:indicator-short', args=[area, indicator, month])}")


def draw_code(url: str) -> Code:
    code = qrcode.QRCode(border=QUIET_ZONE)
    code.add_data(url)
    rows = code.get_matrix()
    dots = "".join(f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, is_dark in enumerate(row) if is_dark)
    size = len(rows)
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}">'
        f'<rect width="{size}" height="{size}" fill="#fff"/><path d="{dots}" fill="#000"/></svg>'
    )
    return Code(url.partition("://")[2], svg, size)
