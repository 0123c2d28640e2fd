"""Through a country's own identity provider and back; to sign in, or to step up.

The way back comes from another site, so the session's cookie, which is Strict, does not come along: what a step-up is for
stands in the ticket of the attempt. For the same reason the answer is a page that goes on by itself, not a redirect.
"""

import uuid
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from concord.access.actor import Actor
from concord.access.challenge import spend_challenge
from concord.access.openid import Flow, Said
from concord.actions.installation import Installation
from concord.actions.providers import Way, begin, finish, way_through
from concord.actions.register import step_up_by_provider
from concord.actions.sign_in import note_refused_provider, sign_in_with_provider
from concord.errors import NotAllowed, PasskeyRefused, ProviderRefused
from concord.web.origin import origin_of
from concord.web.pages import own_path, say
from concord.web.signing_in import address_of, begun
from concord.web.statuses import status_of
from concord.web.ticket import Kind, Ticket, give, take, tear

NOBODY = ""  # in place of a session: this is to sign in


@dataclass(frozen=True, slots=True)
class Through:
    installation: Installation

    def go(self, request: HttpRequest, country: str) -> HttpResponse:
        """To the provider, to sign in. Raises UnknownRecord, ProviderUnavailable."""
        return self._sent(request, country, NOBODY, "/")

    def step_up(self, request: HttpRequest, actor: Actor) -> HttpResponse:
        """To the provider of one's own country, which must look anew. Raises UnknownRecord, ProviderUnavailable."""
        return self._sent(request, actor.country, str(actor.session), own_path(request.GET.get("back", "/")))

    def back(self, request: HttpRequest, country: str) -> HttpResponse:
        """From the provider."""
        if request.method != "GET":
            return HttpResponseNotAllowed(["GET"])
        try:
            return self._arrived(request, country)
        except NotAllowed as error:
            response = say(
                request, status_of(error), "Not signed in", str(error), way=reverse("sign-in"), way_word="Begin again"
            )
            tear(response, Kind.PROVIDER)
            return response

    def _sent(self, request: HttpRequest, country: str, session: str, back: str) -> HttpResponse:
        if request.method != "GET":
            return HttpResponseNotAllowed(["GET"])
        flow = Flow.new()
        response = HttpResponseRedirect(begin(self._way(request, country), flow, anew=session != NOBODY))
        words = (flow.state, flow.nonce, flow.verifier, country, session, back)
        give(request, response, Ticket.issue(Kind.PROVIDER, self.installation.clock(), *words), from_elsewhere=True)
        return response

    def _arrived(self, request: HttpRequest, country: str) -> HttpResponse:
        flow, session, back = self._begun_here(request, country)
        way = self._way(request, country)
        said = self._said(request, way, flow)
        response = render(request, "continue.html", {"next": back})
        tear(response, Kind.PROVIDER)
        if session:
            step_up_by_provider(self.installation, uuid.UUID(session), way.provider, said)
            return response
        began = sign_in_with_provider(self.installation, way.provider, said, address_of(request))
        return begun(self.installation, request, response, began)

    def _said(self, request: HttpRequest, way: Way, flow: Flow) -> Said:
        """What the provider vouches for. Raises ProviderRefused, ProviderUnavailable."""
        try:
            _demand_answer(request, way)
            return finish(self.installation, way, flow, request.GET.get("code", ""))
        except ProviderRefused:
            note_refused_provider(self.installation, way.provider, address_of(request))
            raise

    def _begun_here(self, request: HttpRequest, country: str) -> tuple[Flow, str, str]:
        """What this browser began, once. Raises ProviderRefused."""
        try:
            ticket = take(request, Kind.PROVIDER, self.installation.clock())
            state, nonce, verifier, asked, session, back = ticket.words
        except (PasskeyRefused, ValueError):
            raise ProviderRefused(cause="this browser did not begin it, or too long ago") from None
        if (request.GET.get("state"), country) != (state, asked) or not spend_challenge(state, ticket.expires_at):
            raise ProviderRefused(cause="it answers something else, or a second time")
        return Flow(state, nonce, verifier), session, back

    def _way(self, request: HttpRequest, country: str) -> Way:
        there = reverse("provider-return", kwargs={"country": country})
        return way_through(self.installation, country, origin_of(request, self.installation.config) + there)


def _demand_answer(request: HttpRequest, way: Way) -> None:
    """Raises ProviderRefused."""
    if "error" in request.GET:
        raise ProviderRefused(cause="it says that it did not")
    if request.GET.get("iss", way.client.issuer) != way.client.issuer:  # RFC 9207
        raise ProviderRefused(cause="another provider answered")
