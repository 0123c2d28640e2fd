"""Signing in by token, recovery code or a demonstration's link, and signing out. What was wrong is never told."""

import uuid
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.middleware.csrf import rotate_token
from django.shortcuts import render
from django.urls import reverse

from concord.access.actor import sign_in_by_session
from concord.access.provider import countries_with_provider
from concord.actions.account import sign_out
from concord.actions.installation import Installation
from concord.actions.sign_in import RECOVERY_LASTS, recover, sign_in_with_token
from concord.errors import ConcordError, NotSignedIn, SessionEnded, TooManyTries
from concord.web.pages import say, waiting
from concord.web.session import Session, end_session, keep_session, session_of
from concord.web.statuses import status_of
from concord.web.ticket import Kind, Ticket, give

CLEAR = '"cache", "cookies", "storage"'


@dataclass(frozen=True, slots=True)
class SigningIn:
    installation: Installation

    def page(self, request: HttpRequest) -> HttpResponse:
        if request.method == "POST":
            return self._try(request)
        return self._form(request, SessionEnded() if "ended" in request.GET else None, status=200)

    def recovery(self, request: HttpRequest) -> HttpResponse:
        """A code opens the making of a passkey and nothing else: whoever has it is not signed in yet."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        try:
            secret = recover(self.installation, request.POST.get("code", ""), address_of(request))
        except (NotSignedIn, TooManyTries) as error:
            return self._form(request, error, status_of(error), tried="code")
        response = HttpResponseRedirect(reverse("join"))
        ticket = Ticket.issue(Kind.INVITED, self.installation.clock(), secret, lasting=RECOVERY_LASTS)
        give(request, response, ticket)
        return response

    def sign_out(self, request: HttpRequest) -> HttpResponse:
        """Ends the session here and in the browser. Who has none is let go as well."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        leave(self.installation, request)
        return signed_out()

    def persona(self, request: HttpRequest, secret: str) -> HttpResponse:
        """By a single-use link, in a demo only. GET alone spends it: a preview that asks for the head does not."""
        if request.method != "GET":
            return HttpResponseNotAllowed(["GET"])
        try:
            return self._sign_in(request, secret)
        except NotSignedIn:
            sentence = (
                "It opens once. Take the next one from the terminal, or start the demonstration again for new ones."
            )
            return say(request, 401, "This link is spent", sentence)

    def _try(self, request: HttpRequest) -> HttpResponse:
        try:
            return self._sign_in(request, request.POST.get("token", "").strip())
        except (NotSignedIn, TooManyTries) as error:
            return self._form(request, error, status_of(error), tried="token")

    def _sign_in(self, request: HttpRequest, secret: str) -> HttpResponse:
        """Raises NotSignedIn, TooManyTries."""
        session = sign_in_with_token(self.installation, secret, address_of(request))
        return begun(self.installation, request, HttpResponseRedirect(reverse("home")), session)

    def _form(self, request: HttpRequest, notice: ConcordError | None, status: int, tried: str = "") -> HttpResponse:
        """`tried`: the way that is open on the page, the one that did not work."""
        facts = {
            "notice": notice,
            "tried": tried,
            "demo": self.installation.demo,
            "countries": countries_with_provider(),
        }
        response = render(request, "sign_in.html", facts, status=status)
        return waiting(response, notice) if notice else response


def begun(installation: Installation, request: HttpRequest, response: HttpResponse, session: uuid.UUID) -> HttpResponse:
    """`response` with the cookie of the new session. One that this browser had before is over."""
    leave(installation, request)
    rotate_token(request)  # a form that was open before this person came is no longer theirs
    keep_session(request, response, Session.begin(session, installation.clock()))
    return response


def leave(installation: Installation, request: HttpRequest) -> None:
    """Ends the session that the browser carries, if there is one."""
    try:
        session = session_of(request, installation.clock()).id
        sign_out(installation, sign_in_by_session(session), session)
    except NotSignedIn:
        return


def signed_out() -> HttpResponse:
    response = HttpResponseRedirect(reverse("sign-in"))
    end_session(response)
    response["Clear-Site-Data"] = CLEAR
    return response


def address_of(request: HttpRequest) -> str:
    """Of the connection itself. What a header says of it anybody can write."""
    return str(request.META.get("REMOTE_ADDR", ""))


def named_id(text: str) -> uuid.UUID:
    """An id that a form carries; what is none is the id of nothing."""
    try:
        return uuid.UUID(text)
    except ValueError:
        return uuid.UUID(int=0)
