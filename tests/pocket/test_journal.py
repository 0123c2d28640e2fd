"""A journal gives back what was written, survives being torn, and takes no other's file for its own."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from concord.pocket.journal import Journal
from concord.pocket.refusal import JournalBusy, JournalUnusable, NoJournal, OtherJournal

HEADING = {"server": "https://hub.invalid", "asked_by": "officer"}

names = st.text(st.characters(), max_size=8)
numbers = st.none() | st.integers(-(2**63), 2**63)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "run.journal"


def lines_of(path: Path) -> list[bytes]:
    return path.read_bytes().splitlines(keepends=True)


def test_what_was_written_is_known_in_the_same_run_and_in_the_next(path: Path) -> None:
    with Journal.open(path, HEADING) as journal:
        assert journal.known("a.jpg", 5, 7) is None
        journal.write("a.jpg", 5, 7, {"answer": "NEW"})
        assert journal.known("a.jpg", 5, 7) == {"answer": "NEW"}
    with Journal.open(path, HEADING) as journal:
        assert journal.known("a.jpg", 5, 7) == {"answer": "NEW"}
        assert len(journal) == 1


@pytest.mark.parametrize("other", [("b.jpg", 5, 7), ("a.jpg", 6, 7), ("a.jpg", 5, 8), ("a.jpg", None, 7)])
def test_a_file_that_is_another_or_has_changed_is_not_known(path: Path, other: tuple[str, int | None, int]) -> None:
    with Journal.open(path, HEADING) as journal:
        journal.write("a.jpg", 5, 7, {})
        assert journal.known(*other) is None


def test_the_first_line_says_whose_it_is_and_every_other_is_an_answer(path: Path) -> None:
    with Journal.open(path, HEADING) as journal:
        journal.write("a.jpg", 5, None, {"answer": "KNOWN"})
    assert [json.loads(line) for line in lines_of(path)] == [
        {"journal": 1, **HEADING},
        {"item": "a.jpg", "size": 5, "modified_ns": None, "answer": {"answer": "KNOWN"}},
    ]


@given(st.lists(st.tuples(names, numbers, numbers), max_size=40))
def test_any_names_and_numbers_are_found_again_with_the_answer_written_last(
    keys: list[tuple[str, int | None, int | None]],
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "run.journal"
        with Journal.open(path, HEADING) as journal:
            for number, key in enumerate(keys):
                journal.write(*key, {"number": number})
        with Journal.open(path, HEADING) as journal:
            assert len(journal) == len(set(keys))
            for key in keys:
                last = max(number for number, other in enumerate(keys) if other == key)
                assert journal.known(*key) == {"number": last}


def test_torn_anywhere_it_keeps_every_whole_line_and_is_written_on(path: Path) -> None:
    with Journal.open(path, HEADING) as journal:
        for number in range(3):
            journal.write(f"{number}.jpg", number, 0, {"number": number})
    whole = path.read_bytes()
    ends = [end for end in range(len(whole)) if whole[end : end + 1] == b"\n"]
    for cut in range(len(whole) + 1):
        path.write_bytes(whole[:cut])
        with Journal.open(path, HEADING) as journal:
            kept = max(0, sum(end < cut for end in ends) - 1)
            assert len(journal) == kept
            journal.write("new.jpg", 1, 1, {})
        with Journal.open(path, HEADING) as journal:
            assert [journal.known(f"{number}.jpg", number, 0) for number in range(kept)] == [
                {"number": number} for number in range(kept)
            ]
            assert journal.known("new.jpg", 1, 1) == {}


def test_a_line_that_a_power_cut_left_unreadable_is_asked_again_and_costs_no_other(path: Path) -> None:
    with Journal.open(path, HEADING) as journal:
        for name in ("a", "b", "c"):
            journal.write(name, 1, 1, {"name": name})
    heading, a, b, c = lines_of(path)
    path.write_bytes(heading + a + b"\0" * (len(b) - 1) + b"\n" + c)
    with Journal.open(path, HEADING) as journal:
        assert [journal.known(name, 1, 1) for name in ("a", "b", "c")] == [{"name": "a"}, None, {"name": "c"}]


def test_what_does_not_fit_is_not_known(path: Path) -> None:
    with Journal.open(path, HEADING) as journal:
        journal.write("a", 1, 1, {})
        journal.write("b", 1, 1, {"answer": "NEW"})
    with Journal.open(path, HEADING, bool) as journal:
        assert [journal.known(name, 1, 1) for name in "ab"] == [None, {"answer": "NEW"}]


@pytest.mark.parametrize(
    "line",
    [
        "[]",
        "7",
        '{"item": 5, "answer": {}}',
        '{"item": "a", "answer": []}',
        '{"item": "a"}',
        pytest.param("[" * 100_000, id="deep"),
    ],
)
def test_a_line_of_another_shape_is_no_answer(path: Path, line: str) -> None:
    Journal.open(path, HEADING).close()
    path.write_bytes(path.read_bytes() + line.encode() + b"\n")
    with Journal.open(path, HEADING) as journal:
        assert len(journal) == 0


@pytest.mark.parametrize("other", [{"server": "https://other.invalid"}, {"asked_by": "else"}, {"thorough": True}])
def test_the_journal_of_another_run_is_refused_and_left_as_it_is(path: Path, other: dict[str, object]) -> None:
    with Journal.open(path, HEADING) as journal:
        journal.write("a", 1, 1, {})
    before = path.read_bytes()
    with pytest.raises(OtherJournal, match=next(iter(other))):
        Journal.open(path, {**HEADING, **other})
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    "content",
    [
        b"holiday\n",
        b"\xff\xd8\xff\xe0",
        b'{"other": 1}\n',
        b'{"journal": 2}\n',
        b"[1]\n",
        pytest.param(b"[" * 100_000 + b"\n", id="deep"),
    ],
)
def test_a_file_of_another_program_or_version_is_refused_and_left_as_it_is(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(NoJournal):
        Journal.open(path, HEADING)
    assert path.read_bytes() == content


def test_a_folder_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(JournalUnusable, match="journal"):
        Journal.open(tmp_path, HEADING)


def test_two_runs_never_write_to_the_same(path: Path) -> None:
    with Journal.open(path, HEADING), pytest.raises(JournalBusy):
        Journal.open(path, HEADING)
    Journal.open(path, HEADING).close()


WRITES_AND_DIES = """
import os, signal, sys
from concord.pocket.journal import Journal
journal = Journal.open(sys.argv[1], {"server": "https://hub.invalid", "asked_by": "officer"})
for number in range(100):
    journal.write(str(number), number, 0, {"number": number})
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_process_that_is_killed_loses_nothing_that_it_wrote(path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", WRITES_AND_DIES, path], check=False)
    assert done.returncode == -9
    with Journal.open(path, HEADING) as journal:
        assert [journal.known(str(number), number, 0) for number in range(100)] == [
            {"number": number} for number in range(100)
        ]


def test_it_is_readable_for_its_owner_alone(path: Path) -> None:
    Journal.open(path, HEADING).close()
    assert path.stat().st_mode & 0o777 == 0o600
