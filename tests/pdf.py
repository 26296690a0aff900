"""What does a PDF say? Read with another program than the one that made it."""

import re
import subprocess

from reporting.packs.pdf.printable import ZERO_WIDTH_SPACE


def text_of(pdf: bytes) -> str:
    """The text in reading order, on one line, a form feed after each page."""
    ran = subprocess.run(["pdftotext", "-raw", "-", "-"], input=pdf, capture_output=True, check=True)
    return re.sub(r"[^\S\f]+", " ", ran.stdout.decode().replace(ZERO_WIDTH_SPACE, ""))
