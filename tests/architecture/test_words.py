"""The words of the product: no phrase that native readers stumbled over."""

import re
from pathlib import Path

from script.words import list_said, read_python, read_template, read_toml

BANNED = {
    banned.lower(): better
    for line in (Path(__file__).parent / "banned_phrases.txt").read_text(encoding="utf-8").splitlines()
    if not line.startswith("#")
    for banned, better in [re.split(r"\s{2,}", line, maxsplit=1)]
}


def test_strings_of_python_are_found_with_what_is_filled_in():
    source = '''
"""Not said."""
def tell(count):
    """Nor this."""
    if count == "a_code":
        return f"{count} {'row is' if count == 1 else 'rows are'} new. " "Look at them."
    return "SELECT this FROM that WHERE it"
'''
    [said] = read_python("tell.py", source)
    assert (said.line, said.text) == (6, "… row is/rows are new. Look at them.")
    assert said.sentences == ["… row is/rows are new.", "Look at them."]


def test_docstrings_and_comments_are_apart():
    source = '"""What is said."""\nx = "said here"  # beside it\n'
    assert [said.text for said in read_python("x.py", source, docstrings=True)] == ["What is said.", "beside it"]


def test_templates_are_read_by_block():
    source = (
        "<h1>{{ name }}</h1>{# a hint to nobody #}\n"
        '<p>Read <a href="/x/">the month</a>{% if late %}, late{% endif %}.</p>\n'
        '<img alt="A chart of months"><script>var said = "in no page"</script>'
    )
    found = {(said.line, said.text) for said in read_template("x.html", source)}
    assert found == {(2, "Read the month|, late|."), (3, "A chart of months")}


def test_catalogues_are_read_by_value():
    [said] = read_toml("x.toml", '[[indicator]]\ncode = "arrests"\ntitle = "People arrested"\n')
    assert (said.line, said.text) == (3, "People arrested")


def test_no_phrase_is_said_that_readers_stumbled_over():
    said = list(list_said())
    assert len(said) > 5_000
    wrong = [
        f"{each.path}:{each.line}: “{banned}” (say: {better})"
        for each in said
        for banned, better in BANNED.items()
        if re.search(rf"\b{re.escape(banned)}\b", each.text.lower())
    ]
    assert wrong == []
