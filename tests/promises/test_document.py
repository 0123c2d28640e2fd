"""Whatever is sent to whatever address, by whomever: the answer is one that the OpenAPI document names.

Requests are made from the document itself (schemathesis): right ones and wrong ones, with ids of real records among them.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import chain, cycle
from traceback import format_exception
from typing import Any
from uuid import uuid4

import msgspec
import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from concord.api.statuses import STATUS
from concord.api.table import endpoints
from concord.records.user import UserRole
from concord.site import urls
from concord.values import Purpose
from tests.api.scene import Scene, whole_program
from tests.desk import Desk, Desks
from tests.people import Bureau, hub_code

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
ID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")
EXAMPLES = 3  # a kind of request and address
CAMPAIGN_EXAMPLES = 25  # and a role

known: list[str] = ["00000000-0000-0000-0000-000000000000"]
schemathesis.openapi.format(
    "uuid", st.uuids().map(str) | st.integers(0, 10_000).map(lambda number: known[number % len(known)])
)


def tokens_of(scene: Scene) -> dict[str, str]:
    """Of somebody in every role, in no role, in training, at the hub; and of nobody."""
    people = {role.value: scene.bureau.person(role, purpose=Purpose.INVESTIGATION) for role in UserRole}
    people |= {"no role": scene.bureau.person(), "in training": scene.ours.actor, "the hub": scene.hub}
    people["the hub's administrator"] = Bureau(hub_code()).person(UserRole.HUB_ADMINISTRATOR, unit=f"Hub {uuid4()}")
    return {name: str(whole_program(actor).token) for name, actor in people.items()} | {"nobody": "none"}


def ids_in(value: Any) -> Iterator[str]:
    yield from ID.findall(msgspec.json.encode(value).decode())


def sent(operation: Any, tokens: Sequence[str], examples: int) -> int:
    """How many requests were sent. Raises where one is answered otherwise than the document says."""
    turn, count = cycle(tokens), 0

    def send(case: Any) -> None:
        nonlocal count
        count += 1
        response = case.call(headers={"Authorization": f"Bearer {next(turn)}", "Accept-Encoding": "identity"})
        case.validate_response(response, checks=CHECKS)

    for mode in GenerationMode:
        bounded = settings(max_examples=examples, suppress_health_check=list(HealthCheck), database=None)
        bounded(given(operation.as_strategy(generation_mode=mode))(send))()
    return count


def test_the_document_names_every_status_that_an_error_has(desk: Desk) -> None:
    urls.publish(desk.installation)
    schema = schemathesis.openapi.from_wsgi("/api/openapi.json", get_wsgi_application())
    for path in schema.raw_schema["paths"].values():
        for operation in path.values():
            assert {str(status) for status in STATUS.values()} <= operation["responses"].keys()


def test_every_answer_is_one_that_the_document_names(desks: Desks, request: pytest.FixtureRequest) -> None:
    scene, is_long = Scene(desks), request.config.getoption("--long")
    urls.publish(scene.installation)
    tokens = list(tokens_of(scene).values())
    known.extend(
        chain.from_iterable(ids_in(scene.right(one).body) for row in endpoints(scene.installation) for one in row)
    )
    schema = schemathesis.openapi.from_wsgi("/api/openapi.json", get_wsgi_application())
    operations = [result.ok() for result in schema.get_all_operations()]
    assert len(operations) == sum(map(len, endpoints(scene.installation)))
    examples = CAMPAIGN_EXAMPLES * len(tokens) if is_long else EXAMPLES
    faults, count = list[str](), 0
    for one in operations:
        try:
            count += sent(one, tokens, examples)
        except Exception as error:  # each tells its request; the other operations are tried all the same
            faults += format_exception(error, limit=0)
    assert not faults, "".join(faults)
    assert count >= len(operations)
    print(f"{count} requests")  # with -s
