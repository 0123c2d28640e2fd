"""The OpenAPI document, made from the table of endpoints and the types they take and give."""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path

from concord import __version__
from concord.api.endpoint import BYTES, Endpoint, Problem, Query, as_json
from concord.values import Basis, Purpose

REFUSALS = {  # every status of api/statuses.py
    "400": "The request cannot be understood, or has no purpose.",
    "401": "No valid token.",
    "403": "Not allowed; the reason is given.",
    "404": "No such record, or not one that you may use.",
    "405": "The method is not known here.",
    "409": "It is there already, or over already.",
    "413": "Too many items, or too large.",
    "422": "An item is not what it was said to be, or cannot be worked on.",
    "429": "Too many requests, or too many wrong tokens from this address; Retry-After says when to come back.",
    "500": "A fault of the program.",
    "503": "It cannot run at present.",
}


def document_pattern(table: Sequence[Sequence[Endpoint]]) -> URLPattern:
    made = document(table)

    def view(request: HttpRequest) -> HttpResponse:  # noqa: ARG001  the signature is Django's
        return as_json(made)

    return path("api/openapi.json", view)


def document(table: Sequence[Sequence[Endpoint]]) -> dict[str, Any]:
    """OpenAPI 3.1."""
    endpoints = [one for methods in table for one in methods]
    types = {kind for one in endpoints for kind in (one.takes, one.gives) if kind} | {Problem}
    ordered = sorted(types, key=lambda kind: kind.__name__)
    schemas, components = msgspec.json.schema_components(ordered, ref_template="#/components/schemas/{name}")
    named = dict(zip(ordered, schemas, strict=True))
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Concord",
            "version": __version__,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "security": [{"token": []}],
        "paths": {f"/api/v1/{methods[0].address}": _path(methods, named) for methods in table},
        "components": {
            "schemas": components,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _path(methods: Iterable[Endpoint], named: dict[type, Any]) -> dict[str, Any]:
    return {one.method.lower(): _operation(one, named) for one in methods}


def _operation(one: Endpoint, named: dict[type, Any]) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": f"{one.method.lower()}_{one.address.replace('/', '_')}",
        "summary": one.summary,
        "parameters": [*_headers(), *map(_query, one.query)],
        "responses": {
            "200": {"description": "Done.", "content": _json(named[one.gives])},
            **{status: {"description": text, "content": _json(named[Problem])} for status, text in REFUSALS.items()},
        },
    }
    if one.takes:
        content = _json(named[one.takes])
        if one.takes_bytes:
            content[BYTES] = {"schema": {"type": "string", "contentMediaType": BYTES}}
        operation["requestBody"] = {"required": True, "content": content}
    return operation


def _json(schema: Any) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}


def _headers() -> Iterable[dict[str, Any]]:
    for name, codes, why in (("Concord-Purpose", Purpose, "Why"), ("Concord-Basis", Basis, "On what legal ground")):
        yield {
            "name": name,
            "in": "header",
            "required": False,
            "description": f"{why}; without it, the profile's default.",
            "schema": {"type": "string", "enum": list(codes)},
        }


def _query(one: Query) -> dict[str, Any]:
    return {"name": one.name, "in": "query", "required": False, "description": one.meaning, "schema": one.schema}
