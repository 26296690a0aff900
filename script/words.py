"""Every sentence that the product says, with its place: of templates, Python and catalogues.

Python's strings are read out of its syntax tree, templates out of their markup; what a sentence fills in is "…". What
has no blank in it is a name or a code more often than a word, and is left out unless it is asked for.
"""

import argparse
import ast
import html
import random
import re
import sys
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
APPS = ("core", "boards", "indicators", "actions", "reporting", "operations", "vvdash", "templates")
ENDINGS = (".py", ".html", ".txt", ".toml")
HOLE = "…"
SPOKEN = re.compile(r"[^\W\d_]{2,}")
# A sentence ends before a space, or where a template says one thing or another.
SENTENCE_END = re.compile(r"(?<=[.?!:])\s*(?:\s|\|)\s*(?=[A-Z“‘(0-9…])")
# A word with a capital, such as a label, and a number's sign.
ALONE = re.compile(r"^[A-Z][a-z’-]+$|(?:\d|…)\s?%")
WHOLE = re.compile(r"[A-Z“‘(0-9…].*[.?!][”’)]?")
PLACEHOLDER = re.compile(r"\{\w*\}|%\(\w+\)s|%s")
WORD = re.compile(r"[^\W_]+(?:[’'\-][^\W_]+)*")
# What is meant for a program: SQL, regular expressions, formats, addresses, classes of CSS.
NOT_SPOKEN = re.compile(
    r"\b(?:SELECT|INSERT INTO|UPDATE|DELETE FROM|CREATE|DROP|WHERE|CASE WHEN)\b|\\[dsw]|\(\?|^[\w.-]+/[\w./-]*$|"
    r"govuk-|^vv-|^%|__|</|^#|^[a-z_]+(?:,? [a-z_]+)*:$|xmlns"
)
# Inline elements don't end a sentence.
INLINE = "a|abbr|b|bdi|br|cite|code|em|i|kbd|mark|q|s|small|span|strong|sub|sup|time|u|wbr"
TAG = re.compile(r"<(/?)([a-zA-Z][\w-]*)((?:[^<>\"']|\"[^\"]*\"|'[^']*')*)>", re.DOTALL)
SAID_BY_ATTRIBUTE = re.compile(r"\b(?:aria-label|alt|title|placeholder|content)=\"([^\"]+)\"")
COMMENT = re.compile(r"{#.*?#}|{% comment %}.*?{% endcomment %}|<!--.*?-->", re.DOTALL)
SILENT = re.compile(r"<(script|style)\b.*?</\1>", re.DOTALL | re.IGNORECASE)
BRANCH = re.compile(r"{%\s*(?:if|elif|else|endif|for|empty|endfor|with|endwith|block|endblock)\b.*?%}", re.DOTALL)
A_COMMENT = re.compile(r"(?:^|\s)#\s+(.+)$")
DJANGO = re.compile(r"{{.*?}}|{%.*?%}", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Said:
    """Something that the product says: the file, its line, what kind of place it is, and the text."""

    path: str
    line: int
    kind: str
    text: str

    @property
    def sentences(self) -> list[str]:
        return [part for part in SENTENCE_END.split(self.text) if part.strip()]


def count_words(sentence: str) -> int:
    return len(WORD.findall(sentence))


def is_whole(sentence: str) -> bool:
    return count_words(sentence) > 2 and bool(WHOLE.fullmatch(sentence))


def draw[T](found: Sequence[T], number: int, seed: int) -> list[T]:
    """Some of these, each as likely as another, in their order. The same seed draws the same."""
    chosen = random.Random(seed).sample(range(len(found)), min(number, len(found)))
    return [found[place] for place in sorted(chosen)]


def list_said(paths: Iterable[Path] = (), *, docstrings: bool = False) -> Iterator[Said]:
    """Whatever is said in these files, or in all of ours, in the order of their paths."""
    for path in sorted(paths or all_files()):
        name = str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)
        match path.suffix:
            case ".py":
                yield from read_python(name, path.read_text(encoding="utf-8"), docstrings=docstrings)
            case ".html" | ".txt":
                yield from read_template(name, path.read_text(encoding="utf-8"))
            case ".toml":
                yield from read_toml(name, path.read_text(encoding="utf-8"))


def all_files() -> Iterator[Path]:
    for app in APPS:
        yield from files_under(ROOT / app)


def files_under(folder: Path) -> Iterator[Path]:
    """Migrations say nothing, and a font's licence isn't ours."""
    for path in folder.rglob("*.*"):
        if path.suffix in ENDINGS and not {"migrations", "fonts"} & set(path.parts):
            yield path


# --- Python -------------------------------------------------------------------------------------------


def read_python(name: str, source: str, *, docstrings: bool = False) -> Iterator[Said]:
    """With `docstrings`, these and the comments, and nothing else."""
    tree = ast.parse(source)
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    docs = {
        id(node.body[0].value): node
        for node in ast.walk(tree)
        if isinstance(node, documented)
        and node.body
        and isinstance(node.body[0], ast.Expr)
        and isinstance(node.body[0].value, ast.Constant)
        and isinstance(node.body[0].value.value, str)
    }
    inside: set[int] = set()  # parts of f-strings, and what names a type or a key
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            inside |= {id(part) for part in ast.walk(node) if part is not node and not isinstance(part, ast.JoinedStr)}
            found.append((node.lineno, join(node)))
        elif isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
            inside.add(id(node.slice))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and (id(node) in docs) == docstrings:
            found.append((node.lineno, node.value if id(node) not in inside else ""))
    if docstrings:
        found = [(line, text) for line, text in found if text] + list(read_comments(source))
    for line, text in sorted(found, key=lambda item: item[0]):
        tidy = PLACEHOLDER.sub(HOLE, " ".join(text.split()))
        if tidy and (docstrings or is_spoken(tidy)):
            yield Said(name, line, "docstring" if docstrings else "python", tidy)


def join(node: ast.JoinedStr) -> str:
    parts = [str(part.value) if isinstance(part, ast.Constant) else fill(part) for part in node.values]
    return "".join(parts)


def fill(part: ast.expr) -> str:
    """What stands for something that is filled in: the words between which it chooses, if it does."""
    if isinstance(part, ast.FormattedValue) and isinstance(part.value, ast.IfExp):
        ways = [way.value for way in (part.value.body, part.value.orelse) if isinstance(way, ast.Constant)]
        if len(ways) == 2 and all(isinstance(way, str) for way in ways):
            return "/".join(str(way) or "-" for way in ways)
    return HOLE


def read_comments(source: str) -> Iterator[tuple[int, str]]:
    for line, text in enumerate(source.splitlines(), 1):
        match = A_COMMENT.search(text)
        if match and not match[1].startswith(("noqa", "type:", "---", "fmt:")):
            yield line, match[1]


def is_spoken(text: str) -> bool:
    return bool((SPOKEN.search(text) and " " in text) or ALONE.search(text)) and not NOT_SPOKEN.search(text)


# --- Templates ----------------------------------------------------------------------------------------


def read_template(name: str, source: str) -> Iterator[Said]:
    """Sentence by block: an inline element and what is filled in stay a part of it."""
    text = blank(COMMENT, source)
    text = blank(SILENT, text)
    for match in SAID_BY_ATTRIBUTE.finditer(text):
        words = tidy_markup(match[1])
        if is_spoken(words) and "width=" not in words:
            yield Said(name, text.count("\n", 0, match.start()) + 1, "attribute", words)
    marked = TAG.sub(lambda tag: keep_lines(tag[0], "" if re.fullmatch(INLINE, tag[2].lower()) else "\0"), text)
    line = 1
    for part in marked.split("\0"):
        words = tidy_markup(part)
        if SPOKEN.search(words) or ALONE.search(words):
            yield Said(name, line + leading_lines(part), "template", words)
        line += part.count("\n")


def blank(pattern: re.Pattern[str], text: str) -> str:
    return pattern.sub(lambda match: "\n" * match[0].count("\n"), text)


def keep_lines(markup: str, text: str) -> str:
    return text + "\n" * markup.count("\n")


def leading_lines(part: str) -> int:
    return part[: len(part) - len(part.lstrip())].count("\n")


def tidy_markup(text: str) -> str:
    text = BRANCH.sub("|", text)
    text = DJANGO.sub(HOLE, text)
    text = re.sub(r"\|(?:\s*\|)+", "|", text)
    return " ".join(html.unescape(text).split()).strip("| ")


# --- Catalogues and the demonstration -----------------------------------------------------------------


def read_toml(name: str, source: str) -> Iterator[Said]:
    lines = source.splitlines()
    for text in leaves(tomllib.loads(source)):
        tidy = " ".join(text.split())
        if is_spoken(tidy):
            first = text.strip().splitlines()[0][:40]
            line = next((number for number, found in enumerate(lines, 1) if first in found), 1)
            yield Said(name, line, "toml", tidy)


def leaves(value: Any) -> Iterator[str]:
    match value:
        case str():
            yield value
        case dict():
            yield from chain.from_iterable(map(leaves, value.values()))
        case list():
            yield from chain.from_iterable(map(leaves, value))


# --- The command --------------------------------------------------------------------------------------


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="script/words", description="Print every sentence that the product says.")
    parser.add_argument("paths", nargs="*", type=Path, help="files to read, and not all of them")
    parser.add_argument("--docstrings", action="store_true", help="docstrings and comments, and nothing else")
    parser.add_argument("--longer-than", type=int, default=0, metavar="N", help="only sentences of more than N words")
    parser.add_argument("--sample", type=int, metavar="N", help="only N whole sentences, drawn at random")
    parser.add_argument("--seed", type=int, default=1, metavar="S", help="the same seed draws the same sentences (1)")
    chosen = parser.parse_args(arguments)
    files = [
        file
        for path in map(Path.resolve, chosen.paths)
        for file in (files_under(path) if path.is_dir() else [path])
        if file.suffix in ENDINGS
    ]
    found = [
        (said, sentence)
        for said in list_said(files, docstrings=chosen.docstrings)
        for sentence in said.sentences
        if count_words(sentence) > chosen.longer_than
    ]
    if chosen.sample is not None:
        found = draw([each for each in found if is_whole(each[1])], chosen.sample, chosen.seed)
    for said, sentence in found:
        print(f"{said.path}:{said.line}: {sentence}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
