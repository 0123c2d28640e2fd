"""The program from its arguments on: what it refuses, what it asks, what it prints, how it ends."""

import hashlib
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from concord.pocket.main import main
from concord.pocket.shape import failed
from tests.pocket.answering import Answering, ok

TOKEN = {"CONCORD_TOKEN": "secret-token"}
SESSION = {
    "user": "Ada",
    "unit": "Unit",
    "country": "XA",
    "purpose": "TRAINING",
    "items_per_call": 10_000,
    "request_bytes": 1 << 20,
    "part_bytes": 1 << 18,
    "upload_bytes": 1 << 20,
    "takes_pictures": True,
}
A, B = "ab" * 32, "cd" * 32


def reply(value: Any) -> bytes:
    return ok(json.dumps(value).encode())


def answers(*digests: str) -> bytes:
    made = [{**failed(one, "x", "x"), "sha256": one, "answer": "NEW", "error": None} for one in digests]
    return reply({"answers": made})


def run(server: Answering, *arguments: str | Path, environment: dict[str, str] = TOKEN) -> tuple[int, str]:
    out = io.StringIO()
    status = main(["--server", f"http://127.0.0.1:{server.port}", *map(str, arguments)], environment, out)
    return status, out.getvalue()


def test_digests_are_answered_a_line_each(capsys: pytest.CaptureFixture[str]) -> None:
    with Answering([reply(SESSION), answers(A, B)]) as server:
        status, out = run(server, "--json", A, B)
    assert status == 0
    assert [json.loads(line)["item"] for line in out.splitlines()] == [A, B]
    assert capsys.readouterr().err == "concord-ask: 2 new\n"


def test_token_and_purpose_go_in_headers() -> None:
    with Answering([reply(SESSION), answers(A)]) as server:
        run(server, "--purpose", "TRAINING", "--basis", "CONSENT", A)
    for _, headers, _ in server.requests:
        assert headers["authorization"] == "Bearer secret-token"
        assert (headers["concord-purpose"], headers["concord-basis"]) == ("TRAINING", "CONSENT")


def test_nothing_of_a_file_but_its_digest_is_sent(tmp_path: Path) -> None:
    (tmp_path / "a-telling-name.txt").write_text("a telling text")
    with Answering([reply(SESSION), answers(hashlib.sha256(b"a telling text").hexdigest())]) as server:
        assert run(server, tmp_path)[0] == 0
    sent = b"".join(f"{line} {headers}".encode() + body for line, headers, body in server.requests)
    assert b"telling" not in sent
    assert b"items" in server.requests[1][2]


def test_some_that_failed_end_with_3() -> None:
    with Answering([reply(SESSION), answers(A)]) as server:
        assert run(server, A, "/nowhere")[0] == 3


@pytest.mark.parametrize("token", [{}, {"CONCORD_TOKEN": ""}, {"CONCORD_TOKEN": "a\r\nb"}, {"CONCORD_TOKEN": "ü"}])
def test_without_a_token_nothing_is_asked(
    token: dict[str, str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO())
    with Answering([]) as server:
        assert run(server, A, environment=token)[0] == 2
    assert server.requests == []
    assert "CONCORD_TOKEN" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments", [[], ["--server", "https://h"], [A], ["--server", "https://h", "--token", "x", A]]
)
def test_wrong_usage_ends_with_2(arguments: Sequence[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments, TOKEN, io.StringIO())
    assert caught.value.code == 2


def test_a_server_that_is_none_could_not_be_asked(capsys: pytest.CaptureFixture[str]) -> None:
    with Answering([reply({"hello": 1})]) as server:
        assert run(server, A)[0] == 1
    assert "gives an answer that is none" in capsys.readouterr().err


def test_a_journal_in_what_is_examined_is_refused_and_not_made(tmp_path: Path) -> None:
    (tmp_path / "below").mkdir()
    with Answering([reply(SESSION)]) as server:
        assert run(server, tmp_path, "--journal", tmp_path / "below" / "run.journal")[0] == 2
    assert not (tmp_path / "below" / "run.journal").exists()
    assert server.requests == []


def test_a_run_goes_on_from_its_journal_and_prints_all_of_it(tmp_path: Path) -> None:
    journal = tmp_path / "run.journal"
    with Answering([reply(SESSION), answers(A), reply(SESSION), answers(B)]) as server:
        first = run(server, "--json", "--journal", journal, A)
        second = run(server, "--json", "--journal", journal, A, B)
    assert (first[0], second[0]) == (0, 0)
    assert second[1].startswith(first[1])
    assert json.loads(server.requests[3][2]) == {"items": [B]}


def test_a_journal_of_another_officer_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    journal = tmp_path / "run.journal"
    with Answering([reply(SESSION), answers(A), reply({**SESSION, "user": "Eve"})]) as server:
        run(server, "--journal", journal, A)
        assert run(server, "--journal", journal, A)[0] == 2
    assert "asked_by" in capsys.readouterr().err


def test_a_file_that_could_not_be_read_is_tried_again(tmp_path: Path) -> None:
    path, journal = tmp_path / "a.txt", tmp_path / "run.journal"
    path.touch()
    with Answering([reply(SESSION), reply(SESSION), answers(hashlib.sha256(b"now").hexdigest())]) as server:
        assert run(server, "--journal", journal, path)[0] == 3
        path.write_text("now")
        assert run(server, "--journal", journal, path)[0] == 0
