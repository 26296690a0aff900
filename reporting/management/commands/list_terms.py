import re
from collections.abc import Iterable, Iterator
from importlib import import_module
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.db.models import Model, TextChoices

from core.labels import Labelled
from reporting.management.files import DocumentCommand

INTRODUCTION = """# Terms in the code

Every model, and every state and kind with its words on pages. Made from the code by `manage.py list_terms`;
`script/check` fails where this page is out of step. What readers of pages meet is in the [glossary](glossary.md).
"""


class Command(DocumentCommand):
    help = "Write docs/terms.md, every model, state and kind, from the docstrings and labels of the code."
    file = Path("docs", "terms.md")
    command = "list_terms"

    def make(self) -> str:
        import_module(settings.ROOT_URLCONF)  # with the views, and so every module that has an enumeration
        models = sorted(list_models(), key=lambda model: model.__name__)
        kinds = sorted(list_kinds(), key=name_kind)
        return "\n".join(
            [
                INTRODUCTION,
                "## Models\n\n| Model | In | What it is |\n| --- | --- | --- |",
                *(f"| `{model.__name__}` | `{model._meta.app_label}` | {describe(model)} |" for model in models),
                "\n## States and kinds\n\n| Name | Words |\n| --- | --- |",
                *(f"| `{name_kind(kind)}` | {'; '.join(list_labels(kind))} |" for kind in kinds),
                "",
            ]
        )


def list_models() -> Iterator[type[Model]]:
    for app in apps.get_app_configs():
        if Path(app.path).parent == Path(settings.BASE_DIR):
            yield from app.get_models()


def list_kinds() -> Iterator[type[Labelled] | type[TextChoices]]:
    """The enumerations of the product, and those of its models that Django makes."""
    yield from (kind for kind in Labelled.__subclasses__() if not kind.__module__.startswith("tests"))
    yield from (kind for model in list_models() for kind in vars(model).values() if is_choices(kind))


def is_choices(value: object) -> bool:
    return isinstance(value, type) and issubclass(value, TextChoices)


def name_kind(kind: type) -> str:
    return f"{kind.__module__}.{kind.__qualname__}"


def list_labels(kind: Iterable[Labelled]) -> list[str]:
    return [str(member.label) for member in kind]


def describe(model: type[Model]) -> str:
    """Return the first sentence of its docstring, on one line."""
    words = " ".join((model.__doc__ or "").split()).replace("|", "\\|")
    return re.split(r"(?<=[.?!])\s+(?=[A-Z`])", words, maxsplit=1)[0]
