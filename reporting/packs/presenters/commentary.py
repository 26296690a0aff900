"""What does a pack say about the month in an analyst’s own words?"""

from reporting.packs.presenters.shapes import Block, Chapter, Paragraph
from reporting.packs.presenters.sources import Sources


def commentary(sources: Sources) -> Chapter | None:
    """Return the chapter, which only partners read; None without a commentary."""
    said = sources.commentary
    if said is None:
        return None
    blocks: list[Block] = [Paragraph(words) for words in said.paragraphs]
    about = f" {said.about}." if said.about else ""
    blocks.append(Paragraph(f"Signed by {said.signed}.{about}", look="quiet"))
    return Chapter("commentary", "Commentary", tuple(blocks), follows=True)
