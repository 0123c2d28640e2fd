"""Whether it lives, and whether it is ready: never an empty answer while it is not."""

import msgspec
from django.db import Error
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path

from concord.actions.installation import Installation
from concord.api.endpoint import as_json
from concord.database import schema
from concord.errors import ConcordError


class Ready(msgspec.Struct, frozen=True):
    """`waiting_for` is empty when it is ready."""

    ready: bool
    waiting_for: list[str]


def health_patterns(installation: Installation) -> list[URLPattern]:
    def healthz(request: HttpRequest) -> HttpResponse:  # noqa: ARG001  the signature is Django's
        return as_json({"alive": True})

    def readyz(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
        waiting = waiting_for(installation)
        return as_json(Ready(not waiting, waiting), 503 if waiting else 200)

    return [path("healthz", healthz), path("readyz", readyz)]


def waiting_for(installation: Installation) -> list[str]:
    """The parts that are not ready, each named by one word: nothing about them is told to strangers."""
    parts = {"schema": schema.require_current, "index": installation.search.catch_up}
    waiting = []
    for name, require in parts.items():
        try:
            require()
        except (ConcordError, Error):
            waiting.append(name)
    return waiting
