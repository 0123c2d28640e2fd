"""A run of the tests has as many workers as it has processors, and not as the machine has."""

from pathlib import Path

import pytest

from tests.processors import MOST, usable


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
