"""Whether it lives, and whether it is ready: never an empty answer while it is not."""

import msgspec
from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path

from concord.actions.installation import Installation
from concord.api.endpoint import as_json
from concord.database.acting import before_anybody
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
    parts = {"schema": _schema_is_current, "index": installation.search.catch_up}
    waiting = []
    for name, ready in parts.items():
        try:
            if ready() is False:
                waiting.append(name)
        except (ConcordError, Error):
            waiting.append(name)
    return waiting


def _schema_is_current() -> bool:
    with before_anybody():
        executor = MigrationExecutor(connection)
        return not executor.migration_plan(executor.loader.graph.leaf_nodes())
