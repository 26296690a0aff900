"""Read a table of people to invite: find its columns and read each row; and read an agency's domains. Pure.

The first row may name the columns. Without it they are name, e-mail address, role, and the agency or board.
"""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from core.texts import LONGEST_TEXT

NAME, EMAIL, ROLE, PLACE = "name", "email", "role", "place"
USUAL = (NAME, EMAIL, ROLE, PLACE)
LABELS = {NAME: "Name", EMAIL: "Email address", ROLE: "Role", PLACE: "Agency or board"}
HEADERS = {
    NAME: {"name", "full name", "person"},
    EMAIL: {"email", "email address", "address", "mail"},
    ROLE: {"role"},
    PLACE: {"agency or board", "agency", "board", "agency/board", "for", "organisation"},
}
DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")
MOST_DOMAINS = 20  # of one agency
MOST_PEOPLE = 200  # rows in one table: somebody waits while each e-mail is sent

type Cells = tuple[int, Sequence[str]]  # a row's number in its file, and its cells


class DomainRefused(ValueError):
    """Something that isn't a domain. Its text is a sentence for the user."""


class TableRefused(ValueError):
    """A table that we can't read at all. Its text is a sentence for the user."""


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A row as somebody typed it. `line` is its number in the file."""

    line: int
    name: str = ""
    email: str = ""
    role: str = ""
    place: str = ""


def read_people(rows: Iterable[Cells]) -> list[PersonRow]:
    """Return the rows that aren't empty. Raises TableRefused."""
    filled = [(line, cells) for line, cells in rows if any(cells)]
    if not filled:
        raise TableRefused(
            "The table is empty. Put one person on each line: name, email address, role, agency or board."
        )
    columns = find_columns(filled[0][1])
    if columns is not None:
        filled = filled[1:]
    if not filled:
        raise TableRefused("The table has a heading but no people.")
    if len(filled) > MOST_PEOPLE:
        raise TableRefused(
            f"The table has {len(filled):,} lines, but you can send at most {MOST_PEOPLE} at once. Send it in parts."
        )
    return [_read_row(line, cells, columns or dict(enumerate(USUAL))) for line, cells in filled]


def find_columns(cells: Sequence[str]) -> dict[int, str] | None:
    """Return which column has what, if this row is a heading. Raises TableRefused if a needed column is missing."""
    words = [normal(cell).replace("e-mail", "email") for cell in cells]
    columns = {at: name for at, word in enumerate(words) for name, headers in HEADERS.items() if word in headers}
    # One known word doesn't make a heading: somebody's name or agency may be such a word.
    if EMAIL not in columns.values() and not {NAME, ROLE} <= set(columns.values()):
        return None
    missing = [LABELS[name] for name in (NAME, EMAIL, ROLE) if name not in columns.values()]
    if missing:
        raise TableRefused(f"The heading row has no column “{missing[0]}”.")
    for name in (NAME, EMAIL, ROLE):
        if list(columns.values()).count(name) > 1:
            raise TableRefused(f"The heading row has the column “{LABELS[name]}” twice.")
    return columns


def _read_row(line: int, cells: Sequence[str], columns: dict[int, str]) -> PersonRow:
    """Return the row's agency or board. If both have a column, it is the one that isn't empty."""
    parts: dict[str, list[str]] = {name: [] for name in USUAL}
    for at, cell in enumerate(cells):
        if at in columns and cell:
            parts[columns[at]].append(cell)
    return PersonRow(line, *(" / ".join(parts[name]) for name in USUAL))


def write_table(rows: Iterable[PersonRow]) -> str:
    """Return the rows with their heading, as text for people to change and send again."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter="\t", lineterminator="\n")
    writer.writerow(LABELS[name] for name in USUAL)
    writer.writerows((row.name, row.email, row.role, row.place) for row in rows)
    return text.getvalue()


def read_domains(text: str) -> list[str]:
    """Return the domains, one on each line, in lower case. Raises DomainRefused."""
    if len(text) > LONGEST_TEXT:
        raise DomainRefused(f"Shorten the domains to {LONGEST_TEXT:,} characters; they have {len(text):,}")
    domains = dict[str, None]()
    for line in text.lower().split():
        domain = line.removeprefix("@").rstrip(".")
        if not DOMAIN.fullmatch(domain):
            raise DomainRefused(f"“{line[:80]}” isn’t a domain. Write what follows the @, such as council.example")
        domains[domain] = None
    if len(domains) > MOST_DOMAINS:
        raise DomainRefused(f"There are {len(domains)} domains, but you can have at most {MOST_DOMAINS}. Remove some")
    return list(domains)


def is_within(email: str, domains: Sequence[str]) -> bool:
    """Return whether an address has one of these domains, or there are none. A subdomain is another domain."""
    return not domains or email.lower().rpartition("@")[2] in domains


def normal(text: str) -> str:
    """Return a name in the form in which we compare spellings."""
    return " ".join(text.casefold().replace("’", "'").split())
