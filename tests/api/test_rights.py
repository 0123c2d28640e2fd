"""Restrictions, groups, suspensions and alerts over HTTP: each address does its act, under the verb of its row."""

from typing import Any
from uuid import uuid4

import msgspec
import pytest

from concord.access.audit import AuditEntry
from concord.actions.enrol import OWNER
from concord.api.rights import rights_endpoints
from concord.records.material import Instance
from concord.values import utc_now
from tests.api.conftest import ProgramOf
from tests.api.program import JSON, Program, given, refusal
from tests.desk import Desk, Desks
from tests.people import at_the_hub


def send(program: Program, method: str, address: str, body: Any = None) -> Any:
    data, headers = msgspec.json.encode(body) if body else b"", {"Authorization": f"Bearer {program.token}"}
    return program.client.generic(method, f"/api/v1/{address}", data, JSON, headers=headers)


def test_each_address_does_its_act_under_its_verb(desks: Desks, program_of: ProgramOf) -> None:
    ours, theirs = desks.of("XA"), desks.of("XB")
    hub = at_the_hub()
    (line,) = ours.enter(ours.picture("a.jpg"))
    with ours.actor.acting(utc_now()):
        contribution = str(Instance.objects.get(material_id=line.material).contribution_id)
    record = {"subject": "CONTRIBUTION", "record": contribution}
    mine, hubs = program_of(ours.actor), program_of(hub)

    given(send(mine, "POST", "groups", {"name": "G"}))
    assert given(send(mine, "POST", "groups/members", {"name": "G", "country": "XB"}))["changed"]
    assert given(send(mine, "DELETE", "groups/members", {"name": "G", "country": "XB"}))["changed"]
    assert [one["name"] for one in given(send(mine, "GET", "groups"))["groups"]] == ["G"]
    bounds = {"reason": "a running operation", "groups": ["G"], "silent": True}
    given(send(mine, "POST", "restrictions", record | {"bounds": bounds}))
    theirs.ask_texts([str(line.sha256)])
    (alert,) = given(send(mine, "GET", "alerts"))["alerts"]
    given(send(mine, "POST", "alerts", {"alert": alert["alert"], "answered": "called them"}))
    assert given(send(mine, "DELETE", "restrictions", record))["changed"]
    made = given(send(hubs, "POST", "suspensions", record | {"reason": "a doubt"}))["id"]
    assert [one["reason"] for one in given(send(mine, "GET", "suspensions"))["suspensions"]] == ["a doubt"]
    given(send(hubs, "DELETE", "suspensions", {"suspension": made}))
    given(send(hubs, "GET", "alerts/overdue"))

    users = [ours.actor.user, hub.user]
    done = set(AuditEntry.objects.using(OWNER).filter(user__in=users, outcome="DONE").values_list("verb", flat=True))
    assert {one.verb for row in rights_endpoints(ours.installation) for one in row} <= done


@pytest.mark.parametrize(
    ("method", "address", "body", "told"),
    [
        (
            "POST",
            "restrictions",
            {"subject": "PERSON", "record": str(uuid4()), "bounds": {"reason": "r"}},
            "unknown_record",
        ),
        ("POST", "suspensions", {"subject": "PERSON", "record": str(uuid4()), "reason": "r"}, "unknown_record"),
        ("POST", "groups/members", {"name": "none", "country": "XA"}, "unknown_record"),
        ("POST", "groups/members", {"name": "none"}, "unknown_code"),
        ("POST", "alerts", {"alert": str(uuid4()), "answered": "x"}, "unknown_record"),
        ("GET", "alerts/overdue", None, "not_allowed"),
    ],
)
def test_what_is_not_there_or_not_ones_own_is_refused(
    desk: Desk, program: Program, method: str, address: str, body: Any, told: str
) -> None:
    assert refusal(send(program, method, address, body))[1] == told
