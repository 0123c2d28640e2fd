"""Files that come in parts over HTTP: who may, what is refused, and that nothing of them stays."""

import hashlib
from dataclasses import replace
from typing import Any

import pytest

from concord.access.audit import AuditEntry
from concord.actions import upload
from concord.actions.greet import greet
from concord.actions.installation import Installation
from concord.actions.upload import (
    Announced,
    ask_upload,
    begin_upload,
    demand_pictures_taken,
    erase_upload,
    parts_of,
    watch_uploads,
)
from concord.database.acting import acting
from concord.errors import PicturesNotTaken
from tests.api.conftest import ProgramOf
from tests.api.program import BYTES, Program, given, refusal
from tests.desk import Desk, Desks, seeds
from tests.pictures import jpeg


def begin(program: Program, data: bytes) -> Any:
    return given(program.post("uploads", {"sha256": hashlib.sha256(data).hexdigest(), "size_bytes": len(data)}))


def send(program: Program, data: bytes, step: int = 10_000) -> str:
    state = begin(program, data)
    while state["received_bytes"] < len(data):
        start = state["received_bytes"]
        address = f"uploads?upload={state['upload']}&offset={start}"
        state = given(program.post(address, data[start : start + step], BYTES))
    return str(state["upload"])


def test_a_picture_that_came_in_parts_is_answered_as_one_that_came_whole(desk: Desk, program: Program) -> None:
    seed = next(seeds)
    desk.enter(desk.picture("a.jpg", seed))
    data = jpeg(seed, quality=40)
    upload = send(program, data)
    answer = given(program.post("uploads/ask", {"upload": upload, "item": "copy.jpg"}))
    assert (answer["item"], answer["answer"], answer["match"]) == ("copy.jpg", "KNOWN", "near")
    assert answer == given(program.post("ask?item=copy.jpg", data, BYTES))


def test_the_same_question_again_gets_the_same_answer_until_it_is_erased(program: Program) -> None:
    upload = send(program, jpeg(next(seeds)))
    first = given(program.post("uploads/ask", {"upload": upload}))
    assert given(program.post("uploads/ask", {"upload": upload})) == first
    for _ in range(2):
        assert given(program.request("DELETE", f"uploads?upload={upload}")) == {"upload": upload}
    assert refusal(program.post("uploads/ask", {"upload": upload})) == (404, "unknown_record")


def test_another_unit_cannot_ask_add_or_erase(desks: Desks, program_of: ProgramOf) -> None:
    ours, theirs = (program_of(desks.of("XA").actor) for _ in range(2))
    upload = send(ours, jpeg(next(seeds)))
    assert refusal(theirs.post("uploads/ask", {"upload": upload})) == (404, "unknown_record")
    assert refusal(theirs.post(f"uploads?upload={upload}&offset=0", b"x", BYTES)) == (404, "unknown_record")
    given(theirs.request("DELETE", f"uploads?upload={upload}"))
    given(ours.post("uploads/ask", {"upload": upload}))


def test_one_that_is_not_whole_is_refused(program: Program) -> None:
    state = begin(program, b"four")
    given(program.post(f"uploads?upload={state['upload']}&offset=0", b"fo", BYTES))
    assert refusal(program.post("uploads/ask", {"upload": state["upload"]})) == (422, "damaged_upload")


@pytest.mark.parametrize("offset", ["-1", "x", "", "1.5", "9" * 30, "²"])
def test_an_offset_that_is_none_is_refused(program: Program, offset: str) -> None:
    upload = begin(program, b"four")["upload"]
    assert refusal(program.post(f"uploads?upload={upload}&offset={offset}", b"x", BYTES)) == (400, "malformed_request")


@pytest.mark.parametrize("announced", [("ab" * 16, 5), ("ab" * 32, 0), ("ab" * 32, -1)])
def test_what_is_no_announcement_is_refused(program: Program, announced: tuple[str, int]) -> None:
    sha256, size_bytes = announced
    assert refusal(program.post("uploads", {"sha256": sha256, "size_bytes": size_bytes}))[0] == 400


def test_a_file_that_is_too_large_is_refused_before_it_comes(program: Program) -> None:
    body = {"sha256": "ab" * 32, "size_bytes": 1 << 40}
    assert refusal(program.post("uploads", body)) == (413, "too_large")


def test_a_part_that_is_too_large_is_refused(program: Program) -> None:
    upload = begin(program, bytes(300 << 10))["upload"]
    response = program.post(f"uploads?upload={upload}&offset=0", bytes(300 << 10), BYTES)
    assert refusal(response) == (413, "too_large")


def test_a_session_says_who_asks_and_what_is_taken(desk: Desk, program: Program) -> None:
    session = given(program.get("session"))
    assert (session["user"], session["unit"], session["country"]) == (desk.actor.user_name, desk.actor.unit_name, "XA")
    assert session["takes_pictures"] is True


# ---- an administration that allows no pictures, and the clock ---------------------------------------------------------


@pytest.fixture
def closed(desk: Desk) -> Installation:
    return replace(desk.installation, config=replace(desk.installation.config, takes_pictures=False))


def test_where_pictures_are_not_taken_every_way_of_sending_one_is_refused_and_audited(
    desk: Desk, closed: Installation
) -> None:
    assert greet(closed, desk.actor).takes_pictures is False
    ways = (
        lambda: begin_upload(closed, desk.actor, Announced(b"x" * 32, 5)),
        lambda: ask_upload(closed, desk.actor, "0" * 64, "x"),
        lambda: erase_upload(closed, desk.actor, "0" * 64),
        lambda: demand_pictures_taken(closed, desk.actor),
    )
    for way in ways:
        with pytest.raises(PicturesNotTaken):
            way()
    with acting(desk.actor.country, desk.actor.unit, desk.actor.user):
        refused = AuditEntry.objects.filter(
            user=desk.actor.user, outcome="REFUSED", reason="pictures_not_taken"
        ).count()
    assert refused == len(ways)


def test_what_is_overdue_is_erased_though_nobody_comes_by(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    begin_upload(desk.installation, desk.actor, Announced(b"x" * 32, 5))
    place = desk.installation.config.uploads / str(desk.actor.unit)
    limits = replace(desk.installation.config.limits, upload_seconds=-1)
    later = replace(desk.installation, config=replace(desk.installation.config, limits=limits))
    monkeypatch.setattr(upload, "Watch", lambda look, *_: look())
    watch_uploads(later)
    assert not place.exists()
    assert parts_of(desk.installation).erase_overdue() == 0
