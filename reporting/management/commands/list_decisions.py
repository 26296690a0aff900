from pathlib import Path

from django.conf import settings

from reporting.management.files import DocumentCommand

FOLDER = Path("docs", "adr")
INTRODUCTION = """# Decisions

The choices that are hard to change later, and the reasons for them. When to write one is in
[0001](0001-record-decisions.md). `manage.py list_decisions` makes this list from the files. A number that is missing
here is in the list of [superseded decisions](superseded.md).
"""


class Command(DocumentCommand):
    help = "Write docs/adr/README.md, the list of decisions, from the files beside it."
    file = FOLDER / "README.md"
    command = "list_decisions"

    def make(self) -> str:
        files = sorted(Path(settings.BASE_DIR, FOLDER).glob("[0-9]*.md"))
        return "\n".join([INTRODUCTION, "| Number | Decision |", "| --- | --- |", *map(make_row, files)]) + "\n"


def make_row(file: Path) -> str:
    """Make the row of a decision, from a heading such as "# 0002 Six apps in one direction"."""
    heading = file.read_text(encoding="utf-8").partition("\n")[0]
    number, _, title = heading.removeprefix("# ").partition(" ")
    return f"| {number} | [{title}]({file.name}) |"
