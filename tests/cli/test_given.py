"""What an argument means."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from concord.cli.given import path_or_text
from tests.cli.terminal import Clerk

HEX = st.text("0123456789abcdefABCDEF", min_size=1)


@given(
    st.sampled_from([32, 40, 64]).flatmap(lambda size: st.text("0123456789abcdefABCDEF", min_size=size, max_size=size))
)
def test_every_digest_is_taken_as_one(digest: str) -> None:
    assert path_or_text(digest) == digest


@given(HEX.filter(lambda text: len(text) >= 8), st.sampled_from(["", " ", "\n", "\t"]))
def test_what_was_meant_as_a_digest_is_never_looked_for_as_a_file(text: str, slip: str) -> None:
    assert path_or_text(text + slip) == text + slip


@pytest.mark.parametrize("name", ["room.jpg", "a" * 40 + "/b", "./" + "g" * 64, "x", "deadbee"])
def test_what_reads_as_a_path_is_one(name: str) -> None:
    assert path_or_text(name) == Path(name)


def test_a_file_that_is_named_like_a_digest_is_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    name = "ab" * 32
    Path(name).touch()
    assert path_or_text(name) == Path(name)
    Path(name).unlink()
    Path(name).symlink_to("nowhere")
    assert path_or_text(name) == Path(name)


def test_a_name_that_is_not_text_is_answered_like_any_other(clerk: Clerk) -> None:
    said = clerk.run("ask", os.fsdecode(b"\xff" * 40), "ab" * 32, "--json")
    wrong, right = said.objects
    assert (wrong["item"], wrong["error"]["code"]) == (r"\xff" * 40, "no_such_file")
    assert right["answer"] == "NEW"


@pytest.mark.parametrize(
    "words",
    [
        ("enter", "/nowhere", "--case", "C-\udcff"),
        ("enter", "/nowhere", "--case", "C-1", "--series", "\udcff"),
        ("enter", "/nowhere", "--case", "C-1", "--own-country-only", "\udcff"),
        ("intake", "open", "/nowhere", "--case", "\udcff"),
        ("intake", "open", "/nowhere", "--case", "C-1", "--ordinary", "\udcff"),
        ("ordinary", "remove", "\udcff"),
    ],
    ids=" ".join,
)
def test_bytes_that_are_no_text_are_refused_by_name(clerk: Clerk, words: tuple[str, ...]) -> None:
    said = clerk.run(*words)
    assert said.status == 2
    assert "it is not UTF-8" in said.complaint
