"""Passkeys at the page: each ceremony in two halves, options and answer, sent by static/concord/passkeys.js."""

from collections.abc import Callable
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.shortcuts import render
from django.urls import reverse

from concord.access.actor import Actor
from concord.access.ceremony import new_challenge, parsed, registration_options, sign_in_options
from concord.actions.installation import Installation
from concord.actions.register import (
    own_credentials,
    owner_invited,
    owner_to_register,
    register_invited,
    register_own,
    step_up,
)
from concord.actions.sign_in import sign_in_with_passkey
from concord.errors import InvitationSpent, PasskeyRefused
from concord.web.origin import site_of
from concord.web.pages import own_path
from concord.web.signing_in import address_of, begun
from concord.web.ticket import Kind, Ticket, give, take, tear

JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Passkeys:
    installation: Installation

    def sign_in_begin(self, request: HttpRequest) -> HttpResponse:
        """Raises NoPasskeysHere."""
        return self._asked(request, Kind.SIGN_IN, lambda site, challenge: sign_in_options(site, challenge))

    def sign_in(self, request: HttpRequest) -> HttpResponse:
        """Raises PasskeyRefused."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        site, ticket = site_of(request, self.installation.config), self._taken(request, Kind.SIGN_IN)
        answer = parsed(request.POST.get("answer", ""))
        session = sign_in_with_passkey(
            self.installation, site, ticket.words[0], ticket.expires_at, answer, address_of(request)
        )
        return begun(self.installation, request, _go_on(Kind.SIGN_IN, reverse("home")), session)

    def join_page(self, request: HttpRequest) -> HttpResponse:
        """For whoever has an invitation in the address, or in the cookie that a recovery code gave. It tells nothing."""
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        return render(request, "join.html", {"recovering": Kind.INVITED in request.COOKIES})

    def join_begin(self, request: HttpRequest) -> HttpResponse:
        """Raises InvitationSpent, NoPasskeysHere."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        secret = self._secret(request)
        owner = owner_invited(self.installation, secret, address_of(request))
        return self._asked(
            request, Kind.REGISTER, lambda site, challenge: registration_options(site, challenge, owner), secret
        )

    def join(self, request: HttpRequest) -> HttpResponse:
        """Makes the invited passkey, and signs in with it. Raises InvitationSpent, PasskeyRefused."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        site, ticket = site_of(request, self.installation.config), self._taken(request, Kind.REGISTER)
        if len(ticket.words) != 2:
            raise PasskeyRefused
        challenge, secret = ticket.words
        answer, label = parsed(request.POST.get("answer", "")), request.POST.get("label", "")
        session = register_invited(
            self.installation, secret, site, challenge, ticket.expires_at, answer, label, address_of(request)
        )
        response = _go_on(Kind.REGISTER, reverse("account"))
        tear(response, Kind.INVITED)
        return begun(self.installation, request, response, session)

    def register_begin(self, request: HttpRequest, actor: Actor) -> HttpResponse:
        """Raises NeedsStepUp, NoPasskeysHere."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        owner = owner_to_register(self.installation, actor)
        return self._asked(request, Kind.REGISTER, lambda site, challenge: registration_options(site, challenge, owner))

    def register(self, request: HttpRequest, actor: Actor) -> HttpResponse:
        """Raises NeedsStepUp, PasskeyRefused, PasskeyThere."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        site, ticket = site_of(request, self.installation.config), self._taken(request, Kind.REGISTER)
        answer, label = parsed(request.POST.get("answer", "")), request.POST.get("label", "")
        register_own(self.installation, actor, site, ticket.words[0], ticket.expires_at, answer, label)
        return _go_on(Kind.REGISTER, reverse("account"))

    def step_up_begin(self, request: HttpRequest, actor: Actor) -> HttpResponse:
        """Raises NoPasskeysHere."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        own = own_credentials(self.installation, actor)
        return self._asked(request, Kind.STEP_UP, lambda site, challenge: sign_in_options(site, challenge, own))

    def step_up(self, request: HttpRequest, actor: Actor) -> HttpResponse:
        """Raises PasskeyRefused, TooManyTries."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        site, ticket = site_of(request, self.installation.config), self._taken(request, Kind.STEP_UP)
        answer = parsed(request.POST.get("answer", ""))
        step_up(self.installation, actor, site, ticket.words[0], ticket.expires_at, answer)
        return _go_on(Kind.STEP_UP, own_path(request.POST.get("back", "/")))

    def _asked(self, request: HttpRequest, kind: Kind, options: Callable[..., bytes], *more: str) -> HttpResponse:
        """The options, and the ticket that binds their challenge to this browser."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        challenge = new_challenge()
        response = HttpResponse(options(site_of(request, self.installation.config), challenge), content_type=JSON)
        give(request, response, Ticket.issue(kind, self.installation.clock(), challenge, *more))
        return response

    def _taken(self, request: HttpRequest, kind: Kind) -> Ticket:
        return take(request, kind, self.installation.clock())

    def _secret(self, request: HttpRequest) -> str:
        """Of the invitation: from the page's address, which the script reads, or from the recovery's cookie."""
        if given := request.POST.get("secret"):
            return given[:1000]
        try:
            return take(request, Kind.INVITED, self.installation.clock()).words[0]
        except PasskeyRefused:
            raise InvitationSpent from None


def _go_on(kind: Kind, address: str) -> HttpResponse:
    response = JsonResponse({"next": address})
    tear(response, kind)
    return response
