"""The process that sets one pack. `reporting.packs.pdf.typesetting` starts it with what it is to set on standard input,
and reads the PDF from standard output. It knows no Django, and ends after one pack: Typst keeps its results, and a
thread in Typst can't be ended but with its process.
"""

import json
import resource
import signal
import sys
from dataclasses import asdict
from itertools import pairwise
from typing import Any

import typst

from reporting.packs.pdf.printable import FONTS, each_text, with_row_headers
from reporting.packs.pdf.sheets import Ending, Sheet, lay_out, split_chapters

TEMPLATES = FONTS.parent


def typeset(data: dict[str, Any], *, taken_at: int, photos: str) -> bytes:
    """Return a pack's data as a PDF. `photos` is the folder with its pictures, all that Typst may read besides the
    templates. Raises TypstError if it lacks something that a screen reader needs, such as a picture's `alt`.
    """
    pack = each_text(data)
    parts = list(split_chapters(pack.pop("chapters")))
    said = json.dumps(pack | {"parts": parts})
    how: dict[str, Any] = {
        "root": photos,
        # Only our own fonts, so that a pack looks the same wherever it is made.
        "font_paths": typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[FONTS]),
        "ignore_system_fonts": True,
        "sys_inputs": {"data": said},
    }

    def laid_out(sheets: list[Sheet]) -> dict[str, Any]:
        # A file, not another input: with other inputs Typst would forget all that it has set so far.
        files = templates() | {"sheets.json": json.dumps(list(map(asdict, sheets))).encode()}
        return how | {"input": files}

    def measure(sheets: list[Sheet]) -> list[Ending]:
        (ends,) = json.loads(typst.query(selector="<ends>", field="value", **laid_out(sheets)))
        pages = [end["page"] for end in ends]
        return [Ending(own - last, end["used"]) for (last, own), end in zip(pairwise([0, *pages]), ends, strict=True)]

    pdf: bytes = typst.compile(
        pdf_standards=["ua-1", "a-2a"],
        timestamp=taken_at,  # not the present time, because the same pack must give the same bytes
        **laid_out(lay_out(parts, measure, is_short=pack["is_short"])),
    )
    return with_row_headers(pdf)


def templates() -> dict[str, bytes]:
    """Return the templates by name. Typst's first one must be called main.typ."""
    files = {path.name: path.read_bytes() for path in TEMPLATES.glob("*.typ")}
    files["main.typ"] = files.pop("document.typ")
    return files


def main() -> None:
    order = json.load(sys.stdin)
    resource.setrlimit(resource.RLIMIT_AS, (order["memory"], order["memory"]))
    # Ends this process even inside Typst, and even if whoever started it is gone.
    signal.alarm(order["seconds"])
    try:
        pdf = typeset(order["data"], taken_at=order["taken_at"], photos=order["photos"])
    except MemoryError:
        raise
    except Exception as fault:  # noqa: BLE001  # Typst's, or ours about its data: it would come again. A panic is none
        sys.stderr.write(f"{type(fault).__name__}: {fault}\n")
        sys.exit(order["unprintable"])
    sys.stdout.buffer.write(pdf)


if __name__ == "__main__":
    main()
