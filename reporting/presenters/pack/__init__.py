"""What does a board pack say? Words, numbers and pictures, as plain data, for one board, month and audience."""

from reporting.presenters.pack.names import issued_file_name, reference_of, title_of
from reporting.presenters.pack.order import MadePack, make_pack
from reporting.presenters.pack.shapes import Chapter, Pack, photos_told
from reporting.presenters.pack.sources import Order

__all__ = [
    "Chapter",
    "MadePack",
    "Order",
    "Pack",
    "issued_file_name",
    "make_pack",
    "photos_told",
    "reference_of",
    "title_of",
]
