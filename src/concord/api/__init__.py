"""The door for programs: JSON over HTTP, described by one OpenAPI document made from the same table as the addresses."""

from functools import partial

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, re_path

from concord.access.standing import Standings
from concord.actions.installation import Installation
from concord.actions.sign_in import note_refused_program
from concord.api.endpoint import pattern, problem
from concord.api.health import health_patterns
from concord.api.openapi import document_pattern
from concord.api.table import endpoints
from concord.errors import UnknownAddress


def routes(installation: Installation) -> list[URLPattern]:
    """Every address of this door, bound to its installation."""
    table, wrong, standings = endpoints(installation), partial(note_refused_program, installation), Standings()
    return [
        *(pattern(*methods, wrong_token=wrong, rates=installation.rates, standings=standings) for methods in table),
        document_pattern(table),
        *health_patterns(installation),
        NOWHERE,
    ]


def _nowhere(request: HttpRequest) -> HttpResponse:
    return problem(UnknownAddress(address=request.path))


NOWHERE = re_path("^api/", _nowhere)  # last: programs read JSON, also where there is nothing
