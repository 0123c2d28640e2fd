"""Reading a journal back: of each item what was said of it last."""

import json
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from concord.cli.kept import last_answers
from tests.cli.told import told


def journal(folder: Path, lines: list[tuple[str, int]]) -> Path:
    path = folder / "journal"
    answers = [told(item) | {"distance": number} for item, number in lines]
    objects = [{"item": one["item"], "size": 1, "modified_ns": 2, "answer": one} for one in answers]
    path.write_text("\n".join(json.dumps(one) for one in [{"journal": 1}, *objects]) + "\n")
    return path


@given(lines=st.lists(st.tuples(st.sampled_from(["a", "b", "c", "ü\n"]), st.integers(0, 9))))
def test_the_last_of_each_item_is_given_in_the_order_of_the_file(lines: list[tuple[str, int]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        given_back = [one["distance"] for one in last_answers(journal(Path(folder), lines))]
    last = {item: place for place, (item, _) in enumerate(lines)}
    assert given_back == [number for place, (item, number) in enumerate(lines) if last[item] == place]


@pytest.mark.parametrize(
    "unreadable",
    [
        b"\0" * 20,
        b"\xff\xfe",
        b"[" * 100_000,
        b"{}",
        b"",
        b'{"item": "\\ud800", "answer": {}}',
        b'{"item": "a", "answer": {}}',
        b'{"item": "a", "answer": {"item": "a", "answer": "PERHAPS"}}',
    ],
)
def test_what_a_power_cut_left_unreadable_or_is_no_answer_is_left_aside(tmp_path: Path, unreadable: bytes) -> None:
    path = journal(tmp_path, [("a", 1), ("b", 2), ("a", 3)])
    heading, *lines = path.read_bytes().splitlines()
    path.write_bytes(b"\n".join([heading, lines[0], unreadable, *lines[1:], unreadable]) + b"\n")
    assert [one["distance"] for one in last_answers(path)] == [2, 3]


def test_a_journal_of_nothing_gives_nothing(tmp_path: Path) -> None:
    assert list(last_answers(journal(tmp_path, []))) == []
