from pathlib import Path

from django.conf import settings

from reporting.management.files import DocumentCommand

FOLDER = Path("docs", "adr")
INTRODUCTION = """# Decisions

What is hard to change later, and why. `manage.py list_decisions` makes this list from the files. A number that is
missing here is [superseded](superseded.md).
"""


class Command(DocumentCommand):
    help = "Write docs/adr/README.md, the list of decisions, from the files beside it."
    file = FOLDER / "README.md"
    command = "list_decisions"

    def make(self) -> str:
        files = sorted(Path(settings.BASE_DIR, FOLDER).glob("[0-9]*.md"))
        return "\n".join([INTRODUCTION, *map(make_item, files)]) + "\n"


def make_item(file: Path) -> str:
    """Make the item of a decision, from a heading such as "# 0002 Six apps import in one direction"."""
    heading = file.read_text(encoding="utf-8").partition("\n")[0]
    return f"- [{heading.removeprefix('# ')}]({file.name})"
