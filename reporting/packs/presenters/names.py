"""The name of a pack on its cover, in the register, and as a file."""

import re

from indicators.disclosure import Audience
from reporting.models import IssuedPack, PackKind
from reporting.packs.presenters.sources import Order, Sources


def make_title(order: Order) -> str:
    """ "Board pack for October 2026"."""
    month = order.period.month
    return {
        PackKind.MONTH: f"Board pack for {month.label}",
        PackKind.YEAR: f"One year on: {(month + -11).label} to {month.label}",
        PackKind.APPENDIX: f"Partners’ appendix to the public pack for {month.label}",
    }[order.kind]


def make_reference(order: Order, number: int | None = None) -> str:
    """ "ANYTOWN-2026-10-CSP-1": area, month, board, and the pack's number among the board's; a draft has no number."""
    reference = f"{order.period.area.slug}-{order.period.month}-{order.board.code}".upper()
    return reference if number is None else f"{reference}-{number}"


def draft_file_name(order: Order, *, version: int, marking: str, is_draft: bool) -> str:
    """ "OFFICIAL-SENSITIVE anytown csp 2026-10 v1 not issued.pdf": the marking first, and safe on any file system.
    `is_draft`: the month itself isn't published."""
    words = [
        marking,
        order.period.area.slug,
        order.board.code,
        str(order.period.month),
        "" if order.kind is PackKind.MONTH else order.kind.value,
        "public" if order.audience is Audience.PUBLIC else "",
        f"v{version}",
        "draft" if is_draft else "not issued",
    ]
    return safe(words)


def issued_file_name(pack: IssuedPack) -> str:
    """ "OFFICIAL-SENSITIVE ANYTOWN-2026-10-CSP-1.pdf"."""
    kind = "" if pack.kind == PackKind.MONTH else pack.kind
    return safe([pack.marking, pack.reference, kind])


def safe(words: list[str]) -> str:
    # Such a name is safe on any file system.
    return re.sub(r"[^A-Za-z0-9 -]+", "-", " ".join(filter(None, words))) + ".pdf"


def no_indicators(sources: Sources) -> str:
    if sources.order.kind is PackKind.APPENDIX:
        return f"The public pack for {sources.month.label} already shows all of this board’s figures."
    words = f"No indicators are set up for this board in {sources.month.label}."
    return words if sources.is_public else f"{words} The coordinator adds them in Set-up."
