"""Profiles in the home: whole or not there, and a broken one is named."""

import uuid
from pathlib import Path

import pytest

from concord.cli.profiles import Remote, has_profile, read_profile, read_remote, write_profile, write_remote
from concord.errors import DamagedProfile, FarProfile, UnfitProfileName, UnknownProfile

ID = uuid.UUID(int=7)


def test_what_is_written_is_read(tmp_path: Path) -> None:
    folder = tmp_path / "profiles"
    write_profile(folder, "ada", uuid.uuid4())
    write_profile(folder, "ada", ID)
    assert read_profile(folder, "ada") == ID
    assert (has_profile(folder, "ada"), has_profile(folder, "bo")) == (True, False)


def test_nobody_else_may_read_it_and_no_draft_remains(tmp_path: Path) -> None:
    write_profile(tmp_path, "ada", ID)
    (path,) = tmp_path.iterdir()
    assert (path.name, path.stat().st_mode & 0o077) == ("ada.json", 0)


def test_what_cannot_be_written_leaves_the_former_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_profile(tmp_path, "ada", ID)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_profile(tmp_path, "ada", uuid.uuid4())
    monkeypatch.undo()
    assert read_profile(tmp_path, "ada") == ID
    assert [path.name for path in tmp_path.iterdir()] == ["ada.json"]


@pytest.mark.parametrize("name", ["", ".", "../x", "a/b", "-a", "a b", "x" * 65, "a\n", "é"])
def test_a_name_that_is_no_file_name_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(UnfitProfileName):
        write_profile(tmp_path / "profiles", name, ID)
    assert not (tmp_path / "profiles").exists()


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"{}", b"7", b"null", b'{"profile": 7}', b'{"profile": "x"}', b'{"profile": null}', b"\xff"],
)
def test_a_broken_profile_is_named_with_the_way_out(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "ada.json"
    path.write_bytes(content)
    with pytest.raises(DamagedProfile, match="concord profile add NAME --replace") as raised:
        read_profile(tmp_path, "ada")
    assert str(path) in str(raised.value)


def test_a_profile_that_is_a_folder_is_named_too(tmp_path: Path) -> None:
    (tmp_path / "ada.json").mkdir()
    with pytest.raises(DamagedProfile, match="directory"):
        read_profile(tmp_path, "ada")


def test_an_unknown_profile_is_refused_with_those_there_are_and_the_way_out(tmp_path: Path) -> None:
    write_profile(tmp_path, "ada", ID)
    with pytest.raises(UnknownProfile, match=r"bo: .*Known are: ada.*concord profile add"):
        read_profile(tmp_path, "bo")
    with pytest.raises(UnknownProfile, match="Known are: none"):
        read_profile(tmp_path / "missing", "bo")


# ---- servers far away -------------------------------------------------------------------------------------------------


def test_a_server_far_away_is_kept_with_its_token_for_nobody_else(tmp_path: Path) -> None:
    write_remote(tmp_path, "hub", Remote("https://hub.invalid", "secret"))
    assert read_remote(tmp_path, "hub") == Remote("https://hub.invalid", "secret")
    assert (tmp_path / "hub.json").stat().st_mode & 0o777 == 0o600
    assert "secret" not in repr(read_remote(tmp_path, "hub"))


def test_a_profile_of_this_installation_is_of_no_server(tmp_path: Path) -> None:
    write_profile(tmp_path, "ada", ID)
    assert read_remote(tmp_path, "ada") is None
    assert read_remote(tmp_path, "nobody") is None


def test_a_server_far_away_is_no_profile_of_this_installation(tmp_path: Path) -> None:
    write_remote(tmp_path, "hub", Remote("https://hub.invalid", "secret"))
    with pytest.raises(FarProfile, match=r"https://hub\.invalid") as raised:
        read_profile(tmp_path, "hub")
    assert "secret" not in str(raised.value)


@pytest.mark.parametrize(
    "content", [b"{", b"[]", b'{"server": 7}', b'{"server": "https://x"}', b'{"server": "x", "token": 1}']
)
def test_a_broken_profile_of_a_server_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "hub.json").write_bytes(content)
    with pytest.raises(DamagedProfile, match=r"hub\.json"):
        read_remote(tmp_path, "hub")
