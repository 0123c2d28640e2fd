"""The program as a process of its own, from nothing to an answer: everything that the other tests here take a short cut on."""

import re
from pathlib import Path

import pytest

from tests.cli.seized import new_digest, new_picture
from tests.cli.terminal import BEGIN, run_process


def test_an_installation_is_made_once(made_home: Path) -> None:
    again = run_process(made_home, *BEGIN)
    assert again.status == 1
    assert "There is an installation" in again.complaint
    assert str(made_home) in again.complaint


def test_from_a_case_to_an_answer(made_home: Path, tmp_path: Path) -> None:
    assert run_process(made_home, "case", "open", "C-process").status == 0
    path = new_picture(tmp_path / "a.jpg")
    entered = run_process(made_home, "enter", path, "--case", "C-process", "--json")
    assert (entered.status, entered.objects[0]["result"], entered.err) == (0, "entered", "")
    asked = run_process(made_home, "ask", path, tmp_path / "missing.jpg", "--json")
    assert (asked.status, asked.err) == (3, "")
    assert [line["answer"] for line in asked.objects] == ["KNOWN", None]


@pytest.mark.parametrize(
    "says",
    [
        r"^search engine +(native \(\w+\)|NumPy reference \(.+\))$",
        r"database: PostgreSQL [\d.]+, embedded$",
        r"jail: 2 workers behind rlimits",
    ],
)
def test_the_doctor_says_what_searches_what_keeps_and_what_guards(doctors_words: str, says: str) -> None:
    assert re.search(says, doctors_words, re.MULTILINE)


@pytest.fixture(scope="module")
def doctors_words(made_home: Path) -> str:
    said = run_process(made_home, "doctor", TERM="xterm")
    assert (said.status, said.err) == (0, "")
    assert "\x1b" not in said.out
    return said.out


def test_an_answer_in_plain_words_has_no_sign_for_a_terminal(made_home: Path) -> None:
    said = run_process(made_home, "ask", new_digest(), TERM="xterm")
    assert (said.status, said.err) == (0, "")
    assert said.out.startswith("+ new, by digest only  ")
    assert "\x1b" not in said.out


def test_of_three_database_addresses_one_alone_is_refused(tmp_path: Path) -> None:
    home = tmp_path / "home"
    said = run_process(home, "ask", "ab" * 32, CONCORD_DATABASE_URL="postgresql://nowhere.invalid/x")
    assert said.status == 1
    assert said.complaint.startswith("concord: CONCORD_DATABASE_OWNER_URL=")
    assert not home.exists()
