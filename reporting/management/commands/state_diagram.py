from pathlib import Path

from actions.workflow import ACTION, CHALLENGE, MEETING, SUPPORT
from boards.rules import MONTH
from indicators.workflow import CORRECTION, SUBMISSION
from reporting.management.files import DocumentCommand
from reporting.workflow import CHAPTER, EDITION, MARKET

LIFECYCLES = (MONTH, SUBMISSION, CORRECTION, EDITION, CHAPTER, ACTION, CHALLENGE, SUPPORT, MEETING, MARKET)
INTRODUCTION = """# States

The states of each thing, and which may follow which. `manage.py state_diagram` draws them from the tables in
`boards/rules.py` and each app’s `workflow.py`. The words in brackets say whose turn it is.
"""


class Command(DocumentCommand):
    help = "Write docs/states.md, the diagrams of the life cycles, from their tables in the code."
    file = Path("docs", "states.md")
    command = "state_diagram"

    def make(self) -> str:
        diagrams = [f"## {life.name}\n\n```mermaid\n{life.diagram()}\n```\n" for life in LIFECYCLES]
        return "\n".join([INTRODUCTION, *diagrams])
