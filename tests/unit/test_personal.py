"""What looks like a person's details, and what must not."""

import datetime as dt
import re
import time
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from hypothesis import assume, given
from hypothesis import strategies as st

from core.calendar import Month
from core.texts import find_signs, is_nhs_number


def nhs_number(nine: str) -> str | None:
    """The NHS number that begins with nine digits, by the checksum; with some there is none."""
    rest = sum(weight * int(digit) for weight, digit in zip(range(10, 1, -1), nine, strict=True)) % 11
    check = (11 - rest) % 11
    return None if check == 10 else f"{nine}{check}"


MADE_UP = nhs_number("000111222") or ""  # of a range that is given to nobody
NINE = st.text("0123456789", min_size=9, max_size=9)
GAPS = st.lists(st.sampled_from(["", " ", "-", "\u00a0", "  ", " - ", "–"]), min_size=9, max_size=9)


def written(digits: str, gaps: list[str]) -> str:
    return "".join(digit + gap for digit, gap in zip(digits, [*gaps, ""], strict=True))


def kinds(text: str) -> list[str]:
    return [sign.partition(" looks like ")[2] for sign in find_signs(text)]


# --- NHS numbers


def test_says_what_it_found():
    spaced = f"{MADE_UP[:3]} {MADE_UP[3:6]} {MADE_UP[6:]}"

    assert find_signs(f"The girl ({spaced}) was seen.") == (f"“{spaced}” looks like an NHS number",)


@given(NINE.map(nhs_number).filter(bool), GAPS)
def test_finds_an_nhs_number_however_it_is_spaced(number, gaps):
    """… but as a day of these years: “00 10-11-2026”."""
    spaced = written(number, gaps)
    assume(not re.search(r"\d[-–]\d\d?[-–](20)?\d\d(?!\d)|20\d\d-\d\d?-\d", spaced))

    assert "an NHS number" in kinds(f"Seen: {spaced}, at home.")


@given(NINE.map(nhs_number).filter(bool), st.integers(0, 99_999), st.sampled_from(["", " ", "-", "."]))
def test_finds_one_in_a_row_of_other_numbers(number, other, gap):
    usual = gap.join((number[:3], number[3:6], number[6:]))

    assert is_nhs_number(number)
    assert "an NHS number" in kinds(f"{other} {usual} {other}")


@given(NINE.map(nhs_number).filter(bool), st.integers(1, 9), st.integers(0, 8))
def test_a_wrong_digit_makes_it_another_number(number, more, place):
    """The checksum finds every single wrong digit."""
    changed = number[:place] + str((int(number[place]) + more) % 10) + number[place + 1 :]

    assert "an NHS number" not in kinds(f"Seen: {changed}.")


def test_years_are_no_nhs_number():
    rows = [f"{year}/{year % 100 + 1} {later}" for year in range(2016, 2040) for later in range(2016, 2040)]

    assert [row for row in rows if find_signs(row)] == []


# --- Dates of birth


@pytest.mark.parametrize(
    "text",
    [
        "born on 12 March 2019",
        "born 3 4 2009",
        "Born 12.03.19",
        "DOB 12/3/2019",
        "d.o.b. 12-03-2019",
        "DoB: 2019-03-12",
        "date of birth is the 12th of March 2019",
        "(12 Mar 2019, birth date)",
        # On their own: too long ago to be anything that this product tells of.
        "12/03/1998",
        "JS, 12 March 1998",
        "March 12, 1998",
        "1998-03-12",
        "12th Mar. 2015",
    ],
)
def test_finds_a_date_of_birth(text):
    assert kinds(text) == ["a date of birth"]


@pytest.mark.parametrize(
    "text",
    [
        "10 November 2026",
        "10 November 2026 at 10:15",
        "2026-11-10 10:15",
        "10-11-2026 15 people came",
        "10/11/26",
        "born again in October 2026",
        "23 babies were born in the year to March 2026, and the board met on 10 November 2026",
        "the Act of 1998",
        "airborne on 10 November 2026",
        "since March 1998",
    ],
)
def test_other_dates_are_none(text):
    assert find_signs(text) == ()


# --- Postcodes and telephone numbers


@pytest.mark.parametrize("text", ["SS1 2AB", "ss1 2ab", "SS12AB", "EC1A 1BB", "in W1A\u00a00AX.", "B33 8TH", "M1  1AE"])
def test_finds_a_full_postcode(text):
    assert kinds(text) == ["a full postcode"]


@pytest.mark.parametrize(
    "text",
    [
        "SS1",
        "SS1 and SS2",
        "S17 and S47",
        "A12",
        "the S17 1st time",
        "on the M25 5th to 7th",
        "ZZ1 2AB",
        "C19 2AB",
        "CO2",
    ],
)
def test_other_codes_are_none(text):
    assert find_signs(text) == ()


@pytest.mark.parametrize(
    "text",
    [
        "07700 900123",
        "07700900123",
        "07700 900 123",
        "07700 90 01 23",
        "(01632) 960123",
        "020 7946 0958",
        "01632-960-123",
        "+44 7700 900123",
        "+44 (0)7700 900123",
        "+447700900123",
        "0044 7700 900123",
        "ring 07700 900123 2026",
        "+33 6 12 34 56 78",
        "Ring +353 87 123 4567 after six",
        "00353 87 123 4567",
        "+48 512 345 678",
    ],
)
def test_finds_a_telephone_number(text):
    assert kinds(text) == ["a telephone number"]


@pytest.mark.parametrize(
    "text",
    [
        "Crimestoppers on 0800 555 111",
        "+44 800 1111",
        "+3 since September, +12 in all",
        "007 or 00 44",
        "0300 123 4567",
        "101 or 999",
        "116 123",
        "E06000033",
        "0 12 15 18 20 21",
        "0.12 0.34",
        "01:30 to 02:30",
        "01-10-2026 10 people",
    ],
)
def test_other_numbers_are_none(text):
    assert find_signs(text) == ()


@pytest.mark.parametrize("text", ["AB 12 34 56 C", "ab123456c", "her NI number is JG 10 37 59 A.", "AB123456 C"])
def test_finds_a_national_insurance_number(text):
    assert kinds(text) == ["a National Insurance number"]


@pytest.mark.parametrize("text", ["QQ 12 34 56 C", "GB 12 34 56 A", "AB 12 34 56 E", "AB 12 34 5", "CSP 12 34 56 A"])
def test_other_letters_and_digits_are_none(text):
    """QQ is what official examples begin with: it is given to nobody."""
    assert find_signs(text) == ()


def test_finds_a_pupil_number_by_its_check_letter():
    assert kinds("UPN B801200005001") == ["a unique pupil number"]
    assert find_signs("A801200005001") == ()


@pytest.mark.parametrize("text", ["Ask jane.smith@x.org", "j.o'brien@council.gov.uk said so", "(dave+v@mail.example)"])
def test_finds_an_e_mail_address(text):
    assert kinds(text) == ["an email address"]


@pytest.mark.parametrize(
    "text",
    ["info@council.gov.uk", "referrals.mash@x.org", "safeguarding-adults@nhs.net", "a@b"],
)
def test_an_offices_address_is_none(text):
    assert kinds(text) == []


@given(st.sampled_from(["07", "01", "02"]), st.text("0123456789", min_size=9, max_size=9))
def test_finds_every_telephone_number(start, rest):
    """… unless its digits are an NHS number's too."""
    found = kinds(f"ring {start}{rest[:3]} {rest[3:]}")

    assert found in (["a telephone number"], ["an NHS number"], ["an NHS number", "a telephone number"])


# --- No false alarm


def strings_of(part: Any) -> Iterator[str]:
    if isinstance(part, str):
        yield part
    elif isinstance(part, dict):
        for value in part.values():
            yield from strings_of(value)
    elif isinstance(part, list):
        for value in part:
            yield from strings_of(value)


BASE = Path(settings.BASE_DIR)
DEMO = sorted([*(BASE / "reporting/management/demo").glob("*.toml"), *(BASE / "indicators/catalogues").glob("*.toml")])


@pytest.mark.parametrize("path", DEMO, ids=lambda path: path.name)
def test_the_demonstrations_texts_are_none(path):
    texts = list(strings_of(tomllib.loads(path.read_text(encoding="utf-8"))))

    assert len(texts) > 10
    assert [find_signs(text) for text in texts if find_signs(text)] == []


def test_the_demonstrations_texts_at_one_go_are_none():
    texts = [text for path in DEMO for text in strings_of(tomllib.loads(path.read_text("utf-8")))]
    assert len(texts) > 2_000
    assert find_signs("\n".join(texts)) == ()


def test_figures_are_none():
    assert [number for number in range(100_000) if find_signs(str(number)) or find_signs(f"{number:,}")] == []


@given(st.integers(0, 99_999), st.integers(0, 99_999), st.sampled_from([" to ", ", ", " of ", " and ", " → ", "; "]))
def test_figures_in_a_sentence_are_none(one, other, between):
    assert find_signs(f"From {one}{between}{other} in {one} homes") == ()


@given(st.dates(dt.date(2016, 1, 1), dt.date(2099, 12, 31)), st.integers(0, 400))
def test_months_and_days_of_meetings_are_none(day, people):
    said = (
        Month.of(day).label,
        str(Month.of(day)),
        f"{day:%-d %B %Y}",
        f"{day:%d/%m/%Y}",
        f"{day:%d-%m-%Y}",
        f"{day.isoformat()} at 10:15",
        f"{day:%-d %b %Y}, {people} people",
        f"The board met on {day:%A %-d %B %Y} and meets on {day + dt.timedelta(28):%A %-d %B %Y}",
        f"{day:%d/%m/%Y} to {day + dt.timedelta(7):%d/%m/%Y}",
    )

    assert [text for text in said if find_signs(text)] == []


@given(st.text())
def test_answers_about_any_text(text):
    assert isinstance(find_signs(text), tuple)


def test_answers_about_long_texts_at_once():
    started = time.process_time()  # whatever else the machine does
    for text in ("1 " * 50_000, "0" * 100_000, "born " * 20_000, "12 March " * 10_000, "07700 " * 15_000, "+" * 90_000):
        find_signs(text)

    assert time.process_time() - started < 10
