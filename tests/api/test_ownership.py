"""Proposals and supervision over HTTP; and too many requests."""

from pathlib import Path

from django.test import Client

from concord.access.rate import Rates
from concord.actions.say import add_person
from concord.api.endpoint import pattern
from concord.api.table import endpoints
from concord.records.person import Role
from tests.api.conftest import ProgramOf
from tests.api.program import given, refusal
from tests.desk import Desks


def test_a_proposal_goes_from_one_unit_to_the_other(desks: Desks, program_of: ProgramOf) -> None:
    ours, theirs = desks.of("XA"), desks.of("XB")
    owner, other = program_of(ours.actor), program_of(theirs.actor)
    person = str(add_person(ours.installation, ours.actor, Role.VICTIM, "P"))
    edit = {"subject": "PERSON", "record": person, "field": "label", "value": "P-2", "reason": "a number"}
    made = given(other.post("proposals/edit", edit))
    assert made["state"] == "OPEN"
    (told,) = given(owner.get("proposals"))["proposals"]
    assert (told["proposal"], told["records"], told["value"]) == (made["proposal"], [person], "P-2")
    answer = {"proposal": made["proposal"], "agrees": True}
    assert given(owner.post("proposals/answer", answer))["state"] == "DONE"
    assert refusal(owner.post("proposals/answer", answer)) == (409, "proposal_over")
    assert given(owner.get("proposals"))["proposals"] == []
    assert len(given(owner.get("proposals?all=true"))["proposals"]) == 1
    assert refusal(owner.get("proposals?all=perhaps")) == (400, "malformed_request")
    assert refusal(owner.get("supervision")) == (403, "role_needed")
    assert refusal(owner.get("materials?whose=mine")) == (400, "malformed_request")


def test_too_many_requests_are_told_when_to_come_back(desks: Desks, tmp_path: Path, program_of: ProgramOf) -> None:
    desk = desks.of("XA")
    program_of(desk.actor)  # publishes the addresses
    rates = Rates(tmp_path / "rates", b"key", 1, ticks=lambda: 1)
    (row,) = next(one for one in endpoints(desk.installation) if one[0].address == "session")
    view = pattern(row, rates=rates).callback
    request = Client().get("/api/v1/session", headers={"Authorization": "Bearer none"}).wsgi_request
    told = [view(request) for _ in range(11)]
    assert {one.status_code for one in told[:10]} == {401}
    assert told[10].status_code == 429
    assert told[10].headers["Retry-After"] == "1"
    assert b"too_many_requests" in told[10].content
    rates.close()
