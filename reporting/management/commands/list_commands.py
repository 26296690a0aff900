import re
from collections.abc import Iterator
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.core.management import get_commands, load_command_class

from reporting.management.files import DocumentCommand

INTRODUCTION = """# Scripts and commands

What each does and needs. Made from its own help by `manage.py list_commands`; `script/check` fails where this page is
out of step. `--help` says the rest. The tools that measure the product are in [bench](../bench/README.md).

## Scripts

| Script | Does |
| --- | --- |"""
COMMANDS = """
## Commands

Run them with `.venv/bin/python`. Results go to standard output, messages to standard error. Exit status 0 means done,
1 done with some lines refused, 2 a wrong argument or a bad file. Django’s own are there too, such as
`manage.py createsuperuser`.

| Command | Does |
| --- | --- |"""


class Command(DocumentCommand):
    help = "Write docs/commands.md, every script and command, from what each says of itself."
    file = Path("docs", "commands.md")
    command = "list_commands"

    def make(self) -> str:
        scripts = (f"| `script/{file.name}` | {describe_script(file)} |" for file in list_scripts())
        commands = (f"| `{usage}` | {does} |" for usage, does in sorted(list_commands()))
        return "\n".join([INTRODUCTION, *scripts, COMMANDS, *commands, ""])


def list_scripts() -> list[Path]:
    return sorted(file for file in Path(settings.BASE_DIR, "script").iterdir() if file.is_file() and not file.suffix)


def describe_script(file: Path) -> str:
    """Return the comment at its top."""
    comment = re.match(r"#!.*\n((?:# .*\n)+)", file.read_text(encoding="utf-8"))
    return " ".join(comment[1].replace("# ", "").split()) if comment else ""


def list_commands() -> Iterator[tuple[str, str]]:
    """Each command of the product with the arguments that it can't do without, and the first sentence of its help."""
    own = {app.name for app in apps.get_app_configs() if Path(app.path).parent == Path(settings.BASE_DIR)}
    for name, app in get_commands().items():
        if app in own:
            command = load_command_class(app, name)
            usage = command.create_parser("manage.py", name).format_usage()
            yield leave_out_options(usage).removeprefix("usage: "), find_first_sentence(command.help)


def leave_out_options(usage: str) -> str:
    """Return a command's usage without what stands in brackets, one inside the other."""
    while (shorter := re.sub(r"\[[^\[\]]*\]", "", usage)) != usage:
        usage = shorter
    return " ".join(usage.split()).replace("|", "or")


def find_first_sentence(text: str) -> str:
    return re.split(r"[.:]\s", f"{' '.join(text.split())} ", maxsplit=1)[0] + "."
