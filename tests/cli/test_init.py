"""`concord init`: one installation a home, and no command without one."""

from pathlib import Path

import pytest

from tests.cli.terminal import Terminal

ALL = ("--country", "XA", "--unit", "U", "--user", "N")


def test_a_second_installation_in_the_same_home_is_refused_and_the_first_stays(terminal: Terminal) -> None:
    before = _files(terminal.config.home)
    said = terminal.run("init", *ALL)
    assert said.status == 1
    assert "There is an installation" in said.complaint
    assert str(terminal.config.home) in said.complaint
    assert _files(terminal.config.home) == before


@pytest.mark.parametrize(
    "arguments",
    [
        ("ask", "ab" * 32),
        ("enter", "ab" * 32, "--case", "C-1"),
        ("case", "open", "C-1"),
        ("profile", "add", "x", *ALL),
        ("token", "issue"),
        ("serve",),
        ("unit", "set", "--country", "XA", "--unit", "U", "--hours", "09-17"),
    ],
)
def test_without_an_installation_nothing_runs_and_nothing_is_made(
    terminal: Terminal, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    home = tmp_path / "home"
    said = terminal.run(*arguments, home=home)
    assert said.status == 1
    assert str(home) in said.complaint
    assert "concord init" in said.complaint
    assert not home.exists()


@pytest.mark.parametrize(
    "wrong",
    [
        ("--country", "Xanadu"),
        ("--country", "xa"),
        ("--purpose", "FUN"),
        ("--basis", "WHIM"),
        ("--profile", "../x"),
        ("--profile", ""),
        ("--time-zone", "Mars/Olympus"),
        ("--unit", ""),
        ("--unit", " "),
        ("--user", ""),
        ("--country-name", ""),
    ],
)
def test_wrong_options_are_found_before_anything_is_made(
    terminal: Terminal, tmp_path: Path, wrong: tuple[str, str]
) -> None:
    said = terminal.run("init", *ALL, *wrong, home=tmp_path / "home")
    assert said.status == 2
    assert wrong[1] in said.complaint
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize("option", ["--unit", "--user", "--country-name"])
def test_a_name_holds_no_control_sign(terminal: Terminal, tmp_path: Path, option: str) -> None:
    said = terminal.run("init", *ALL, option, "a\x1b[2Jb", home=tmp_path / "home")
    assert said.status == 2
    assert "\\x1b" in said.complaint
    assert not (tmp_path / "home").exists()


def test_a_profile_is_not_named_after_a_path(terminal: Terminal) -> None:
    said = terminal.run("profile", "add", "../x", *ALL)
    assert said.status == 2
    assert "../x" in said.complaint
    assert not (terminal.config.home / "x.json").exists()


def test_the_doctor_of_nothing_is_not_well(terminal: Terminal, tmp_path: Path) -> None:
    said = terminal.run("doctor", home=tmp_path / "home")
    assert said.status == 1
    assert "concord init" in said.out
    assert not (tmp_path / "home").exists()


def _files(home: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (home / "installation.json", *(home / "keys").iterdir())}
