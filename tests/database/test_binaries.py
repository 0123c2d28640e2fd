import importlib.util
import os
import stat
from collections.abc import Iterator
from importlib.machinery import ModuleSpec
from pathlib import Path

import pytest

from concord.database import account, binaries
from concord.database.binaries import Programs
from concord.errors import MissingPart


@pytest.fixture
def private(tmp_path: Path) -> Iterator[Programs]:
    """Something shaped like the wheel's programs, installed where only its owner can go."""
    before = os.umask(0o077)
    programs = Programs(tmp_path / "private")
    (programs.root / "bin").mkdir(parents=True)
    (programs.root / "lib").mkdir()
    (programs.root / "share" / "postgresql").mkdir(parents=True)
    programs.path("postgres").write_bytes(b"program")
    programs.path("postgres").chmod(0o700)
    (programs.root / "share" / "postgresql" / "postgres.bki").write_bytes(b"catalogue")
    programs.libraries.mkdir()
    (programs.libraries / "libpq.so").symlink_to("libpq.so.5")
    yield programs
    os.umask(before)


def test_the_wheel_is_found_without_being_imported() -> None:
    programs = binaries.find()
    assert programs.path("initdb").is_file()
    assert importlib.util.sys.modules.get(binaries.PACKAGE) is None  # type: ignore[attr-defined]


@pytest.mark.parametrize("spec", [None, ModuleSpec(binaries.PACKAGE, None, origin="/nowhere/package/__init__.py")])
def test_a_platform_without_programs_is_told_the_way_out(monkeypatch: pytest.MonkeyPatch, spec: ModuleSpec) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: spec)
    with pytest.raises(MissingPart, match="Set CONCORD_DATABASE_URL"):
        binaries.find()


def test_programs_out_of_reach_are_copied_once_for_all(private: Programs, tmp_path: Path) -> None:
    state = tmp_path / "state"
    copy = binaries.within_reach(private, state)
    assert copy != private
    assert copy.path("postgres").read_bytes() == b"program"
    assert stat.S_IMODE(copy.path("postgres").stat().st_mode) == 0o755
    assert stat.S_IMODE((copy.root / "share" / "postgresql" / "postgres.bki").stat().st_mode) == 0o644
    assert stat.S_IMODE(copy.root.stat().st_mode) == stat.S_IMODE(state.stat().st_mode) == 0o755
    assert (copy.libraries / "libpq.so").is_symlink()
    made = copy.path("postgres").stat().st_ino
    assert binaries.within_reach(private, state).path("postgres").stat().st_ino == made


def test_a_copy_that_was_killed_half_way_is_not_used_and_goes(private: Programs, tmp_path: Path) -> None:
    half_made = tmp_path / "state" / "runtime" / ".new-0000"
    half_made.mkdir(parents=True)
    copy = binaries.within_reach(private, tmp_path / "state")
    assert copy.path("postgres").is_file()
    assert not half_made.exists()


def test_programs_within_reach_are_used_as_they_lie(
    private: Programs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(binaries, "reachable_by_all", lambda path: True)
    private.path("postgres").chmod(0o755)
    (private.root / "share" / "postgresql" / "postgres.bki").chmod(0o644)
    assert binaries.within_reach(private, tmp_path / "state") == private
    assert not (tmp_path / "state").exists()


# ---- reach --------------------------------------------------------------------------------------------------------


def test_one_private_folder_on_the_way_is_out_of_reach(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    tmp_path.chmod(0o700)
    assert not account.reachable_by_all(tmp_path / "a" / "b")
    assert account.reachable_by_all(Path("/usr/bin"))


def test_made_folders_are_open_whatever_the_umask_and_standing_ones_untouched(tmp_path: Path) -> None:
    standing = tmp_path / "standing"
    standing.mkdir(mode=0o700)
    before = os.umask(0o077)
    try:
        account.make_directories(standing / "a" / "b", 0o755)
    finally:
        os.umask(before)
    modes = [stat.S_IMODE(path.stat().st_mode) for path in (standing, standing / "a", standing / "a" / "b")]
    assert modes == [0o700, 0o755, 0o755]
