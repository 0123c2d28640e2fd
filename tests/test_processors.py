"""A run of the tests has workers for the processors that it may use, and not for those that the machine has."""

from pathlib import Path

import pytest

from tests.conftest import LONGEST, ROOT
from tests.processors import MOST, usable, workers


@pytest.mark.parametrize(
    ("said", "most"),
    [
        ("max 100000\n", MOST),
        ("100000 100000\n", 1),
        ("150000 100000\n", 2),
        ("1000 100000\n", 1),
        ("", MOST),
        ("x y", MOST),
    ],
)
def test_no_more_workers_than_the_control_group_gives_processors(tmp_path: Path, said: str, most: int) -> None:
    quota = tmp_path / "cpu.max"
    quota.write_text(said)
    assert 1 <= usable(quota) <= most


def test_without_control_groups_the_processors_of_this_process_count(tmp_path: Path) -> None:
    assert 1 <= usable(tmp_path / "nothing") <= MOST


@pytest.mark.parametrize(("processors", "wanted"), [(1, 2), (2, 3), (4, 6), (8, 12)])
def test_while_one_waits_another_works(processors: int, wanted: int) -> None:
    assert workers(processors) == wanted


def test_what_is_begun_first_is_there() -> None:
    assert [name for name in LONGEST if not (ROOT / name).is_file()] == []
