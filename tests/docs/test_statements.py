"""docs/statements.md has the vocabulary, the sources and the placeholders that there are."""

import re

from concord.access.audit import Verb
from concord.actions.read_statements import Stated
from concord.jail.identifier import PLACEHOLDERS, placeholder
from concord.jail.vocabulary import KINDS, MOST_STATEMENTS, SOURCES, UNCHECKED
from tests.conftest import ROOT

TEXT = (ROOT / "docs" / "statements.md").read_text()


def rows(heading: str) -> list[list[str]]:
    part = TEXT.split(f"## {heading}\n")[1].split("\n## ")[0]
    lines = [line for line in part.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[1:]]


def test_the_vocabulary_is_complete_and_says_what_is_said() -> None:
    table = {kind.strip("`"): words for kind, words, _ in rows("Vocabulary")}
    assert table == {kind: one.words.format("...") for kind, one in KINDS.items()}


def test_the_sources_are_those_there_are() -> None:
    assert [source.strip("`") for source, _ in rows("Sources")] == list(SOURCES)


def test_the_placeholders_are_those_there_are_with_examples_that_are_refused() -> None:
    table = rows("What is left out")
    assert [reason for reason, _ in table] == [one.reason for one in PLACEHOLDERS]
    for reason, examples in table:
        for example in re.findall(r"`([^`]+)`", examples):
            assert placeholder(example.casefold(), number=True) == reason, example


def test_what_it_names_is_there() -> None:
    assert 'nobody has checked"' in TEXT and UNCHECKED == "nobody has checked"
    assert f"`{Verb.READ_STATEMENTS}`" in TEXT
    assert f"{MOST_STATEMENTS} statements a file" in TEXT
    fields = re.search(r"`\{(\"material\".*)\}`", TEXT)
    assert fields
    assert re.findall(r'"(\w+)"', fields[1].replace('[{"country","unit"}]', "")) == list(Stated.__struct_fields__)
