"""The door for programs: JSON over HTTP, described by one OpenAPI document made from the same table as the addresses."""

from django.urls import URLPattern

from concord.actions.installation import Installation
from concord.api.endpoint import pattern
from concord.api.health import health_patterns
from concord.api.openapi import document_pattern
from concord.api.table import endpoints


def routes(installation: Installation) -> list[URLPattern]:
    """Every address of this door, bound to its installation."""
    table = endpoints(installation)
    return [*(pattern(*methods) for methods in table), document_pattern(table), *health_patterns(installation)]
