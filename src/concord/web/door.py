"""What every request to a page passes: its size, the check against forged forms, who it is; and what becomes of an error."""

from collections.abc import Callable
from functools import wraps

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFilesSent
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from concord.access.actor import Actor, sign_in_by_session
from concord.access.rate import Rates
from concord.actions.installation import Installation
from concord.errors import ConcordError, TooLarge, TooManyItems, WrongMethod
from concord.web.session import COOKIE, keep_session, session_of

View = Callable[..., HttpResponse]
ForOfficer = Callable[[HttpRequest, Actor], HttpResponse]
Refuse = Callable[[HttpRequest, ConcordError], HttpResponse]


def guarded(view: View, limit_bytes: int, refuse: Refuse, rates: Rates | None = None) -> View:
    """`view` behind the checks; errors of ours go to `refuse`. `rates`: how often one address may ask, signed in or not."""
    protected = csrf_protect(view)

    @csrf_exempt  # only from the middleware: its check reads the whole body, so the size is looked at first
    @wraps(view)
    def page(request: HttpRequest, **parts: str) -> HttpResponse:
        try:
            if rates:
                rates.demand_of_address(str(request.META.get("REMOTE_ADDR", "")))
            if _body_bytes(request) > limit_bytes:
                raise TooLarge(item="What was sent", limit_bytes=limit_bytes)
            return _demand_method(request, protected(request, **parts))
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
        if installation.rates:
            installation.rates.demand_of_session(session.id)
        response = view(request, sign_in_by_session(session.id))
        if COOKIE not in response.cookies:  # signing out takes it back
            keep_session(request, response, session.seen(now))
        return response

    return page


def _demand_method(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """`response`, unless the view does not know the method: its answer has no words of its own. Raises WrongMethod."""
    if isinstance(response, HttpResponseNotAllowed):
        raise WrongMethod(method=request.method, known=response["Allow"])
    return response


def _body_bytes(request: HttpRequest) -> int:
    """As announced, which is also all that Django reads; what is not a number it takes for an empty body."""
    announced = str(request.META.get("CONTENT_LENGTH") or "")
    return int(announced) if announced.isdecimal() else 0
