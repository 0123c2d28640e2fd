"""What every request to a page passes: its size, the check against forged forms, who it is; and what becomes of an error."""

from collections.abc import Callable
from functools import wraps

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFilesSent
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from concord.access.actor import Actor, sign_in_by_session
from concord.actions.installation import Installation
from concord.errors import ConcordError, TooLarge, TooManyItems
from concord.web.session import keep_session, session_of

View = Callable[..., HttpResponse]
ForOfficer = Callable[[HttpRequest, Actor], HttpResponse]
Refuse = Callable[[HttpRequest, ConcordError], HttpResponse]


def guarded(view: View, limit_bytes: int, refuse: Refuse) -> View:
    """`view` behind the checks; errors of ours go to `refuse`."""
    protected = csrf_protect(view)

    @csrf_exempt  # only from the middleware: its check reads the whole body, so the size is looked at first
    @wraps(view)
    def page(request: HttpRequest, **parts: str) -> HttpResponse:
        try:
            if _body_bytes(request) > limit_bytes:
                raise TooLarge(item="What was sent", limit_bytes=limit_bytes)
            return protected(request, **parts)
        except RequestDataTooBig:
            return refuse(request, TooLarge(item="The text", limit_bytes=limit_bytes))
        except TooManyFilesSent:
            limit = settings.DATA_UPLOAD_MAX_NUMBER_FILES  # of a form; the script sends each file by its own request
            return refuse(request, TooManyItems(count=f"More than {limit}", limit=limit))
        except ConcordError as error:
            return refuse(request, error)

    return page


def for_officers(installation: Installation, view: ForOfficer) -> View:
    """`view` for whoever is signed in, read anew at every request. Raises NotSignedIn, SessionEnded."""

    @wraps(view)
    def page(request: HttpRequest) -> HttpResponse:
        now = installation.clock()
        session = session_of(request, now)
        response = view(request, sign_in_by_session(session.token))
        keep_session(request, response, session.seen(now))
        return response

    return page


def _body_bytes(request: HttpRequest) -> int:
    """As announced, which is also all that Django reads; what is not a number it takes for an empty body."""
    announced = str(request.META.get("CONTENT_LENGTH") or "")
    return int(announced) if announced.isdecimal() else 0
