"""The process that sets one pack. `reporting.packs.pdf.typesetting` starts it with what it is to set on standard input,
and reads the PDF from standard output. It knows no Django, and ends after one pack: Typst keeps its results, and a
thread in Typst can't be ended but with its process.
"""

import json
import signal
import sys
from typing import Any

import typst

from reporting.packs.pdf.printable import FONTS, each_text, with_row_headers

TEMPLATES = FONTS.parent


def typeset(data: dict[str, Any], *, taken_at: int, photos: str) -> bytes:
    """Return a pack's data as a PDF. `photos` is the folder with its pictures, all that Typst may read besides the
    templates. Raises TypstError if it lacks something that a screen reader needs, such as a picture's `alt`.
    """
    pdf: bytes = typst.compile(  # type: ignore[call-overload]  # it takes files by their names too
        templates(),
        root=photos,
        sys_inputs={"data": json.dumps(each_text(data))},
        # Only our own fonts, so that a pack looks the same wherever it is made.
        font_paths=typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[FONTS]),
        ignore_system_fonts=True,
        pdf_standards=["ua-1", "a-2a"],
        timestamp=taken_at,  # not the present time, because the same pack must give the same bytes
    )
    return with_row_headers(pdf)


def templates() -> dict[str, bytes]:
    """Return the templates by name. Typst's first one must be called main.typ."""
    files = {path.name: path.read_bytes() for path in TEMPLATES.glob("*.typ")}
    files["main.typ"] = files.pop("document.typ")
    return files


def main() -> None:
    order = json.load(sys.stdin)
    # Ends this process even inside Typst, and even if whoever started it is gone.
    signal.alarm(order["seconds"])
    try:
        pdf = typeset(order["data"], taken_at=order["taken_at"], photos=order["photos"])
    except typst.TypstError as fault:
        sys.exit(f"{fault}")
    sys.stdout.buffer.write(pdf)


if __name__ == "__main__":
    main()
