"""The interface on the server that officers' programs really talk to."""

import itertools
import random
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

import msgspec
import pytest

from concord.actions.enrol import revoke_tokens
from concord.actions.enter import Terms, enter_digests
from concord.values import Category, utc_now
from tests.desk import Desk, Desks
from tests.officers import Officers
from tests.pictures import jpeg

THREADS = 16
REQUESTS = 2000
JSON = {"Content-Type": "application/json"}
numbers = itertools.count(1)


class Line:
    """One kept connection of one program."""

    def __init__(self, url: str, token: str) -> None:
        self._connection = HTTPConnection(urlsplit(url).netloc, timeout=180)
        self._headers = {"Authorization": f"Bearer {token}"}

    def post(self, address: str, body: bytes, **headers: str) -> tuple[int, Any]:
        self._connection.request("POST", f"/api/v1/{address}", body, self._headers | headers)
        response = self._connection.getresponse()
        return response.status, msgspec.json.decode(response.read())

    def ask(self, item: str) -> tuple[int, Any]:
        return self.post("ask", msgspec.json.encode({"item": item}), **JSON)

    def close(self) -> None:
        self._connection.close()


@pytest.fixture
def line(live_server_url: str, desk: Desk, officers: Officers) -> Iterator[Line]:
    with closing(Line(live_server_url, officers.token(desk.actor))) as line:
        yield line


def fresh(count: int) -> list[str]:
    return [f"{next(numbers):08x}{'7a' * 28}" for _ in range(count)]


def enter(desk: Desk, digests: list[str], restricted: bool) -> None:
    terms = Terms(desk.case, Category.CATEGORY_1, own_country_only="a running operation" if restricted else None)
    enter_digests(desk.installation, desk.actor, digests, terms)


def test_what_one_process_commits_the_server_finds_with_the_next_question(desk: Desk, line: Line) -> None:
    for digest in fresh(20):
        assert line.ask(digest)[1]["answer"] == "NEW"
        enter(desk, [digest], restricted=False)
        assert line.ask(digest)[1]["answer"] == "KNOWN"


def test_a_picture_entered_over_http_is_found_near_by_another_process(desk: Desk, line: Line) -> None:
    data = {"Content-Type": "application/octet-stream"}
    status, entered = line.post("materials?case=C-1&item=a.jpg", jpeg(91_001), **data)
    assert (status, entered["entered"][0]["result"]) == (200, "entered")
    copy = desk.folder / "copy.jpg"
    copy.write_bytes(jpeg(91_001, quality=35))
    assert desk.ask(copy)[0].match == "near"
    assert line.post("ask", copy.read_bytes(), **data)[1]["match"] == "near"


def test_a_token_revoked_beside_it_is_refused_by_the_next_request(desk: Desk, line: Line) -> None:
    assert line.ask("ab" * 32)[0] == 200
    revoke_tokens(desk.actor.profile, utc_now)
    assert line.ask("ab" * 32)[0] == 401


def test_a_body_of_unannounced_length_is_refused(live_server_url: str, desk: Desk, officers: Officers) -> None:
    body = b'{"item": "' + b"ab" * 32 + b'"}'
    said = _said(
        live_server_url,
        officers.token(desk.actor),
        "Transfer-Encoding: chunked",
        b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body),
    )
    assert said.startswith(b"HTTP/1.1 400")
    assert b"malformed_request" in said


def test_a_body_announced_too_large_is_refused_without_being_sent(
    live_server_url: str, desk: Desk, officers: Officers
) -> None:
    said = _said(live_server_url, officers.token(desk.actor), "Content-Length: 99999999999")
    assert said.startswith(b"HTTP/1.1 413")


def _said(url: str, token: str, length: str, body: bytes = b"") -> bytes:
    """What the server says to a question in one piece; it may hang up without reading it to the end."""
    there = urlsplit(url)
    head = (
        f"POST /api/v1/ask HTTP/1.1\r\nHost: {there.netloc}\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Type: application/json\r\n{length}\r\nConnection: close\r\n\r\n"
    )
    with socket.create_connection((there.hostname, there.port), timeout=180) as connection:  # type: ignore[arg-type]
        connection.sendall(head.encode() + body)
        return b"".join(iter(lambda: connection.recv(65536), b""))


def test_two_countries_side_by_side_never_see_what_is_the_others(
    live_server_url: str, desks: Desks, officers: Officers
) -> None:
    """Restricted digests of both, digests of both that all may know, and digests that nobody has; in random order."""
    countries = ("XA", "XB")
    desk_of = {country: desks.of(country) for country in countries}
    hidden = {country: fresh(40) for country in countries}
    shared = {country: fresh(10) for country in countries}
    for country, desk in desk_of.items():
        enter(desk, hidden[country], restricted=True)
        enter(desk, shared[country], restricted=False)
    unit_of = {country: desk.actor.unit_name for country, desk in desk_of.items()}
    expected = {
        (asker, digest): unit_of[owner] if owner == asker or digest in shared[owner] else None
        for asker in countries
        for owner in countries
        for digest in hidden[owner] + shared[owner]
    } | {(asker, digest): None for asker in countries for digest in fresh(10)}

    def ask_all(part: list[tuple[str, str]]) -> list[str]:
        """What was wrong. Both officers' requests go over the connections in turn, as they come."""
        lines = {country: Line(live_server_url, tokens[country]) for country in countries}
        wrong = []
        for asker, digest in part:
            status, answer = lines[asker].ask(digest)
            owner = expected[asker, digest]
            whole = (status, answer.get("answer"), answer.get("contact", {}).get("unit"), answer.get("sha256"))
            if whole != (200, "KNOWN" if owner else "NEW", owner, digest) or bool(answer["matches"]) != bool(owner):
                wrong.append(f"{asker} asked {digest}: {answer}")
        for line in lines.values():
            line.close()
        return wrong

    tokens = {country: officers.token(desk.actor) for country, desk in desk_of.items()}
    questions = random.Random(1).choices(list(expected), k=REQUESTS)
    with ThreadPoolExecutor(THREADS) as pool:
        found = list(pool.map(ask_all, (questions[start::THREADS] for start in range(THREADS))))
    assert [line for lines in found for line in lines] == []
