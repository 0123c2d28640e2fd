"""The ask page: one form, its answers as cards. The script sends the same form in parts and gets the cards alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from concord.access.actor import Actor
from concord.actions.ask import ask_bytes, ask_texts
from concord.actions.installation import Installation
from concord.actions.upload import demand_pictures_taken
from concord.errors import ConcordError, Misuse, NothingAsked, PicturesNotTaken, TooLarge, TooManyItems
from concord.records.answer import Answer
from concord.values import Purpose
from concord.web.cards import LEGEND, Card, answer_card, failed_card, summary
from concord.web.statuses import status_of

ITEMS_PER_PAGE = 1_000  # one page of cards; what is more is for the command line
TEXTS_PER_REQUEST = 50  # as the script sends them, so that cards come while the rest is asked
FORM_BYTES = 16 << 10  # what a form adds to the one file it carries
NAME_CHARACTERS = 300


@dataclass(frozen=True, slots=True)
class Asking:
    installation: Installation

    def page(self, request: HttpRequest, actor: Actor) -> HttpResponse:
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        return self._page(request, actor)

    def ask(self, request: HttpRequest, actor: Actor) -> HttpResponse:
        """The whole page again, with the answers, or with what was wrong with the question and its text kept."""
        if request.method != "POST":
            return HttpResponseRedirect(reverse("home"))
        try:
            cards = self._answered(request, actor)
        except Misuse as error:
            return self._page(request, actor, error=error)
        return self._page(request, actor, cards)

    def cards(self, request: HttpRequest, actor: Actor) -> HttpResponse:
        """Only the cards, in the order of the questions. Raises Misuse."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        return render(request, "_answers.html", {"cards": self._answered(request, actor)})

    def _answered(self, request: HttpRequest, actor: Actor) -> list[Card]:
        actor = actor.acting_for(request.POST.get("purpose") or None)
        texts = [line.strip() for line in request.POST.get("texts", "").splitlines() if line.strip()]
        files = request.FILES.getlist("files") + request.FILES.getlist("folder")
        count = len(texts) + len(files)
        if not count:
            raise NothingAsked
        if count > ITEMS_PER_PAGE:
            raise TooManyItems(count=count, limit=ITEMS_PER_PAGE)
        if files:
            demand_pictures_taken(self.installation, actor)
        answers = ask_texts(self.installation, actor, texts) if texts else []
        answers += self._files_answered(actor, files, request.POST.getlist("names"))
        now = self.installation.clock()
        return [answer_card(answer, now) for answer in answers]

    def _files_answered(self, actor: Actor, files: Sequence["UploadedFile[Any]"], names: Sequence[str]) -> list[Answer]:
        """The script sends the path within a folder beside each file; a form alone sends the file's own name."""
        given = names if len(names) == len(files) else [file.name or "file" for file in files]
        return [
            ask_bytes(self.installation, actor, name[:NAME_CHARACTERS], file.read())
            for name, file in zip(given, files, strict=True)
        ]

    def _page(
        self, request: HttpRequest, actor: Actor, cards: Sequence[Card] = (), error: ConcordError | None = None
    ) -> HttpResponse:
        limits = self.installation.config.limits
        facts = {
            "actor": actor,
            "demo": self.installation.demo,
            "cards": cards,
            "summary": summary(cards),
            "error": error,
            "texts": request.POST.get("texts", "") if error else "",
            "purposes": list(Purpose),
            "chosen_purpose": request.POST.get("purpose") or actor.purpose or "",
            "file_bytes": limits.request_bytes - FORM_BYTES,
            "items_per_page": ITEMS_PER_PAGE,
            "texts_per_request": TEXTS_PER_REQUEST,
            "takes_files": self.installation.config.takes_pictures,
            "not_taken": PicturesNotTaken(),
            "too_large": TooLarge(item="This file", limit_bytes=limits.request_bytes - FORM_BYTES),
            "too_many": TooManyItems(count="{count}", limit=ITEMS_PER_PAGE),
            "nothing": NothingAsked(),
            "failed": failed_card(),
            "legend": LEGEND,
        }
        return render(request, "ask.html", facts, status=status_of(error) if error else 200)
