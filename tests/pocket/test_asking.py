"""A run asks about every file once, in batches, in the order of the files."""

import hashlib
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from concord.pocket import asking
from concord.pocket.asking import AHEAD_PER_THREAD, Answered, Asked, Run, all_asked, digests_given
from concord.pocket.medium import Entry, Medium
from concord.pocket.pace import FIRST_ITEMS, Pace
from concord.pocket.shape import failed


class FakeLine:
    """Answers NEW to everything and remembers what it was asked."""

    server = "https://hub.invalid"
    failures = 0

    def __init__(self) -> None:
        self.batches: list[list[str]] = []

    def ask(self, method: str, address: str, value: Any = None) -> Any:
        assert (method, address) == ("POST", "ask/batch")
        self.batches.append(value["items"])
        return {"answers": [new(item) for item in value["items"]]}


def new(item: str) -> dict[str, Any]:
    sha256 = item if len(item) == 64 else None
    return {**failed(item, "x", "x"), "sha256": sha256, "answer": "NEW", "compared": ["digest"], "error": None}


@pytest.fixture
def line() -> FakeLine:
    return FakeLine()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for number in range(200):
        (tmp_path / f"{number:03}").write_bytes(b"%d" % number)
    return tmp_path


def run_of(line: FakeLine, **more: Any) -> Run:
    return Run(line, Pace(), 2, monotonic=lambda: 0.0, **more)  # type: ignore[arg-type]


def answers(line: FakeLine, asked: Any, **more: Any) -> list[Answered]:
    return list(run_of(line, **more).answers(asked))


def items(found: Sequence[Answered]) -> list[str]:
    return [one.answer["item"] for one in found]


def test_every_file_is_answered_in_order_and_asked_about_once(line: FakeLine, folder: Path) -> None:
    found = answers(line, Medium().entries([str(folder)]))
    assert items(found) == [str(folder / f"{number:03}") for number in range(200)]
    asked = [digest for batch in line.batches for digest in batch]
    assert asked == [hashlib.sha256(b"%d" % number).hexdigest() for number in range(200)]


def test_batches_begin_small_and_grow(line: FakeLine, folder: Path) -> None:
    answers(line, Medium().entries([str(folder)]))
    assert [len(batch) for batch in line.batches[:3]] == [FIRST_ITEMS, 2 * FIRST_ITEMS, 4 * FIRST_ITEMS]


def test_the_same_content_is_asked_about_once_in_a_batch(line: FakeLine, tmp_path: Path) -> None:
    for name in "abc":
        (tmp_path / name).write_bytes(b"the same")
    found = answers(line, Medium().entries([str(tmp_path)]))
    assert items(found) == [str(tmp_path / name) for name in "abc"]
    assert line.batches == [[hashlib.sha256(b"the same").hexdigest()]]


def test_what_is_known_is_neither_read_nor_asked_about(
    line: FakeLine, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "sha256_of", None)
    found = answers(line, Medium().entries([str(folder)]), known=lambda entry: new(entry.item))
    assert (len(found), line.batches) == (200, [])
    assert all(one.earlier for one in found)


def test_what_cannot_be_read_keeps_its_place_and_costs_only_itself(line: FakeLine, folder: Path) -> None:
    (folder / "100").write_bytes(b"")
    found = answers(line, Medium().entries([str(folder), "/nowhere"]))
    assert [one.answer["item"] for one in found if one.failed] == [str(folder / "100"), "/nowhere"]
    assert items(found)[100] == str(folder / "100")
    assert len(found) == 201


def test_digests_are_asked_about_as_they_are(line: FakeLine) -> None:
    given = ["AB" * 32, "cd" * 16, "zz", "ef" * 20, "pdq:" + "0" * 64]
    found = answers(line, all_asked([], given))
    assert items(found) == given
    assert line.batches == [["ab" * 32, "cd" * 16, "ef" * 20]]
    assert [one.answer["error"] and one.answer["error"]["code"] for one in found] == [
        None,
        None,
        "malformed_digest",
        None,
        "malformed_digest",
    ]


def test_a_perceptual_value_is_no_digest_and_never_sent() -> None:
    (asked,) = digests_given(["pdq:" + "0" * 64])
    assert asked.digest is None
    assert asked.failure


def test_only_what_is_new_by_digest_is_looked_at_closer(line: FakeLine, folder: Path) -> None:
    looked: Counter[str] = Counter()

    def closer(entry: Entry, digest: str, answer: dict[str, Any]) -> dict[str, Any]:
        looked[entry.item] += 1
        return {**answer, "answer": "KNOWN", "match": "near"}

    def known_there(line: FakeLine) -> Callable[..., Any]:
        plain = line.ask
        return lambda *given: {"answers": [{**one, "answer": "KNOWN"} for one in plain(*given)["answers"]]}

    found = answers(line, Medium().entries([str(folder)]), closer=closer)
    assert set(looked.values()) == {1}
    assert {one.answer["match"] for one in found} == {"near"}
    looked.clear()
    line.ask = known_there(line)  # type: ignore[method-assign]
    answers(line, Medium().entries([str(folder)]), closer=closer)
    assert not looked


def test_a_digest_that_was_given_as_such_has_nothing_to_look_at(line: FakeLine) -> None:
    def closer(entry: Entry, digest: str, answer: dict[str, Any]) -> dict[str, Any]:
        raise AssertionError

    assert len(answers(line, all_asked([], ["ab" * 32]), closer=closer)) == 1


def test_files_are_read_a_bounded_number_ahead(line: FakeLine, folder: Path) -> None:
    listed = 0

    def counted() -> Any:
        nonlocal listed
        for entry in Medium().entries([str(folder)]):
            listed += 1
            yield entry

    first = next(iter(run_of(line).answers(counted())))
    assert isinstance(first.asked, Asked)
    assert listed <= 2 * AHEAD_PER_THREAD + FIRST_ITEMS
