"""Reads the files that somebody sends for past months. Pure.

They are one file of figures, or files of police open data, with or without their ZIP. They are read in memory and not
stored.
"""

import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, field
from datetime import date
from io import BytesIO
from typing import Any, BinaryIO, NamedTuple

from core.calendar import Month
from indicators.imports.figures import FigureFile, FigureRow, FiguresRefused, read_figure_file
from indicators.imports.open_data import HEADER, Place, PoliceFile, PoliceFileRefused, PoliceMonth, read_police_file
from indicators.imports.tables import ENDINGS, FIRST_PARTS
from indicators.imports.xlsx import ZIP

LARGEST_SENT = 32 * 1024 * 1024  # bytes of all files together, as sent
LARGEST_UNPACKED = 512 * 1024 * 1024  # bytes of all street-level files of a ZIP together
MOST_FILES = 200
BEGINNING = ",".join(HEADER[:3]).encode()
STREET = "-street.csv"  # how the name of a file of street-level crime ends, beside others in the same ZIP
BROKEN = "{}: this ZIP is damaged, or has a password. Download it from data.police.uk again."
# zipfile raises all of these for a damaged archive, and RuntimeError for one with a password.
ZIP_FAULTS = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError)


class Sent(NamedTuple):
    """A file that somebody sent: its name and its content."""

    name: str
    content: bytes


@dataclass(slots=True)
class History:
    """What was sent: either `figures`, or `months` of police open data. `elsewhere` names police files of another
    force, which count nothing. `told` has a sentence for anything else to say about a file."""

    name: str
    figures: FigureFile | None = None
    months: list[PoliceMonth] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)


def read_history(sent: Sequence[Sent], *, place: Place, today: date) -> History:
    """`place` is what counts as the area in police files. Raises FiguresRefused, with a sentence."""
    if len(sent) > MOST_FILES:
        raise FiguresRefused(f"You sent {len(sent):,} files. Send at most {MOST_FILES} at a time.")
    of_figures = [file for file in sent if not is_police(file)]
    if of_figures and len(sent) > 1:
        raise FiguresRefused(
            f"{of_figures[0].name} isn’t a file of police open data. "
            "Send one file of figures on its own, or only police files."
        )
    if of_figures:
        return read_figures(of_figures[0])
    read, at = list[PoliceFile](), sent[0].name
    try:
        for file, name, stream in list_streams(sent):
            at = file.name
            read.append(read_police_file(stream, name_of_file=name, today=today))
        return count_home(read, place)
    except PoliceFileRefused as refused:
        raise FiguresRefused(str(refused)) from None
    except ZIP_FAULTS:  # found while a part of it is read
        raise FiguresRefused(BROKEN.format(at)) from None


def read_figures(file: Sent) -> History:
    return History(file.name, read_figure_file(file.content, name_of_file=file.name))


def is_police(file: Sent) -> bool:
    """Return whether it is street-level crime, or a ZIP that isn't a workbook."""
    if not file.content.startswith(ZIP):
        return file.content.removeprefix(b"\xef\xbb\xbf").startswith(BEGINNING)
    try:
        with zipfile.ZipFile(BytesIO(file.content)) as archive:
            return FIRST_PARTS.isdisjoint(archive.namelist())
    except ZIP_FAULTS:
        return not file.name.lower().endswith(ENDINGS)


def list_streams(sent: Sequence[Sent]) -> Iterator[tuple[Sent, str, BinaryIO]]:
    """Yield each file of street-level crime with its name, including those in a ZIP, after the file that was sent."""
    left = LARGEST_UNPACKED
    for file in sent:
        if not file.content.startswith(ZIP):
            yield file, file.name, BytesIO(file.content)
            continue
        try:
            with zipfile.ZipFile(BytesIO(file.content)) as archive:
                parts = [part for part in archive.infolist() if part.filename.endswith(STREET)]
                check_parts(file.name, parts, left)
                for part in parts:
                    # What is left is for all archives together, so many small ones can't get past it.
                    left -= part.file_size
                    # ZipFile never unpacks more than the declared size, so this check is enough.
                    with archive.open(part) as stream:
                        yield file, part.filename.rpartition("/")[2], stream  # type: ignore[misc]
        except ZIP_FAULTS:
            raise FiguresRefused(BROKEN.format(file.name)) from None


def check_parts(name: str, parts: Sequence[zipfile.ZipInfo], left: int) -> None:
    if not parts:
        raise FiguresRefused(f"{name}: no file in this ZIP is called …{STREET}, so it has no street-level crime.")
    if len(parts) > MOST_FILES:
        raise FiguresRefused(f"{name}: this ZIP has {len(parts):,} files. Send at most {MOST_FILES} at a time.")
    if sum(part.file_size for part in parts) > left:
        raise FiguresRefused(
            f"{name}: this ZIP has more than {LARGEST_UNPACKED // 1024**2} MB in it. Send fewer months at a time."
        )


def count_home(read: Sequence[PoliceFile], place: Place) -> History:
    """Keep the files of the place's own force, where files of several forces were sent."""
    at_home = [file for file in read if file.is_own_place(place)] or read
    months = [file.count(place) for file in at_home]
    return History(name_months(months), months=months, elsewhere=[file.name for file in read if file not in at_home])


def name_months(months: Sequence[PoliceMonth]) -> str:
    return months[0].name_of_file if len(months) == 1 else f"{len(months):,} files from data.police.uk"


def write_data(history: History) -> dict[str, Any]:
    """Return the counts as data that JSON can hold. A police file's rows aren't among them."""
    rows = history.figures.rows if history.figures is not None else None
    return {
        "name": history.name,
        "rows": None if rows is None else [astuple(row) for row in rows],
        "is_counted": history.figures is not None and history.figures.is_counted,
        "months": [
            [
                counted.name_of_file,
                str(counted.month),
                dict(counted.counts),
                counted.rows_read,
                counted.rows_matched,
                counted.rows_without_lsoa,
            ]
            for counted in history.months
        ],
        "elsewhere": history.elsewhere,
        "told": history.told,
    }


def read_data(data: Mapping[str, Any]) -> History:
    """Return what write_data wrote."""
    rows = data["rows"]
    return History(
        data["name"],
        None if rows is None else FigureFile([FigureRow(*row) for row in rows], is_counted=data["is_counted"]),
        [PoliceMonth(name, Month.parse(month), *rest) for name, month, *rest in data["months"]],
        data["elsewhere"],
        data["told"],
    )
