"""`concord ask --server` at the terminal: the same lines and statuses as on the spot, without an installation."""

import json
from pathlib import Path

import pytest

from tests.cli.terminal import Said, run_process
from tests.desk import Desk, seeds
from tests.officers import Officers
from tests.pictures import jpeg
from tests.serving import serving


class Away:
    """A machine far away: no installation, a token."""

    def __init__(self, url: str, token: str, home: Path) -> None:
        self.url, self.token, self.home = url, token, home

    def run(self, *arguments: str | Path, **more: str) -> Said:
        return run_process(self.home, *arguments, **{"CONCORD_TOKEN": self.token, **more})

    def ask(self, *arguments: str | Path) -> Said:
        return self.run("ask", "--server", self.url, "--json", *arguments)


@pytest.fixture
def away(live_server_url: str, desk: Desk, officers: Officers, tmp_path: Path) -> Away:
    return Away(live_server_url, officers.token(desk.actor), tmp_path / "none")


@pytest.fixture
def medium(desk: Desk, tmp_path: Path) -> Path:
    """A known picture, a copy of another, a new one, and what is none."""
    known, held = desk.picture("known.jpg"), next(seeds)
    desk.enter(known, desk.picture("held.jpg", held))
    place = tmp_path / "medium"
    place.mkdir()
    (place / "a.jpg").write_bytes(known.read_bytes())
    (place / "b.jpg").write_bytes(jpeg(held, quality=40))
    (place / "c.jpg").write_bytes(jpeg(next(seeds)))
    (place / "d.txt").write_bytes(f"a diary {held}".encode())
    return place


def test_it_answers_as_on_the_spot(away: Away, desk: Desk, medium: Path) -> None:
    said = away.ask("--send", "original", medium)
    assert said.status == 3  # the diary cannot be compared by picture
    here = [json.loads(line) for line in said.out.splitlines()]
    there = desk.ask(medium)
    for far, near in zip(here, there, strict=True):
        assert list(far) == list(near.__struct_fields__)
        assert (far["item"], far["sha256"], far["answer"], far["match"]) == (
            near.item,
            near.sha256,
            near.answer,
            near.match,
        )
        assert (far["error"] or {}).get("code") == (near.error.code if near.error else None)
    assert [one["answer"] for one in here] == ["KNOWN", "KNOWN", "NEW", "NEW"]


def test_a_small_copy_finds_what_the_file_itself_finds_and_says_so(away: Away, medium: Path) -> None:
    answers = away.ask(medium).objects
    assert [one["answer"] for one in answers] == ["KNOWN", "KNOWN", "NEW", "NEW"]
    assert [one["reasons"][-1] for one in answers[1:3]] == ["By picture, a small grey copy of it was compared."] * 2


def test_where_nothing_is_sent_only_digests_are_compared(away: Away, medium: Path) -> None:
    said = away.ask("--send", "never", medium)
    assert said.status == 0
    assert [one["answer"] for one in said.objects] == ["KNOWN", "NEW", "NEW", "NEW"]
    assert {reason["reason"] for one in said.objects for reason in one["not_compared"]} == {"digest_only"}
    assert not away.home.exists()


def test_a_profile_keeps_server_and_token(away: Away, medium: Path) -> None:
    made = away.run("profile", "remote", "hub", "--server", away.url)
    assert (made.status, made.out) == (0, f"--as hub asks at {away.url}\n")
    said = away.run("ask", "--as", "hub", "--json", "--send", "never", medium / "a.jpg", CONCORD_TOKEN="")
    assert [one["answer"] for one in said.objects] == ["KNOWN"]
    taken = away.run("profile", "remote", "hub", "--server", away.url)
    assert "already" in taken.complaint


def test_a_report_and_a_table_are_made_of_what_came(away: Away, medium: Path, tmp_path: Path) -> None:
    said = away.ask("--send", "never", "--report", tmp_path / "r.html", "--csv", tmp_path / "r.csv", medium)
    assert said.status == 0
    assert "a.jpg" in (tmp_path / "r.html").read_text()
    assert len((tmp_path / "r.csv").read_text().splitlines()) == 5


def test_of_a_server_that_takes_no_pictures_only_digests_are_asked_and_that_is_said(
    desk: Desk, officers: Officers, medium: Path, tmp_path: Path
) -> None:
    with serving(desk.installation.config.home, {"CONCORD_TAKES_PICTURES": "no"}) as port:
        away = Away(f"http://127.0.0.1:{port}", officers.token(desk.actor), tmp_path / "none")
        said = away.ask("--send", "original", medium)
    assert said.err == "concord: this server takes no pictures with a question: everything is compared by digest only\n"
    assert said.status == 0
    assert [one["answer"] for one in said.objects] == ["KNOWN", "NEW", "NEW", "NEW"]
    assert {reason["reason"] for one in said.objects for reason in one["not_compared"]} == {"digest_only"}


@pytest.mark.parametrize(
    ("arguments", "status", "complaint"),
    [
        (("--server", "http://far.invalid"), 2, "plain http"),
        (("--server", "nonsense"), 2, "not the address of a server"),
        (("--server", "https://127.0.0.1:1", "--send", "everything"), 2, "everything"),
    ],
)
def test_wrong_usage_is_told(away: Away, medium: Path, arguments: tuple[str, ...], status: int, complaint: str) -> None:
    said = away.run("ask", *arguments, medium)
    assert said.status == status
    assert complaint in said.err
    assert away.token not in said.err


def test_without_a_token_it_says_where_to_put_it(away: Away, medium: Path) -> None:
    said = away.run("ask", "--server", away.url, medium, CONCORD_TOKEN="")
    assert said.status == 2
    assert "CONCORD_TOKEN" in said.complaint


def test_a_revoked_token_is_refused_in_the_servers_words(away: Away, medium: Path) -> None:
    said = away.run("ask", "--server", away.url, medium, CONCORD_TOKEN="unknown")
    assert said.status == 1
    assert "not_signed_in" in said.complaint
