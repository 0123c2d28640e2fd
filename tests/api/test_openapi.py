"""The OpenAPI document: valid by the rules of OpenAPI 3.1 that apply to it, and in step with the addresses."""

import itertools
import re
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from django.test import Client
from django.urls import resolve

from concord.actions.installation import Installation
from concord.api import routes
from concord.api.table import endpoints
from tests.api.conftest import ProgramOf

METHODS = {"get", "put", "post", "delete", "options", "head", "patch", "trace"}
TYPES = {"null", "boolean", "object", "array", "number", "string", "integer"}


@pytest.fixture(scope="session")
def document(program_of: ProgramOf) -> Any:
    """As a stranger gets it: it needs no token."""
    program_of(None)
    return msgspec.json.decode(Client(SERVER_NAME="localhost").get("/api/openapi.json").content)


def operations(document: Any) -> Iterator[tuple[str, str, Any]]:
    for address, item in document["paths"].items():
        for method, operation in item.items():
            yield address, method, operation


def everything(value: Any) -> Iterator[dict[str, Any]]:
    """Every object in the document, at any depth."""
    if isinstance(value, dict):
        yield value
    children = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    yield from itertools.chain.from_iterable(map(everything, children))


def test_it_says_what_it_is(document: Any) -> None:
    assert re.fullmatch(r"3\.1\.\d+", document["openapi"])
    assert {"title", "version"} <= document["info"].keys()
    assert document.keys() <= {"openapi", "info", "security", "paths", "components"}


def test_every_operation_is_whole(document: Any) -> None:
    names = [operation["operationId"] for _, _, operation in operations(document)]
    assert len(names) == len(set(names))
    for address, method, operation in operations(document):
        assert address.startswith("/")
        assert method in METHODS
        assert operation["summary"]
        assert {"200", "400", "401", "413", "500", "503"} <= operation["responses"].keys()
        for status, response in operation["responses"].items():
            assert re.fullmatch(r"[1-5]\d\d", status)
            assert response["description"]
            assert list(response["content"]) == ["application/json"]
        if "requestBody" in operation:
            assert method in ("post", "patch", "delete")
            assert operation["requestBody"]["content"]


def test_every_parameter_is_named_once_and_has_a_schema(document: Any) -> None:
    for _, _, operation in operations(document):
        parameters = operation["parameters"]
        assert len({(one["name"], one["in"]) for one in parameters}) == len(parameters)
        for one in parameters:
            assert one["in"] in ("query", "header")
            assert one["schema"]["type"] in TYPES
            assert one["description"]


def test_every_reference_leads_somewhere(document: Any) -> None:
    references = [one["$ref"] for one in everything(document) if "$ref" in one]
    assert references
    for reference in references:
        there = document
        for part in reference.removeprefix("#/").split("/"):
            there = there[part]
        assert isinstance(there, dict)


def test_every_schema_names_its_own_properties_and_known_types(document: Any) -> None:
    for schema in everything(document["components"]["schemas"]):
        if isinstance(schema.get("type"), str):
            assert schema["type"] in TYPES
        if isinstance(schema.get("required"), list):
            assert set(schema["required"]) <= schema["properties"].keys()


def test_every_component_is_used(document: Any) -> None:
    used = {one["$ref"].rsplit("/", 1)[1] for one in everything(document) if "$ref" in one}
    assert used == document["components"]["schemas"].keys()


def test_every_way_to_sign_in_that_is_asked_for_is_described(document: Any) -> None:
    asked = {name for one in document["security"] for name in one}
    assert asked == document["components"]["securitySchemes"].keys() == {"token"}


def test_it_lists_exactly_the_addresses_there_are(document: Any, installation: Installation) -> None:
    listed = {(method.upper(), address) for address, method, _ in operations(document)}
    table = {(one.method, f"/api/v1/{one.address}") for one in itertools.chain(*endpoints(installation))}
    assert listed == table
    served = {str(one.pattern) for one in routes(installation) if str(one.pattern).startswith("api/v1/")}
    assert served == {address.removeprefix("/") for address in document["paths"]}
    for address in document["paths"]:
        assert resolve(address).route == address.removeprefix("/")


def test_bodies_and_queries_are_those_of_the_table(document: Any, installation: Installation) -> None:
    for one in itertools.chain(*endpoints(installation)):
        operation = document["paths"][f"/api/v1/{one.address}"][one.method.lower()]
        types = operation.get("requestBody", {"content": {}})["content"].keys()
        bytes_too = {"application/octet-stream"} if one.takes_bytes else set()
        assert types == ({"application/json"} | bytes_too if one.takes else set())
        queries = [parameter["name"] for parameter in operation["parameters"] if parameter["in"] == "query"]
        assert queries == [query.name for query in one.query]
