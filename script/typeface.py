"""Makes static/fonts, the typeface of the pages, out of the fonts that packs are set in.

    python3 -m venv SOMEWHERE && SOMEWHERE/bin/pip install fonttools==4.68.0 brotli==1.2.1
    SOMEWHERE/bin/python script/typeface.py

The fonts are kept with the project, so this runs only to make them anew: the same releases of fonttools
and brotli give the same bytes. They hold the letters and signs that pages have; a letter that isn't among
them comes from a face of the reader's own. The licence (static/fonts/LICENSE.md) keeps the name "Source"
for fonts that nobody changed, so these have a name of ours.
"""

import hashlib
from pathlib import Path

from fontTools.subset import Options, Subsetter, load_font, save_font

ROOT = Path(__file__).resolve().parent.parent
WHOLE = ROOT / "reporting" / "packs" / "pdf" / "typst" / "fonts"
TARGET = ROOT / "static" / "fonts"
MADE = {"Regular": "vv-sans-regular.woff2", "Semibold": "vv-sans-semibold.woff2"}
FAMILY = "VV Sans"
LETTERS = (
    *range(0x20, 0x7F),
    *range(0xA0, 0x180),  # Latin-1 and Latin Extended-A: Welsh ŵ and ŷ, Polish, Turkish …
    *range(0x218, 0x21C),  # Romanian
    *(*range(0x1E80, 0x1E86), 0x1EF2, 0x1EF3),  # Welsh, with accents
    *range(0x1EA0, 0x1EFA),  # Vietnamese
    *(0x1A0, 0x1A1, 0x1AF, 0x1B0),
)
SIGNS = "\u2009\u200a\u202f\u2010\u2011\u2012–—―‘’‚“”„†‡•…‰′″‹›⁄€ℓ№™←↑→↓↔−∕≈≠≤≥■□▪▲△▴▶▸▼▽▾◀◂◆◊○●◦✓✗"
FEATURES = ["ccmp", "kern", "locl"]  # its numbers are tabular and on the line without one
FAMILY_NAME, STYLE, UNIQUE, FULL, POSTSCRIPT = 1, 2, 3, 4, 6
COPYRIGHT, VERSION, LICENCE, LICENCE_ADDRESS = 0, 5, 13, 14


def make_subset(style: str) -> None:
    options = Options(
        flavor="woff2",
        layout_features=FEATURES,
        name_IDs=[COPYRIGHT, FAMILY_NAME, STYLE, UNIQUE, FULL, VERSION, POSTSCRIPT, LICENCE, LICENCE_ADDRESS],
        name_languages=[0x409],
        desubroutinize=True,  # packs better
    )
    font = load_font(WHOLE / f"SourceSans3-{style}.otf", options)
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=[*LETTERS, *map(ord, SIGNS)])
    subsetter.subset(font)
    plain = FAMILY.replace(" ", "")
    names = {FAMILY_NAME: FAMILY, STYLE: style, UNIQUE: f"{plain}-{style}", FULL: f"{FAMILY} {style}"}
    for number, name in {**names, POSTSCRIPT: f"{plain}-{style}"}.items():
        font["name"].setName(name, number, 3, 1, 0x409)
    letters = font["CFF "].cff
    letters.fontNames = [f"{plain}-{style}"]
    letters[0].FullName, letters[0].FamilyName = f"{FAMILY} {style}", FAMILY
    save_font(font, TARGET / MADE[style], options)


def main() -> None:
    recorded = []
    for style, name in MADE.items():
        make_subset(style)
        for font in (WHOLE / f"SourceSans3-{style}.otf", TARGET / name):
            recorded.append(f"{hashlib.sha256(font.read_bytes()).hexdigest()}  {font.relative_to(ROOT)}")
    (TARGET / "made.sha256").write_text("\n".join(recorded) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
