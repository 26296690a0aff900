"""How does a pack get onto paper? Typst sets a PDF from the templates in reporting/packs/pdf/typst/. They get text and
numbers as JSON, never as markup, and photos as files, and work nothing out. The result is PDF/UA-1 and PDF/A-2a:
readable by a screen reader, and fit for an archive. The same pack gives the same bytes.
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
    """Return the pack as a PDF. Raises TypstError if it lacks something that a screen reader needs, such as a picture's
    `alt`.
    """
    with TemporaryDirectory() as photos:  # all that Typst may read besides the templates
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
                timestamp=pack.taken_at,  # not the present time, because the same pack must give the same bytes
            )
        finally:
            forget()
    return with_row_headers(pdf)


def forget() -> None:
    """Typst keeps its results until it has compiled ten more times, and no setting changes that. A process would keep
    the text of ten packs, some 250 MB. So compile something tiny ten times.
    """
    for _ in range(10):
        typst.compile(b"", font_paths=fonts(), ignore_system_fonts=True)


@cache
def templates() -> dict[str, bytes]:
    """Return the templates by name. Typst's first one must be called main.typ."""
    files = {path.name: path.read_bytes() for path in TEMPLATES.glob("*.typ")}
    files["main.typ"] = files.pop("document.typ")
    return files


@cache
def fonts() -> typst.Fonts:
    """Use only our own fonts, so that a pack looks the same wherever it is made."""
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[FONTS])
