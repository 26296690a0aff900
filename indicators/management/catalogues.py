"""What several commands share: finding a catalogue or a confirmer, and reading files of open data or series."""

import json
import os
import sys
from abc import abstractmethod
from argparse import ArgumentParser
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO, NoReturn

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management.base import BaseCommand, CommandParser, OutputWrapper

from boards.management.arguments import ExplainedCommand, Refused, find_area
from boards.models import PartnershipArea
from core.models import User
from indicators.catalogues.entries import Catalogue, NotThere, choose_usual
from indicators.catalogues.files import LARGEST_FILE, CatalogueRefused, read_catalogue, read_starter
from indicators.imports.figures import Fault
from indicators.imports.open_data import FileRefused
from indicators.imports.series import SeriesRefused, read_object
from indicators.models import FigureImport
from indicators.permissions import check_can_confirm_import
from indicators.selectors.catalogues import get_catalogue


def add_confirmer(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--confirmed-by",
        metavar="EMAIL",
        help="the coordinator or information officer who has checked the figures; without it, they wait until someone "
        "confirms them on their page",
    )


def find_confirmer(areas: Iterable[PartnershipArea], email: str | None) -> User | None:
    """Return the person with this address; None where nobody is named. Raises Refused for somebody who can't confirm
    figures in each of the areas."""
    if email is None:
        return None
    person = User.objects.filter(email__iexact=email, is_active=True).first()
    if person is None:
        raise Refused(f"No one with the address {email} can sign in. Nothing was saved.")
    for area in areas:
        try:
            check_can_confirm_import(FigureImport(area=area), by=person)
        except PermissionDenied as refusal:
            raise Refused(f"{email} can't confirm figures of {area.name}. {refusal} Nothing was saved.") from None
    return person


def describe_waiting(area: PartnershipArea, figures: int) -> str:
    """ "3 figures of Testford are waiting for a second person, who finds them on the home page of Testford."."""
    number = "1 figure" if figures == 1 else f"{figures:,} figures"
    are = "is" if figures == 1 else "are"
    return f"{number} of {area.name} {are} waiting for a second person, who finds them on the home page of {area.name}."


MOST_FAULTS = 100  # printed


def read_content(path: Path, *, most: int) -> tuple[str, bytes]:
    """Return the file's name, safe to print and save, and its bytes: `most` + 1 of them if it is larger. Raises
    Refused."""
    # A file can have a name that isn't UTF-8. It opens, but its name can't be printed or saved.
    name = os.fsencode(path.name).decode(errors="replace")
    try:
        with path.open("rb") as stream:
            return name, stream.read(most + 1)
    except OSError as fault:
        raise Refused(f"{name or path} can't be read: {(fault.strerror or str(fault)).lower()}.") from None


def refuse_faults(name: str, faults: Sequence[Fault], *, stderr: OutputWrapper) -> NoReturn:
    """Raises Refused, after a line for each fault."""
    for fault in faults[:MOST_FAULTS]:
        column = f", {fault.column}" if fault.column else ""
        stderr.write(f"line{fault.numbers}{column}: {fault.sentence}")
    if len(faults) > MOST_FAULTS:
        stderr.write(f"and {len(faults) - MOST_FAULTS:,} more")
    raise Refused(f"{name}: {len(faults):,} fault{'s' if len(faults) > 1 else ''}. Nothing was saved.")


STARTER = "starter"


def find_catalogue(source: str, *, stderr: OutputWrapper) -> Catalogue:
    """Return the starter set, an area's set-up, or a file's catalogue. Raises Refused, after a line for each fault."""
    if source == STARTER:
        return read_starter()
    area = PartnershipArea.objects.filter(slug=source).first()
    if area is not None:
        return get_catalogue(area)
    if not Path(source).exists():
        slugs = ", ".join(PartnershipArea.objects.order_by("slug").values_list("slug", flat=True)) or "none yet"
        raise Refused(f"“{source}” isn’t “{STARTER}”, a file or an area. The areas are: {slugs}.")
    name, content = read_content(Path(source), most=LARGEST_FILE)
    try:
        return read_catalogue(content)
    except CatalogueRefused as refused:
        raise refuse(refused.faults, stderr=stderr, source=f"{name}: ") from None


def choose_from(catalogue: Catalogue, *, also: list[str], without: list[str]) -> Catalogue:
    """Raises Refused."""
    try:
        return choose_usual(catalogue, also=also, without=without)
    except NotThere as refused:
        raise Refused(str(refused)) from None


def refuse(faults: list[str] | tuple[str, ...], *, stderr: OutputWrapper, source: str = "") -> Refused:
    """Return the refusal: a single fault is its sentence, and several get a line each."""
    if len(faults) == 1:
        return Refused(f"{source}{faults[0]} Nothing was saved.")
    for fault in faults[:MOST_FAULTS]:
        stderr.write(fault)
    if len(faults) > MOST_FAULTS:
        stderr.write(f"and {len(faults) - MOST_FAULTS:,} more")
    return Refused(f"{source}{len(faults):,} faults. Nothing was saved.")


def list_messages(fault: ValidationError) -> list[str]:
    return [text if text.endswith(".") else f"{text}." for text in fault.messages]


class OpenDataCommand(ExplainedCommand):
    """Imports all of a file or nothing. `most` is the largest size of a file, in bytes."""

    most: int
    name_of_file: str
    slug: str

    def add_arguments(self, parser: ArgumentParser) -> None:
        largest = f"such as {self.name_of_file}, at most {self.most // 1024**2} MB"
        parser.add_argument("file", metavar="FILE", help=largest)
        parser.add_argument(
            "--area", required=True, metavar="SLUG", help=f"the area's name in web addresses, such as {self.slug}"
        )
        parser.add_argument(
            "--source", required=True, metavar="TEXT", help="where the numbers are from, as pages show it"
        )
        parser.add_argument("--licence", required=True, metavar="TEXT", help="their licence, as pages show it")

    def handle(self, *, file: str, area: str, source: str, licence: str, **options: Any) -> None:
        place = find_area(area)
        name, content = read_content(Path(file), most=self.most)
        try:
            parsed = self.read(content, name)
        except FileRefused as refused:
            raise Refused(f"{name}: {refused} Nothing was saved.") from None
        if parsed.faults:
            refuse_faults(parsed.name, parsed.faults, stderr=self.stderr)
        try:
            self.save(place, parsed, source, licence)
        except ValidationError as fault:
            raise Refused(" ".join(fault.messages)) from None

    @abstractmethod
    def read(self, content: bytes, name: str) -> Any:
        """Return the parsed file, with its `name` and `faults`. Raises FileRefused."""

    @abstractmethod
    def save(self, area: PartnershipArea, file: Any, source: str, licence: str) -> None:
        """Save it, and print what was done. Raises ValidationError."""


LONGEST_LINE = 1_000_000  # bytes


class SeriesCommand(BaseCommand):
    """Answers each line with a line of its own: a series with its "id" and results, and a line that can't be read with
    {"line": n, "error": "…"}. Exits 1 if a line was refused."""

    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", nargs="?", help="a file of JSON Lines; standard input if left out")
        parser.add_argument("--output", help="write to this file, not to standard output")

    @abstractmethod
    def answer(self, row: dict[str, Any]) -> dict[str, Any]:
        """Return the results for a series. Raises SeriesRefused, with a sentence."""

    def handle(self, *args: Any, file: str | None, output: str | None, **options: Any) -> None:
        try:
            source = open(file, "rb") if file else sys.stdin.buffer  # noqa: SIM115
            target = open(output, "w", encoding="utf-8") if output else self.stdout  # noqa: SIM115
        except OSError as fault:
            raise Refused(f"{fault.filename} can't be opened: {fault.strerror}.") from None
        refused = 0
        for number, line in enumerate(read_lines(source), 1):
            if not line.strip():
                continue
            try:
                answer = self.answer_line(line)
            except SeriesRefused as fault:
                refused += 1
                answer = {"line": number, "error": str(fault)}
            target.write(json.dumps(answer, ensure_ascii=False, separators=(",", ":")) + "\n")
        target.flush()
        if output:
            target.close()
        if refused:
            self.stderr.write(f"{refused} {'line was' if refused == 1 else 'lines were'} refused.")
            sys.exit(1)

    def answer_line(self, line: bytes) -> dict[str, Any]:
        if len(line) > LONGEST_LINE:
            raise SeriesRefused(f"The line is longer than {LONGEST_LINE:,} bytes.")
        row = read_object(line)
        answer = self.answer(row)
        return {"id": row["id"], **answer} if row.get("id") is not None else answer


def read_lines(source: BinaryIO) -> Iterator[bytes]:
    """Yield each line, cut off where it is longer than any series could be. This keeps memory bounded."""
    while line := source.readline(LONGEST_LINE + 1):
        if len(line) > LONGEST_LINE:
            while not line.endswith(b"\n") and (rest := source.readline(LONGEST_LINE)):
                line = line[:LONGEST_LINE] + rest[-1:]
        yield line
