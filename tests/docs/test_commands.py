"""Every command line on a page of the documentation: the command, its options and their words are there."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from concord.cli.main import concord
from tests.conftest import ROOT

LINE = re.compile(r"^(?:    |\$ )?(?:\./run )?(concord [a-z].*)$", re.MULTILINE)
PAGES = sorted((ROOT / "docs").glob("*.md"))


def _lines() -> Iterator[tuple[Path, str]]:
    for page in PAGES:
        for line in LINE.findall(page.read_text()):
            if "--" in line or line.count(" ") < 4:  # prose at the margin has neither
                yield page, line


LINES = list(_lines())


def test_there_are_such_lines() -> None:
    assert len(LINES) > 30


@pytest.mark.parametrize(("page", "line"), LINES, ids=lambda one: one.name if isinstance(one, Path) else one[:60])
def test_what_a_page_says_can_be_typed(page: Path, line: str) -> None:
    words = shlex.split(line.partition(" | ")[0], comments=True)[1:]
    command: click.Command = concord
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        assert words[0] in command.commands
        command = command.commands[words.pop(0)]
    options = {name: one for one in [*command.params, click.Option(["-h", "--help"])] for name in one.opts}
    for number, word in enumerate(words):
        if word.startswith("--"):
            name, _, value = word.partition("=")
            assert name in options
            kind = options[name].type
            if isinstance(kind, click.Choice):
                kind.convert(value or words[number + 1], None, None)
