"""Signing in and out. A wrong token and a revoked one look the same."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.middleware.csrf import rotate_token
from django.shortcuts import render
from django.urls import reverse

from concord.access.actor import begin_session
from concord.actions.installation import Installation
from concord.errors import ConcordError, NotSignedIn, SessionEnded
from concord.web.pages import say
from concord.web.session import Session, end_session, keep_session
from concord.web.statuses import status_of


@dataclass(frozen=True, slots=True)
class SigningIn:
    installation: Installation

    def page(self, request: HttpRequest) -> HttpResponse:
        if request.method == "POST":
            return self._try(request)
        return self._form(request, SessionEnded() if "ended" in request.GET else None, status=200)

    def sign_out(self, request: HttpRequest) -> HttpResponse:
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        response = HttpResponseRedirect(reverse("sign-in"))
        end_session(response)
        response["Clear-Site-Data"] = '"cache", "cookies", "storage"'
        return response

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
        except NotSignedIn as error:
            return self._form(request, error, status_of(error))

    def _sign_in(self, request: HttpRequest, secret: str) -> HttpResponse:
        """Raises NotSignedIn."""
        token = begin_session(secret)
        rotate_token(request)  # a form that was open before this person came is no longer theirs
        response = HttpResponseRedirect(reverse("home"))
        keep_session(request, response, Session.begin(token, self.installation.clock()))
        return response

    def _form(self, request: HttpRequest, notice: ConcordError | None, status: int) -> HttpResponse:
        return render(request, "sign_in.html", {"notice": notice, "demo": self.installation.demo}, status=status)
