"""A block that was copied from a spreadsheet: matched by names, or else a column. What isn't sure is left out."""

from contextlib import suppress
from random import Random
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.calendar import Month
from indicators.figures import NOTHING_TYPED, Entry
from indicators.imports.figures import Target
from indicators.imports.pasted import LONGEST_PASTE, Form, PasteRefused, read_block

TITLES = {"lines": ("County lines", "How many county lines ran?"), "children": ("Children", "How many children?")}
PARTS = {"london": "London", "leeds": "Leeds", "other": "Other"}
AGES = {"under-10": "Under 10", "10-17": "10–17", "other": "Other"}
FORM = Form(
    [
        *(Target(f"lines.{code}", ("lines", *TITLES["lines"]), (code, name)) for code, name in PARTS.items()),
        *(Target(f"children.{code}", ("children", *TITLES["children"]), (code, name)) for code, name in AGES.items()),
        Target("arrests", ("arrests", "Arrests", "How many arrests were made?")),
        Target("charges", ("charges", "Charges", "How many charges?")),
    ],
    Month(2026, 10),
    area=("anytown", "Anytown"),
    agency=("police", "Essex Police"),
)
NAMES = [target.name for target in FORM.targets]


def read(text: str, entries: dict[str, Entry] | None = None, *, start: str = "") -> tuple[dict[str, Entry], list[str]]:
    """What would be put in, by box; and why the other rows are left out."""
    rows, entries = read_block(text, FORM, start=start), entries or {}
    taken = {row.name: row.put_into(entries.get(row.name, NOTHING_TYPED)) for row in rows if not row.fault}
    return taken, [row.fault for row in rows if row.fault]


def table(*rows: str) -> str:
    """Rows as they are copied: "Arrests | 5"."""
    return "\n".join("\t".join(cell.strip() for cell in row.split("|")) for row in rows)


# --- By name ----------------------------------------------------------------------------------------

IN_ANY_WAY = [
    table("Charges | 2", "Arrests | 5", "County lines, Leeds | 7"),
    table("Indicator | Number", "charges | 2", "arrests | 5", "lines.leeds | 7"),
    table("Figure | October 2026", "How many charges? | 2", "ARRESTS | 5", "How many county lines ran? Leeds | 7"),
    table("Oct-26 | Figure | Part", "7 | County lines | Leeds", "5 | Arrests | ", "2 | Charges |"),
    table("Leeds | County lines | 7", " | Charges | 2", "| Arrests | 5"),
    table("2 | Charges", "5 | Arrests", "7 | Leeds: county lines"),
    table("| Sep | Oct", "Charges | 9 | 2", "Arrests | 9 | 5", "County lines | | ", "Leeds | 9 | 7"),
    table("Anytown", "", "Question | 2026-09 | 2026-10 | Change", *(
        "Charges | 1 | 2 | 1", "Arrests | 4 | 5 | 1", "County lines - Leeds | 7 | 7 | 0",
    )),
]  # fmt: skip


@pytest.mark.parametrize("text", IN_ANY_WAY)
def test_rows_are_matched_by_their_names_in_any_order(text: str):
    assert read(text) == ({"charges": Entry("2"), "arrests": Entry("5"), "lines.leeds": Entry("7")}, [])


def test_a_table_with_headers_and_labels_overwrites_nothing_else():
    """What was pasted when five figures were lost."""
    before = {name: Entry("1") for name in NAMES}
    taken, left_out = read(
        table("Offence | October", "Burglary | 31", "Arrests | 12", "Knife crime | 8", "Total | 51"), before
    )
    assert taken == {"arrests": Entry("12")}
    assert left_out == [f"“{name}” isn’t a figure in this return." for name in ("Burglary", "Knife crime", "Total")]


def test_the_file_of_a_return_is_matched_when_it_is_pasted():
    taken, left_out = read(
        table(
            "OFFICIAL",
            "October 2026 figures from Essex Police, Anytown",
            "Question | September 2026 | Figure | If there is no figure | Note | Agency code | Indicator code "
            "| Category code | Month | Area code",
            "How many county lines ran? London | 3 | 4 | | fewer | police | lines | london | 2026-10 | anytown",
            "How many arrests were made? | 12 | | Not available | Down | police | arrests | | 2026-10 | anytown",
            "How many charges? | 12 | 13 | figure | | police | charges | | 2026-09 | anytown",
            "How many children? Other | 1 | 2 | | | police | children | other | 2026-10 | elsewhere",
            "How many children? Under 10 | 1 | 2 | | | nhs | children | under-10 | 2026-10 | anytown",
        )
    )
    assert taken == {"lines.london": Entry("4", "", "fewer"), "arrests": Entry("", "not_available", "Down")}
    assert left_out == [
        "This return is for October 2026, but the row says 2026-09.",
        "This row is for another area, elsewhere.",
        "This row is for another agency, nhs.",
    ]


def test_categories_stand_under_their_question():
    text = table("County lines | ", "London | 1", "Other | 2", "Children | ", "10–17 | 3", "Other | 4", "Arrests | 5")
    assert read(text) == (
        {
            "lines.london": Entry("1"),
            "lines.other": Entry("2"),
            "children.10-17": Entry("3"),
            "children.other": Entry("4"),
            "arrests": Entry("5"),
        },
        [],
    )


def test_what_stands_under_a_heading_that_is_not_known_is_left_out():
    taken, left_out = read(table("County lines | ", "Leeds | 1", "Robbery by place | ", "Other | 2"))
    assert taken == {"lines.leeds": Entry("1")}
    assert left_out == ["“Other” appears under more than one question. Paste the question too."]


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ("Other | 4", "“Other” appears under more than one question. Paste the question too."),
        ("County lines | Crewe | 4", "“County lines, Crewe” isn’t a category that this return asks for."),
        ("County lines | 4", "“County lines” is split into categories. Name the category of this figure."),
        ("Leeds | Arrests | 4", "“Leeds, Arrests” names more than one figure. Put each figure in its own row."),
        ("Arrests | 39.4%", "Enter a whole number, such as 12. You entered “39.4%”."),
        ("Arrests | 0.4", "Enter a whole number, without a decimal point. You entered “0.4”."),
        ("Arrests | -4", "Enter a number that is 0 or more. You entered “-4”."),
        ("Arrests | 12a", "Enter a whole number, such as 12. You entered “12a”."),
        ("Arrests | some", "Enter a whole number, such as 12. You entered “some”."),
        ("Arrests | 4 | " + "x" * 501, "Shorten the note to 500 characters; it has 501."),
    ],
)
def test_what_is_not_sure_is_left_out_and_the_rest_taken(row: str, sentence: str):
    is_wide = row.count("|") == 2 and "x" not in row
    first = ["County lines | Leeds | 2"] if is_wide else ["Charges | 2"]
    assert read(table(*first, row)) == ({"lines.leeds" if is_wide else "charges": Entry("2")}, [sentence])


def test_a_figure_that_stands_in_another_column_is_told():
    taken, left_out = read(table("County lines | Leeds | 4", "Charges | 2"))
    assert taken == {"lines.leeds": Entry("4")}
    assert left_out == ["“2” isn’t in the same column as the other figures."]


def test_a_number_and_a_reason_are_not_both_taken():
    taken, left_out = read(table("Figure | Count | State", "Arrests | 4 | Not available", "Charges | 2 | "))
    assert (taken, left_out) == ({"charges": Entry("2")}, ["Enter a number or a reason why there is none, not both."])


def test_of_a_figure_that_is_there_twice_none_is_taken():
    taken, left_out = read(table("Arrests | 4", "Charges | 2", "How many arrests were made? | 5"))
    assert taken == {"charges": Entry("2")}
    assert left_out == ["This figure appears twice, in rows 1 and 3."] * 2


def test_two_columns_of_numbers_are_asked_about():
    with pytest.raises(PasteRefused, match=r"^2 columns have numbers, and we can’t tell which is for October 2026\."):
        read(table("Arrests | 4 | 5", "Charges | 2 | 3"))


@pytest.mark.parametrize("head", ["September 2026", "Sep-26", "2025-10", "September"])
def test_the_figures_of_another_month_are_refused(head: str):
    for text in (table(f"Figure | {head}", "Arrests | 4"), table(head, "4", "5")):
        with pytest.raises(PasteRefused, match=r"but this return is for October 2026\. Nothing changed\.$"):
            read(text)


def test_a_blank_cell_leaves_what_is_there():
    before = {"arrests": Entry("9", "", "kept"), "charges": Entry("8")}
    assert read(table("Arrests | 4 | ", "Charges | |"), before)[0] == {"arrests": Entry("4", "", "kept")}


def test_a_table_of_which_nothing_has_a_name_is_refused():
    with pytest.raises(PasteRefused, match=r"^Nothing that you pasted has the name of a figure in this return\."):
        read(table("Burglary | 4", "Robbery | 5"))


@given(st.randoms(use_true_random=False), st.booleans(), st.booleans())
def test_the_order_of_rows_and_columns_changes_nothing(random: Random, has_header: bool, has_codes: bool):
    name = 0 if has_codes else 1
    rows = [
        [target.indicator[name], target.category[name] if target.category else "", str(at)]
        for at, target in enumerate(FORM.targets)
    ]
    random.shuffle(rows)
    if has_header:
        rows.insert(0, ["Indicator", "Category", "Figure"])
    order = random.sample(range(3), 3)
    taken, left_out = read("\n".join("\t".join(row[place] for place in order) for row in rows))
    assert taken == {name: Entry(str(at)) for at, name in enumerate(NAMES)}
    assert left_out == []


# --- A column ---------------------------------------------------------------------------------------


def test_a_column_goes_down_the_table():
    taken, left_out = read("1\r\n\r\n3\n", {"lines.leeds": Entry("9")})
    assert (taken, left_out) == ({"lines.london": Entry("1"), "lines.other": Entry("3")}, [])


def test_a_column_goes_down_from_the_box_that_it_is_pasted_into():
    assert read("1\n2", start="arrests:value")[0] == {"arrests": Entry("1"), "charges": Entry("2")}
    assert read("busy\nquiet", start="arrests:note")[0] == {
        "arrests": Entry(note="busy"),
        "charges": Entry(note="quiet"),
    }
    with pytest.raises(PasteRefused, match=r"^You pasted 3 rows, but from this box down the table has only 2\."):
        read("1\n2\n3", start="arrests:value")


def test_a_header_shifts_no_row():
    assert read("October 2026\n1\n2")[0] == {"lines.london": Entry("1"), "lines.leeds": Entry("2")}


def test_what_is_no_whole_number_leaves_its_box_and_shifts_nothing():
    taken, left_out = read("39.4%\n2\nmany\n0.4")
    assert taken == {"lines.leeds": Entry("2")}
    assert [sentence[:20] for sentence in left_out] == ["Enter a whole number"] * 3


def test_a_pasted_block_brings_notes_and_reasons():
    taken, _ = read("1,200\tan emoji 🙂\nnot available\tDown\nComes later\tOn the 5th\n0")
    assert taken == {
        "lines.london": Entry("1,200", "", "an emoji 🙂"),
        "lines.leeds": Entry("", "not_available", "Down"),
        "lines.other": Entry("", "awaited", "On the 5th"),
        "children.under-10": Entry("0"),
    }


def test_a_pasted_number_takes_the_place_of_a_reason():
    assert read("5", {NAMES[0]: Entry("", "awaited", "later")})[0] == {NAMES[0]: Entry("5", "", "later")}


@pytest.mark.parametrize("extra", [1, 30])
def test_more_rows_than_the_table_has_are_refused_whole(extra: int):
    rows = len(NAMES) + extra
    with pytest.raises(PasteRefused, match=rf"^You pasted {rows} rows, but the table has only {len(NAMES)}\."):
        read("\n".join("1" * rows))


@pytest.mark.parametrize("text", ["", " ", "\n\n", "\t\r\n"])
def test_nothing_pasted_is_a_sentence(text: str):
    with pytest.raises(PasteRefused, match=r"^Nothing was pasted"):
        read(text)


# --- Cells ------------------------------------------------------------------------------------------


def test_a_cell_with_a_line_break_shifts_no_row():
    taken, _ = read('12\t"first line\r\nsecond ""line"""\r\n7\t"a\tb"\n"1\n"\n')
    assert taken == {
        "lines.london": Entry("12", "", 'first line second "line"'),
        "lines.leeds": Entry("7", "", "a\tb"),
        "lines.other": Entry("1"),
    }


@pytest.mark.parametrize("note", ['5" pipes', '"so-called" lines', '"', '"never closed', 'said "x"', '""x'])
def test_quotation_marks_that_no_spreadsheet_put_there_stay(note: str):
    assert read(f"1\t{note}\n2")[0] == {"lines.london": Entry("1", "", note), "lines.leeds": Entry("2")}


cells = st.text(st.sampled_from('ab1 "\n\t'), min_size=1).filter(lambda text: text.strip() and text == text.strip())


@given(st.lists(cells, min_size=1, max_size=len(NAMES)))
def test_a_note_that_a_spreadsheet_quotes_comes_as_it_was(notes: list[str]):
    lines = [f'1\t"{note.replace(chr(34), chr(34) * 2)}"' for note in notes]
    joined = [" ".join(part.strip() for part in note.split("\n") if part.strip()) for note in notes]
    assert [row.note for row in read_block("\n".join(lines), FORM)] == joined


@pytest.mark.parametrize(
    "text",
    ['"\n' * 50_000, '"' * 1_000_000, '"""a\n' * 200_000, "\t" * 1_000_000, "1\n" * 600_000, "Arrests\t" * 120_000,
     "Arrests\t1\n" * 2_000, ("Leeds\t" * 99 + "\n") * 1_600],
)  # fmt: skip
def test_a_hostile_block_is_read_or_refused_soon(text: str):
    began = process_time()  # other tests run at the same time
    with suppress(PasteRefused):
        read(text)
    assert process_time() - began < 5


def test_a_block_that_is_far_too_long_is_refused():
    with pytest.raises(PasteRefused, match=r"^You pasted \d"):
        read("1" * (LONGEST_PASTE + 1))


@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=len(NAMES)))
def test_what_is_pasted_is_what_is_typed(figures: list[int]):
    assert read("\n".join(map(str, figures))) == (
        {name: Entry(str(figure)) for name, figure in zip(NAMES, figures, strict=False)},
        [],
    )
