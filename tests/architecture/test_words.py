"""The words of the product: no phrase that native readers stumbled over."""

import functools
import re
from collections.abc import Iterator
from pathlib import Path

from script.words import Said, list_said, read_python, read_template, read_toml
from tests.architecture.test_docs import DOCS, GLOSSARY, ROWS, tables_of, text_of

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


@functools.cache
def said_by_the_product() -> list[Said]:
    return list(list_said())


def test_no_phrase_is_said_that_readers_stumbled_over():
    said = [(each, each.text.lower()) for each in said_by_the_product()]
    assert len(said) > 5_000
    wrong = [
        f"{each.path}:{each.line}: “{banned}” (say: {better})"
        for each, text in said
        for banned, better in BANNED.items()
        if banned in text and re.search(rf"\b{re.escape(banned)}\b", text)
    ]
    assert wrong == []


# --- One word for one thing: the glossary's


# The glossary's last table: words that compete with a term, and the term.
SYNONYMS = {word: term for words, term in tables_of(GLOSSARY)[-1][2:] for word in words.split(", ")}
# The other name of a column that people may paste.
ACCEPTED = {("boards/invitations.py", "email")}


def find_synonym(text: str) -> str:
    """Return the first word not to say, or nothing. Code, such as `metric` or submission.accepted, is left out, and so
    is a name in capitals."""
    for word in SYNONYMS:
        beginning = f"[{word[0]}{word[0].upper()}]"
        if word[1:] in text and re.search(rf"(?<![\w/.]){beginning}{re.escape(word[1:])}(?![\w/]|\.\w)", text):
            return word
    return ""


CODE = re.compile(r"```.*?```|`[^`]*`|\]\([^)]*\)", re.DOTALL)


def list_documents() -> Iterator[Said]:
    """What documents say, by line. In the glossary a term may be explained by such a word, as an agency is."""
    for name in sorted(DOCS):
        text = CODE.sub(lambda code: "\n" * code[0].count("\n"), text_of(name))
        if name == "docs/glossary.md":
            text = "\n".join(means for term, means in ROWS if term.lower() not in SYNONYMS.values())
        yield from (Said(name, number, "document", line) for number, line in enumerate(text.splitlines(), 1))


def test_synonyms_are_found():
    assert find_synonym("Each Metric is shown") == "metric"
    assert find_synonym("by the deadline.") == "deadline"
    assert find_synonym("submission.accepted, --by EMAIL, account/email.html, e-mail") == ""


def test_each_word_to_say_is_a_term_or_used():
    assert len(SYNONYMS) > 20
    assert {term for term in SYNONYMS.values() if find_synonym(term)} == set()


def test_pages_guides_and_documents_use_one_word_for_one_thing():
    wrong = [
        f"{each.path}:{each.line}: “{word}” (say: {SYNONYMS[word]})"
        for each in [*said_by_the_product(), *list_documents()]
        if "/fonts/" not in each.path and (word := find_synonym(each.text)) and (each.path, word) not in ACCEPTED
    ]
    assert wrong == []
