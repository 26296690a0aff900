"""What does a board get on paper? The board pack as a PDF: a rendering of a reporting.presenters.pack.Pack."""

from reporting.packs.typesetting import build_pack

__all__ = ["build_pack"]
