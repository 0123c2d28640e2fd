"""Pages that say why there is no other: refusals and faults. They know nobody and touch nothing but their template."""

from urllib.parse import urlencode, urlsplit

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from concord.errors import ConcordError, NeedsStepUp, NotSignedIn, SessionEnded, TooManyTries, WrongMethod
from concord.web.statuses import status_of


def say(request: HttpRequest, status: int, title: str, sentence: str, **more: str) -> HttpResponse:
    """`more`: `way` and `way_word`, where to go on instead of the first page."""
    return render(request, "said.html", {"title": title, "sentence": sentence, **more}, status=status)


def refused(request: HttpRequest, error: ConcordError) -> HttpResponse:
    """An error as a page; who is not signed in is shown where to, and who must step up as well."""
    if isinstance(error, NotSignedIn):
        query = "?ended" if isinstance(error, SessionEnded) else ""
        return HttpResponseRedirect(reverse("sign-in") + query)
    if isinstance(error, NeedsStepUp):
        way = f"{reverse('step-up')}?{urlencode({'back': page_of(request)})}"
        return say(request, status_of(error), "Show that it is you", str(error), way=way, way_word="Step up")
    return waiting(say(request, status_of(error), "This could not be done", str(error)), error)


def refused_in_words(request: HttpRequest, error: ConcordError) -> HttpResponse:  # noqa: ARG001  one shape for both
    """An error as its sentence alone, for the script, which shows it on the item's card."""
    response = HttpResponse(str(error), content_type="text/plain; charset=utf-8", status=status_of(error))
    return waiting(response, error)


def waiting(response: HttpResponse, error: ConcordError) -> HttpResponse:
    """With the seconds to wait, or the methods that are known, where the error knows them."""
    if isinstance(error, TooManyTries):
        response["Retry-After"] = str(error.facts["seconds"])
    if isinstance(error, WrongMethod):
        response["Allow"] = error.facts["known"]
    return response


def page_of(request: HttpRequest) -> str:
    """The page that somebody was on: this one, or that whose form he sent."""
    if request.method in ("GET", "HEAD"):
        return request.get_full_path()
    came_from = urlsplit(request.headers.get("Referer", ""))
    return own_path(came_from.path if came_from.netloc == request.get_host() else "/")


def own_path(path: str) -> str:
    """`path` where it leads nowhere but here, else the first page."""
    there = url_has_allowed_host_and_scheme(path, allowed_hosts=None) and path.startswith("/")
    return path if there else "/"


# ---- what Django calls by name ----------------------------------------------------------------------------------------


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    return say(request, 400, "This request cannot be read", "Go back to the page it came from and try once more.")


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    return say(request, 403, "Not allowed", "What you asked for is not open to you.")


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    return say(request, 404, "There is no such page", "Check the address, or begin at the first page.")


def server_error(request: HttpRequest) -> HttpResponse:
    sentence = "The fault is on our side and has been noted. What you had entered before is kept. Try again shortly."
    return say(request, 500, "Something went wrong", sentence)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001  it is for developers
    sentence = (
        "The page was open for too long, or the browser keeps no cookies. Nothing was done: open it again and repeat."
    )
    return say(request, 403, "This form is no longer valid", sentence)
