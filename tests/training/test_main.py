from pathlib import Path

import pytest

from concord.training.__main__ import main, write
from concord.training.copies import COPIES
from concord.training.world import World


def test_pictures_copies_and_questions_are_written(world: World, tmp_path: Path) -> None:
    write(world, tmp_path)
    assert (tmp_path / "pictures" / "room-1-view-1.jpg").read_bytes() == world.picture("room-1-view-1")
    assert len(list((tmp_path / "copies").iterdir())) == len(COPIES)
    assert len(list((tmp_path / "questions").iterdir())) == len(world.questions)


def test_too_few_rooms_end_with_the_reason(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["0", str(tmp_path), "--rooms", "2"]) == 1
    assert "at least 6" in capsys.readouterr().err


def test_a_negative_seed_is_wrong_usage(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["--", "-1", str(tmp_path)])
