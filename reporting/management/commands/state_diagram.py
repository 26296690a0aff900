from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from actions.workflow import ACTION, CHALLENGE, MEETING, SUPPORT
from boards.workflow import MONTH
from indicators.workflow import CORRECTION, EDITION, SUBMISSION

LIFECYCLES = (MONTH, SUBMISSION, CORRECTION, EDITION, ACTION, CHALLENGE, SUPPORT, MEETING)
FILE = Path("docs", "states.md")
INTRODUCTION = """# States

Which state may follow which, drawn from the tables in `boards/workflow.py`, `indicators/workflow.py` and
`actions/workflow.py` by `manage.py state_diagram`. In brackets: whose turn it is.
"""


class Command(BaseCommand):
    help = "Write docs/states.md, the diagrams of the life cycles, from their tables in the code."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="only say whether the file is up to date")

    def handle(self, *args: Any, check: bool, **options: Any) -> None:
        diagrams = [f"## {life.name}\n\n```mermaid\n{life.diagram()}\n```\n" for life in LIFECYCLES]
        content = "\n".join([INTRODUCTION, *diagrams])
        file = Path(settings.BASE_DIR) / FILE
        if not check:
            file.write_text(content, encoding="utf-8")
            self.stdout.write(f"Wrote {FILE}.")
        elif not file.exists() or file.read_text(encoding="utf-8") != content:
            raise CommandError(f"{FILE} doesn't match the tables: run manage.py state_diagram.")
        else:
            self.stdout.write(f"{FILE} is up to date.")
