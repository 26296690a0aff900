"""Abbreviations are spelt out where they are first used."""

import re
from pathlib import Path

import pytest

from reporting.packs.presenters.order import spelt_out
from reporting.packs.presenters.shapes import Cell, Chapter, Column, Heading, Paragraph, Picture, Table, Tile, Tiles
from reporting.public.abbreviations import SPELT_OUT, spell_out

GLOSSARY = Path(__file__).parents[2] / "docs" / "glossary.md"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("NRM referrals", "National Referral Mechanism (NRM) referrals"),
        ("PWITS: the NRM", "Possession with intent to supply (PWITS): the National Referral Mechanism (NRM)"),
        ("Woundings at A&E, and A&E", "Woundings at accident and emergency (A&E), and A&E"),
        ("health services (A&E)?", "health services (accident and emergency, A&E)?"),
        ("At accident and emergency (A&E)", "At accident and emergency (A&E)"),
        (
            "ISTV (Information Sharing to Tackle Violence) return",
            "Information Sharing to Tackle Violence (ISTV) return",
        ),
        ("NRM (by age)", "National Referral Mechanism (NRM) (by age)"),
        ("ANYTOWN-2026-10-CSP-1 and CSPs", "ANYTOWN-2026-10-CSP-1 and CSPs"),
        ("Seen. RAG is", "Seen. Red, amber or green (RAG) is"),
    ],
)
def test_it_is_spelt_out_once(text: str, said: str):
    seen: set[str] = set()
    assert spell_out(text, seen) == said
    assert spell_out(text, seen).count("(National") == 0


def test_what_was_told_is_not_told_again():
    assert spell_out("The NRM", {"NRM"}) == "The NRM"


def test_each_is_in_the_glossary_too():
    """Or so well known that it needs none there."""
    words = set(re.findall(r"[\w&]+", " ".join(re.findall(r"^\| ([^|]+) \|", GLOSSARY.read_text(), re.M))))
    assert SPELT_OUT.keys() - words <= {"NHS", "PACE", "KPI", "KPIs"}


def test_whatever_may_begin_a_page_tells_it_anew():
    rows = tuple((Cell("NRM"), Cell("NRM")) for _ in range(9))  # more than stay together
    tile = Tile("NRM", "1", True, "", (("NRM", False),), (), None)
    chapter = Chapter(
        "a",
        "NRM",
        (
            Paragraph("NRM"),
            Heading("NRM", "NRM"),
            Paragraph("NRM"),
            Table("NRM", (Column("A"), Column("B")), rows[:2]),
            Table("", (Column("A"), Column("B")), rows),
            Tiles((tile,) * 7, are_large=True),
            Picture("<svg>NRM</svg>", 1, 1, alt="NRM", title="Another NRM"),
        ),
    )
    full, short = "National Referral Mechanism (NRM)", "NRM"
    found = spelt_out(chapter)
    first, heading, after, small, long, tiles, picture = found.blocks
    assert (found.title, first, heading, after) == (full, Paragraph(short), Heading(full, "NRM"), Paragraph(short))
    assert isinstance(small, Table)
    assert (small.caption, [cell.text for row in small.rows for cell in row]) == (full, [short] * 4)
    assert isinstance(long, Table)
    assert [[cell.text for cell in row] for row in long.rows] == [[full, short]] * 9
    assert isinstance(tiles, Tiles)
    assert [each.question for each in tiles.tiles] == [full, short] * 3 + [full]  # two in a row
    assert isinstance(picture, Picture)
    assert (picture.svg, picture.alt, picture.title) == ("<svg>NRM</svg>", "NRM", f"Another {short}")
