"""Somebody at the pages: Django's test client with the words of an officer."""

import itertools
import re
from datetime import datetime, timedelta
from types import ModuleType
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client, override_settings

from concord.access.actor import Actor, begin_session
from concord.actions.enrol import issue_token
from concord.actions.installation import Installation
from concord.values import utc_now
from concord.web import routes
from concord.web.session import COOKIE, Session

numbers = itertools.count(1)


class Watch:
    """A clock that tests turn."""

    def __init__(self) -> None:
        self.time = utc_now()

    def __call__(self) -> datetime:
        return self.time

    def goes_on(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)


def addresses(installation: Installation) -> ModuleType:
    """The door alone, bound to this installation, in the shape that Django reads addresses from."""
    made = ModuleType("addresses")
    made.__dict__.update(urlpatterns=routes(installation), handler404="concord.web.pages.not_found")
    return made


class Visitor:
    def __init__(self, installation: Installation, **client: Any) -> None:
        self._addresses = addresses(installation)
        self._clock = installation.clock
        number = next(numbers)  # each comes from an address of his own, so that one's wrong tries are not another's
        address = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
        self.client = Client(SERVER_NAME="localhost", **{"REMOTE_ADDR": address, **client})

    def signed_in(self, actor: Actor) -> "Visitor":
        """Without the form, which has tests of its own."""
        session = begin_session(issue_token(actor.profile, "page", utc_now), self._clock())
        self.client.cookies[COOKIE] = Session.begin(session, self._clock()).sealed()
        return self

    def client_at(self, host: str) -> "Visitor":
        """The same at another name of the server."""
        self.client.defaults["SERVER_NAME"] = host
        return self

    def get(self, address: str, **more: Any) -> HttpResponse:
        with override_settings(ROOT_URLCONF=self._addresses):
            return self.client.get(address, **more)

    def head(self, address: str) -> HttpResponse:
        with override_settings(ROOT_URLCONF=self._addresses):
            return self.client.head(address)

    def post(self, address: str, **fields: Any) -> HttpResponse:
        with override_settings(ROOT_URLCONF=self._addresses):
            return self.client.post(address, fields)


def upload(name: str, content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def text_of(response: HttpResponse) -> str:
    """What a reader sees, with single spaces."""
    shown = re.sub(r"<template.*?</template>|<[^>]*>", " ", response.content.decode(), flags=re.DOTALL)
    return " ".join(shown.replace("&#x27;", "'").split())


def words_of(response: HttpResponse) -> list[str]:
    """The state word of each card, in order."""
    page = re.sub(r"<template.*?</template>", "", response.content.decode(), flags=re.DOTALL)
    return re.findall(r'data-word="([^"]*)"', page)
