"""How does a pack get onto paper? As a PDF that Typst sets from the templates in reporting/packs/pdf/typst/.

Words and numbers go in as JSON, never as markup, photos as files, and nothing is worked out there. The result is
PDF/UA-1 and PDF/A-2a (readable by a screen reader, and fit for an archive), and the same pack gives the same bytes.
"""

import json
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import typst

from reporting.packs.pdf.printable import FONTS, each_text
from reporting.packs.pdf.tags import with_row_headers
from reporting.packs.presenters.shapes import Pack

TEMPLATES = FONTS.parent


def build_pack(pack: Pack) -> bytes:
    """The pack as a PDF. Raises TypstError where it lacks what a screen reader needs, such as a picture's `alt`."""
    with TemporaryDirectory() as photos:  # all that Typst may read beside the templates
        for sha256, content in pack.photos().items():
            Path(photos, f"{sha256}.jpg").write_bytes(content)
        try:
            pdf: bytes = typst.compile(  # type: ignore[call-overload]  # it takes files by their names too
                templates(),
                root=photos,
                sys_inputs={"data": json.dumps(each_text(pack.as_data()))},
                font_paths=fonts(),
                ignore_system_fonts=True,
                pdf_standards=["ua-1", "a-2a"],
                timestamp=pack.taken_at,  # not now: the same pack gives the same bytes
            )
        finally:
            forget()
    return with_row_headers(pdf)


def forget() -> None:
    """Typst keeps what it worked out until it has compiled ten more times, and can't be told not to. A process would
    hold the words of ten packs, and with them some 250 MB more: so compile ten times what costs next to nothing."""
    for _ in range(10):
        typst.compile(b"", font_paths=fonts(), ignore_system_fonts=True)


@cache
def templates() -> dict[str, bytes]:
    """By their names; the one that Typst begins with has to be called main.typ."""
    files = {path.name: path.read_bytes() for path in TEMPLATES.glob("*.typ")}
    files["main.typ"] = files.pop("document.typ")
    return files


@cache
def fonts() -> typst.Fonts:
    """Our own fonts only, so that a pack looks the same wherever it is made."""
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[FONTS])
