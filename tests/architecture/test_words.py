"""The words of the product: one word for one thing, and no phrase that native readers stumbled over."""

import functools
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from script.words import HOLE, ROOT, WORD, Said, is_whole, list_said, main, read_python, read_template, read_toml
from tests.architecture.test_docs import DOCS, GLOSSARY, ROWS, tables_of, text_of

WORDS = tomllib.loads((Path(__file__).parent / "words.toml").read_text(encoding="utf-8"))
PHRASES: dict[str, str] = {banned.lower(): better for banned, better in WORDS["phrases"].items()}


@dataclass(frozen=True, slots=True)
class Term:
    """What to say for one thing, the words that compete with it, and the phrases in which these mean something else."""

    say: str
    words: tuple[str, ...] = ()
    pattern: str = ""
    allowed: tuple[str, ...] = ()
    in_documents: bool = False

    def find(self, text: str) -> str:
        """Return the first word not to say, or nothing. An address or a path is no word."""
        wrong = self.pattern or rf"(?<![\w/.-])(?:{'|'.join(map(re.escape, self.words))})(?![\w/@=-]|\.\w)"
        match = re.search(wrong, text, re.IGNORECASE)
        if match and self.allowed:
            allowed = "|".join(map(re.escape, self.allowed))
            match = re.search(wrong, re.sub(allowed, HOLE, text, flags=re.IGNORECASE), re.IGNORECASE)
        return match[0] if match else ""


TERMS = [
    Term(
        term["say"],
        tuple(term.get("not", ())),
        term.get("pattern", ""),
        tuple(term.get("allowed", ())),
        term.get("in_documents", False),
    )
    for term in WORDS["term"]
]


def test_strings_of_python_are_found_with_what_is_filled_in():
    source = '''
"""Not said."""
def tell(count):
    """Nor this."""
    if count == "a_code":
        return f"{count} {'row is' if count == 1 else 'rows are'} new. " "Look at them."
    return "SELECT this FROM that WHERE it", "code", TABLE["Key"], "Label", f"{count} %"
'''
    said, label, share = read_python("tell.py", source)
    assert (said.line, said.text) == (6, "… row is/rows are new. Look at them.")
    assert said.sentences == ["… row is/rows are new.", "Look at them."]
    assert (label.text, share.text) == ("Label", "… %")


def test_docstrings_and_comments_are_apart():
    source = '"""What is said."""\nx = "said here"  # beside it\n'
    assert [said.text for said in read_python("x.py", source, docstrings=True)] == ["What is said.", "beside it"]


def test_templates_are_read_by_block():
    source = (
        "<h1>{{ name }}</h1>{# a hint to nobody #}\n"
        '<p>Read <a href="/x/">the month</a>{% if late %}, late{% endif %}.</p>\n'
        '<img alt="A chart of months"><th>Save</th><script>var said = "in no page"</script>'
    )
    found = {(said.line, said.text) for said in read_template("x.html", source)}
    assert found == {(2, "Read the month|, late|."), (3, "A chart of months"), (3, "Save")}


def test_catalogues_are_read_by_value():
    [said] = read_toml("x.toml", '[[indicator]]\ncode = "arrests"\ntitle = "People arrested"\n')
    assert (said.line, said.text) == (3, "People arrested")


def test_a_sentence_ends_where_a_template_chooses():
    source = (
        "<p>{% if few %}Nothing yet.{% else %}Read on.{% endif %} Add {{ thing }}{% if late %}, late{% endif %}.</p>"
    )
    [said] = read_template("x.html", source)
    assert said.sentences == ["Nothing yet.", "Read on.", "Add …|, late|."]


def test_what_is_formatted_later_is_filled_in():
    [said] = read_python("x.py", 'x = "You answered {}, {who} and %(what)s."')
    assert said.text == "You answered …, … and …."


def sample(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[str]:
    assert main(arguments) == 0
    return capsys.readouterr().out.splitlines()


def test_a_seed_draws_the_same_sentences(capsys):
    first = sample(capsys, "--sample", "100", "--seed", "1")
    assert len(set(first)) == 100
    assert sample(capsys, "--sample", "100", "--seed", "1") == first
    assert len({*first, *sample(capsys, "--sample", "100", "--seed", "2")}) > 190


def test_a_drawn_sentence_is_whole_and_in_its_file(capsys):
    for line in sample(capsys, "--sample", "300", "--seed", "3"):
        path, number, sentence = re.fullmatch(r"([^:]+):(\d+): (.+)", line).groups()
        assert is_whole(sentence), line
        lines = (ROOT / path).read_text(encoding="utf-8").splitlines()[int(number) - 1 :]
        rest = "\n".join(lines).replace("\\'", "'")
        for word in WORD.findall(re.sub(r"\S*/\S*", " ", sentence)):  # a choice is written as code
            assert word in rest, line
            rest = rest[rest.index(word) :]


@pytest.mark.parametrize("text", ["Save the draft", "and so on.", "Up to ….", "a/b, or not."])
def test_a_piece_is_no_whole_sentence(text):
    assert not is_whole(text)


@functools.cache
def said_by_the_product() -> list[Said]:
    return list(list_said())


def test_no_phrase_is_said_that_readers_stumbled_over():
    said = [(each, each.text.lower()) for each in said_by_the_product()]
    assert len(said) > 5_000
    wrong = [
        f"{each.path}:{each.line}: “{banned}” (say: {better})"
        for each, text in said
        for banned, better in PHRASES.items()
        if banned in text and re.search(rf"\b{re.escape(banned)}\b", text)
    ]
    assert wrong == []


# --- One word for one thing


@pytest.mark.parametrize("term", TERMS, ids=lambda term: term.say)
def test_one_word_is_said_for_one_thing(term):
    wrong = [
        f"{said.path}:{said.line}: “{word}” (say: {term.say})"
        for said in said_by_the_product()
        if "/fonts/" not in said.path and (word := term.find(said.text))
    ]
    assert wrong == []


def test_competing_words_are_found_unless_they_mean_something_else():
    term = Term("email", ("e-mail", "e-mails"), allowed=("e-mail law",))
    assert term.find("Send an E-mail. It is sent.") == "E-mail"
    assert term.find("Open me@e-mail.example, or read the e-mail law") == ""
    assert Term("58%", pattern=r"\d\s%").find("58 % of 3") == "8 %"


@pytest.mark.parametrize(("term", "phrase"), [(term, phrase) for term in TERMS for phrase in term.allowed])
def test_what_a_term_allows_is_said(term, phrase):
    assert any(phrase.lower() in said.text.lower() for said in said_by_the_product())


# --- The glossary's


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


@pytest.mark.parametrize("term", [term for term in TERMS if term.in_documents], ids=lambda term: term.say)
def test_documents_say_one_word_for_one_thing(term):
    wrong = [f"{each.path}:{each.line}: “{word}”" for each in list_documents() if (word := term.find(each.text))]
    assert wrong == []


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
