"""Programs that talk to the session's installation."""

from collections.abc import Callable

import pytest
from django.test import Client

from concord.access.actor import Actor
from concord.actions.installation import Installation
from concord.site import urls
from tests.api.program import Program
from tests.desk import Desk
from tests.officers import Officers

ProgramOf = Callable[[Actor | None], Program]


@pytest.fixture(scope="session")
def program_of(installation: Installation, officers: Officers) -> ProgramOf:
    """The program of an officer; of nobody, without a token."""
    urls.publish(installation)

    def program(actor: Actor | None) -> Program:
        token = officers.token(actor) if actor else None
        return Program(token, Client(SERVER_NAME="localhost", raise_request_exception=False))

    return program


@pytest.fixture
def program(program_of: ProgramOf, desk: Desk) -> Program:
    """Of the officer at the desk."""
    return program_of(desk.actor)
