"""Tidy and limit what somebody typed, before we save it, and find what looks like personal details. Pure.

A text that shows nothing is empty: spaces, and invisible characters such as U+200B. Inside other text they stay,
because some scripts and emoji need them.
"""

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate
from typing import NamedTuple

from phonenumbers import Leniency, PhoneNumberMatcher, PhoneNumberType, number_type
from stdnum.gb import nhs, upn

LONGEST_TEXT, LONGEST_ENTRY = 10_000, 200  # characters of a free text, and of a day
KEY_DIGITS = 18  # of a row's key: a database reads no more than these
NULL = "\x00"  # no database accepts it
# Spaces, control and format characters, halves of characters, and marks that need a letter.
WITHOUT_INK = frozenset(("Zs", "Zl", "Zp", "Cc", "Cf", "Cs", "Mn", "Me"))
# Letters and symbols that show nothing: fillers of Hangul, an empty pattern of Braille.
BLANK_LETTERS = frozenset("\u115f\u1160\u3164\uffa0\u2800")


def read_number(text: str, *, digits: int = 9) -> int | None:
    """Return the whole number that an address or a hidden box has; None for anything else, and for more digits than a
    column holds. Python refuses to read thousands.
    """
    return int(text) if text.isascii() and text.isdigit() and len(text) <= digits else None


def one_line(text: str) -> str:
    """Return its words, with one space between them; empty if it shows nothing."""
    return shown(" ".join(text.replace(NULL, "").split()))


def count_of_noun(number: int, noun: str) -> str:
    """ "1 action", "2,000 actions"."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def tidy_text(text: str) -> str:
    """Return the text without space around it and with the same line endings throughout; empty if it shows nothing."""
    return shown("\n".join(text.replace(NULL, "").strip().splitlines()))


def bounded(text: str, longest: int = LONGEST_TEXT) -> str:
    """Return a text that a pattern may look through, and nothing of one that is too long: whoever saves texts refuses
    it. White space doesn't count, because some services save a text without it.
    """
    text = text if len(text) <= longest else one_line(text)
    return text if len(text) <= longest else ""


def shown(text: str) -> str:
    return "" if all(shows_nothing(letter) for letter in text) else text


def shows_nothing(letter: str) -> bool:
    return unicodedata.category(letter) in WITHOUT_INK or letter in BLANK_LETTERS


# `find_signs` warns people who mean well; it can't find a name. It looks for:
#
# - an NHS number: ten digits, spaced or hyphenated in any way, with the right check digit;
# - a National Insurance number, with the letters that HM Revenue and Customs gives (NIM39110);
# - a unique pupil number: thirteen characters with the right check letter;
# - a date of birth: a full date close to a birth word, or any full date from 1900 to 2015, because this product is
#   about later years;
# - a full postcode of an existing postcode area, with or without its space;
# - a telephone number: a British one, with 0 or +44 before it, or one of any country that libphonenumber knows. It
#   leaves out free, shared and premium numbers, such as 03, 08 and 09: they belong to organisations;
# - an e-mail address, which usually has a name in it. It leaves out those of an office, such as info@ or referrals@.

NHS_NUMBER, BIRTH, POSTCODE, TELEPHONE = "an NHS number", "a date of birth", "a full postcode", "a telephone number"
EMAIL, INSURANCE, PUPIL = "an email address", "a National Insurance number", "a unique pupil number"

BETWEEN_WORDS = "[\\s\\-\u00a0\u2007\u2009\u202f\u200b]"
BETWEEN_DIGITS = "[\\s_\u00a0\u2007\u2009\u202f\u200b\\-\u2010-\u2013()./]{1,4}"
RUN = re.compile(rf"\d+(?:{BETWEEN_DIGITS}\d+)*")
DIGITS = re.compile(r"\d+")
UNUSUAL = re.compile("[()./]")  # between the digits of an NHS number

MONTHS = (
    "jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    "|nov(?:ember)?|dec(?:ember)?"
)
DAY, YEAR = r"(?:3[01]|[12]\d|0?[1-9])(?:st|nd|rd|th)?", r"(?:19|20)\d\d"
MONTH_NUMBER = "(?:1[0-2]|0?[1-9])"
NUMERIC_DATE = (
    rf"{DAY}(?:[/.]|[-\u2010-\u2013]){MONTH_NUMBER}(?:[/.]|[-\u2010-\u2013])(?:(?P<last>{YEAR})|\d\d)"
    rf"|{DAY} {MONTH_NUMBER} (?P<spaced>{YEAR})"  # as in the days of our own forms
    rf"|(?P<first>{YEAR})[-/.]{MONTH_NUMBER}[-/.]{DAY}"
)
NAMED_DATE = (
    rf"{DAY}[ ,.\-]*(?:of )?(?:{MONTHS})\b[ ,.\-]*(?:(?P<after>{YEAR})|['’]?\d\d)"
    rf"|(?:{MONTHS})\.? {DAY},? (?P<end>{YEAR})"
)
A_DATE = re.compile(rf"(?<![\d/.-])(?:{NUMERIC_DATE}|{NAMED_DATE})(?![\d/-])", re.IGNORECASE)
FIRST_MEETINGS = 2016  # a full date before this year can't be about this product
OF_BIRTH = re.compile(r"(?<!\w)(?:born|d\.?\s?o\.?\s?b|date of birth|birth\s?date|birthday)(?!\w)", re.IGNORECASE)
NEAR = 30  # characters between a birth word and its date

POSTCODE_AREAS = (
    "AB|AL|B|BA|BB|BD|BH|BL|BN|BR|BS|BT|CA|CB|CF|CH|CM|CO|CR|CT|CV|CW|DA|DD|DE|DG|DH|DL|DN|DT|DY|E|EC|EH|EN|EX|FK|FY"
    "|G|GL|GU|GY|HA|HD|HG|HP|HR|HS|HU|HX|IG|IM|IP|IV|JE|KA|KT|KW|KY|L|LA|LD|LE|LL|LN|LS|LU|M|ME|MK|ML|N|NE|NG|NN|NP|NR"
    "|NW|OL|OX|PA|PE|PH|PL|PO|PR|RG|RH|RM|S|SA|SE|SG|SK|SL|SM|SN|SO|SP|SR|SS|ST|SW|SY|TA|TD|TF|TN|TQ|TR|TS|TW|UB|W|WA"
    "|WC|WD|WF|WN|WR|WS|WV|YO|ZE"
)
A_POSTCODE = re.compile(
    rf"(?<!\w)(?:{POSTCODE_AREAS})\d[\dA-Z]?{BETWEEN_WORDS}{{0,2}}\d[ABD-HJLNP-UW-Z]{{2}}(?!\w)", re.IGNORECASE
)
# The limits are those of an address. They also keep the search fast in a long text without spaces.
AN_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+")
OFFICES = re.compile(
    r"(?:admin|contact|duty|enquir(?:y|ies)|feedback|hello|help(?:desk)?|info(?:rmation)?|mash|media|office|press|"
    r"referrals?|reports?|safeguarding|support|team)(?![a-z])",
    re.IGNORECASE,
)
# The letters in use: no D, F, I, Q, U or V, no O in second place, and some pairs never. There is no check digit.
AN_INSURANCE_NUMBER = re.compile(
    rf"(?<!\w)(?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]{BETWEEN_WORDS}?"
    rf"(?:\d{{2}}{BETWEEN_WORDS}?){{3}}[A-D](?!\w)",
    re.IGNORECASE,
)
A_PUPIL_NUMBER = re.compile(r"(?<!\w)[A-Z]\d{11}[\dA-Z](?!\w)", re.IGNORECASE)
OF_PEOPLE = {
    PhoneNumberType.FIXED_LINE,
    PhoneNumberType.MOBILE,
    PhoneNumberType.FIXED_LINE_OR_MOBILE,
    PhoneNumberType.PERSONAL_NUMBER,
    PhoneNumberType.PAGER,
    PhoneNumberType.VOIP,
}
ABROAD = re.compile(r"\+\s*\(?\d|(?<!\d)00\d")  # numbers of other countries start with this
ORDINAL = re.compile(r"\d(?:st|nd|rd|th)\Z")  # “S17 1st” isn’t a postcode, “S17 1ST” may be one


class Sign(NamedTuple):
    start: int
    end: int
    kind: str


def find_signs(text: str) -> tuple[str, ...]:
    """Return what looks personal in a text, in order and without duplicates: "“943 476 5919” looks like …"."""
    signs: list[Sign] = []
    # A mark for each character that is part of a sign. To compare each sign with all others takes long for many.
    taken = bytearray(len(text))
    # In this order: where two overlap, the first wins. An e-mail or a code may have the digits of another number.
    for sign in [
        *_emails(text),
        *_codes(text),
        *_numbers(text),
        *_numbers_abroad(text),
        *_births(text),
        *_postcodes(text),
    ]:
        if not any(taken[sign.start : sign.end]):
            taken[sign.start : sign.end] = b"\1" * (sign.end - sign.start)
            signs.append(sign)
    return tuple(dict.fromkeys(f"“{text[start:end]}” looks like {kind}" for start, end, kind in sorted(signs)))


def is_nhs_number(digits: str) -> bool:
    """Return whether ten digits have the right check digit (modulus 11)."""
    return bool(nhs.is_valid(digits))


def _numbers(text: str) -> Iterator[Sign]:
    """Find numbers. NHS numbers are first, because one may look like a telephone number too. Skip days that aren't
    births."""
    without_dates = A_DATE.sub(lambda match: match[0] if _is_old(match) else "x" * len(match[0]), text)
    runs = [list(DIGITS.finditer(without_dates, *run.span())) for run in RUN.finditer(without_dates)]
    for groups in runs:
        for near in _neighbours(groups, (10,)):
            start, end = near[0].start(), near[-1].end()
            is_plain = len(near) == len(groups) and not UNUSUAL.search(text, start, end)
            if _looks_like_nhs_number([group[0] for group in near], is_plain):
                yield Sign(start, end, NHS_NUMBER)
    for groups in runs:
        begin = groups[0].start()
        for near in _neighbours(groups, range(14, 9, -1)):
            start = near[0].start()
            before = text[max(start - 2, 0) : start] if start == begin else ""
            if _looks_like_telephone([group[0] for group in near], before):
                yield Sign(start - before.endswith("+"), near[-1].end(), TELEPHONE)


def _emails(text: str) -> Iterator[Sign]:
    for match in AN_EMAIL.finditer(text):
        if not OFFICES.match(match[0]):
            yield Sign(match.start(), match.end(), EMAIL)


def _codes(text: str) -> Iterator[Sign]:
    """Find numbers that start with letters."""
    for match in AN_INSURANCE_NUMBER.finditer(text):
        yield Sign(*match.span(), INSURANCE)
    for match in A_PUPIL_NUMBER.finditer(text):
        if upn.is_valid(match[0]):
            yield Sign(*match.span(), PUPIL)


def _numbers_abroad(text: str) -> Iterator[Sign]:
    # PhoneNumberMatcher is slow in long texts, and few have such a number.
    if not ABROAD.search(text):
        return
    for match in PhoneNumberMatcher(text, "GB", leniency=Leniency.VALID):
        if number_type(match.number) in OF_PEOPLE and ABROAD.match(match.raw_string):
            yield Sign(match.start, match.end, TELEPHONE)


def _neighbours(groups: Sequence[re.Match[str]], counts: Iterable[int]) -> Iterator[Sequence[re.Match[str]]]:
    """Yield neighbours that have so many digits together. From each group on, in the order of `counts`."""
    totals = [0, *accumulate(len(group[0]) for group in groups)]
    ends = {total: place for place, total in enumerate(totals)}
    for first, before in enumerate(totals[:-1]):
        for count in counts:
            if before + count in ends:
                yield groups[first : ends[before + count]]


def _looks_like_nhs_number(groups: list[str], is_plain: bool) -> bool:
    """Return whether it is written as an NHS number.

    In a longer row of numbers, or with marks other than spaces and hyphens, only the usual ways count: “2025/26 2026”
    are years.
    """
    usual = [len(group) for group in groups] in ([10], [3, 3, 4])
    return (is_plain or usual) and is_nhs_number("".join(groups))


def _looks_like_telephone(groups: list[str], before: str) -> bool:
    digits = "".join(groups)
    abroad = digits.startswith("0044") or (before.endswith("+") and digits.startswith("44"))
    if abroad:
        rest = digits.removeprefix("00").removeprefix("44").removeprefix("0")
        return len(rest) in (9, 10) and rest[0] in "127"
    # A row of small figures may start with a 0, but not with “012”. After a capital letter it is a code.
    written = len(groups[0]) >= 3 and all(len(group) >= 2 for group in groups)
    is_code = before[-1:].isascii() and before[-1:].isupper()
    return written and not is_code and len(digits) in (10, 11) and digits[0] == "0" and digits[1] in "127"


def _is_old(date: re.Match[str]) -> bool:
    return any(year and int(year) < FIRST_MEETINGS for year in date.groupdict().values())


def _births(text: str) -> Iterator[Sign]:
    words = list(OF_BIRTH.finditer(text))
    ends = [word.end() for word in words]
    for date in A_DATE.finditer(text):
        # Words don't overlap, so if the first that ends late enough begins too late, all others do.
        place = bisect_left(ends, date.start() - NEAR)
        is_near = place < len(words) and words[place].start() <= date.end() + NEAR
        if is_near or _is_old(date):
            yield Sign(*date.span(), BIRTH)


def _postcodes(text: str) -> Iterator[Sign]:
    for match in A_POSTCODE.finditer(text):
        if not ORDINAL.search(match[0]):
            yield Sign(*match.span(), POSTCODE)


LONGEST_REASON = 300  # characters


def read_reason(why: str, *, missing: str) -> tuple[str, str]:
    """Return the reason on one line, and what is wrong with it: `missing`, a sentence if it is too long, or nothing."""
    why = one_line(why)
    if not why:
        return why, missing
    if len(why) > LONGEST_REASON:
        return why, f"Shorten the reason to {LONGEST_REASON} characters; it has {len(why):,}."
    return why, ""
