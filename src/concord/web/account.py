"""One's own account: where one is signed in, by which passkeys and tokens, and how many ways back there are."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from concord.access.actor import Actor
from concord.access.provider import provider_of
from concord.access.step_up import stepped_up
from concord.actions.account import make_recovery_codes, revoke_passkey, revoke_token, show_account, sign_out
from concord.actions.installation import Installation
from concord.web.pages import own_path
from concord.web.signing_in import named_id, signed_out

Act = Callable[[Installation, Actor, UUID], object]


@dataclass(frozen=True, slots=True)
class AccountPages:
    installation: Installation

    def page(self, request: HttpRequest, actor: Actor) -> HttpResponse:
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        facts = {
            "actor": actor,
            "demo": self.installation.demo,
            "account": show_account(self.installation, actor),
            "needs_step_up": stepped_up(actor, self.installation.clock()) is not None,
        }
        return render(request, "account.html", facts)

    def step_up_page(self, request: HttpRequest, actor: Actor) -> HttpResponse:
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        facts = {
            "actor": actor,
            "demo": self.installation.demo,
            "back": own_path(request.GET.get("back", "/")),
            "has_provider": provider_of(actor.country) is not None,
        }
        return render(request, "step_up.html", facts)

    def end_session(self, request: HttpRequest, actor: Actor) -> HttpResponse:
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        session = named_id(request.POST.get("id", ""))
        sign_out(self.installation, actor, session)
        return signed_out() if session == actor.session else HttpResponseRedirect(reverse("account"))

    def end_all(self, request: HttpRequest, actor: Actor) -> HttpResponse:
        """Everywhere, here as well."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        sign_out(self.installation, actor, None)
        return signed_out()

    def revoke_passkey(self, request: HttpRequest, actor: Actor) -> HttpResponse:
        return self._done(request, actor, revoke_passkey)

    def revoke_token(self, request: HttpRequest, actor: Actor) -> HttpResponse:
        return self._done(request, actor, revoke_token)

    def codes(self, request: HttpRequest, actor: Actor) -> HttpResponse:
        """New recovery codes, on a page that shows them once. Raises NeedsStepUp."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        codes = make_recovery_codes(self.installation, actor)
        return render(request, "codes.html", {"actor": actor, "demo": self.installation.demo, "codes": codes})

    def _done(self, request: HttpRequest, actor: Actor, act: Act) -> HttpResponse:
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        act(self.installation, actor, named_id(request.POST.get("id", "")))
        return HttpResponseRedirect(reverse("account"))
