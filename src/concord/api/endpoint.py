"""What an endpoint is, and how a request becomes an action and its outcome a response."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.urls import URLPattern, path
from django.views.decorators.csrf import csrf_exempt

from concord.access.actor import Actor, sign_in_by_token
from concord.access.audit import Verb
from concord.access.rate import Rates
from concord.access.standing import Standings
from concord.api.packing import packed, unpacked
from concord.api.statuses import status_of, told_of
from concord.errors import ConcordError, MalformedRequest, NotSignedIn, TooLarge, TooLong, TooManyTries, WrongMethod
from concord.records.answer import Fault

log = logging.getLogger(__name__)

JSON = "application/json"
BYTES = "application/octet-stream"
DIGITS = 18  # of a length in bytes; Python refuses to read numbers of thousands of digits
TEXT_CHARACTERS = 10_000  # of what a caller says in words; names have a shorter end of their own


class Problem(msgspec.Struct, frozen=True):
    """What every refused request gets."""

    error: Fault


@dataclass(frozen=True, slots=True)
class Call:
    """A request as the action sees it."""

    actor: Actor
    query: dict[str, str]
    body: Any  # what `takes` says, or bytes


@dataclass(frozen=True, slots=True)
class Query:
    """A parameter of an address's query."""

    name: str
    meaning: str
    schema: Mapping[str, Any] = field(default_factory=lambda: {"type": "string"})


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One method of one address: a row of the table that the addresses and the OpenAPI document are made from."""

    method: str
    address: str  # below /api/v1/
    verb: Verb  # what its audit entry is called
    summary: str
    gives: type
    run: Callable[[Call], Any]
    takes: type | None = None  # the JSON body
    takes_bytes: bool = False  # a file's bytes as the body, as well
    query: tuple[Query, ...] = ()
    required: tuple[str, ...] = ()  # names of the query that must be there when bytes are sent
    limit_bytes: int = 0  # of the body
    confirms: bool = False  # sent JSON, it is mostly one statement, which itself finds out who asks


WrongToken = Callable[[str, str], None]  # (secret, address of the connection)


def _unnoted(secret: str, address: str) -> None:
    """Nobody counts."""


def pattern(
    *methods: Endpoint,
    wrong_token: WrongToken = _unnoted,
    rates: Rates | None = None,
    standings: Standings | None = None,
) -> URLPattern:
    """The address of one or several methods. `wrong_token` is told of those that do not hold; it may raise TooManyTries.

    `rates`: how many requests there may be, asked before anything else is done. `standings`: shared with other addresses.
    """
    by_method = {one.method: one for one in methods}
    known = standings or Standings()

    @csrf_exempt  # signed in by token, never by cookie: there is no session to ride on
    def view(request: HttpRequest) -> HttpResponse:
        endpoint = by_method.get(request.method or "")
        if endpoint is None:
            return problem(WrongMethod(method=request.method, known=", ".join(by_method)))
        try:
            if rates:
                rates.demand_of_address(str(request.META.get("REMOTE_ADDR", "")))
                rates.demand_of_token(_token(request))
            return packed(request, as_json(_outcome(endpoint, request, wrong_token, known)))
        except ConcordError as error:
            if status_of(error) >= 500:  # the caller learns no details
                log.error("%s %s: %s", endpoint.method, endpoint.address, error)  # noqa: TRY400  no fault of the program
            return problem(error)
        except Exception:
            log.exception("a fault in %s %s", endpoint.method, endpoint.address)
            return problem(ConcordError())

    return path(f"api/v1/{methods[0].address}", view)


def as_json(value: Any, status: int = 200) -> HttpResponse:
    return HttpResponse(msgspec.json.encode(value), content_type=JSON, status=status)


def problem(error: ConcordError) -> HttpResponse:
    """The error as its code and its sentence, with the status of its class."""
    status = status_of(error)
    response = as_json(Problem(Fault(error.code, told_of(error))), status)
    if isinstance(error, NotSignedIn):
        response["WWW-Authenticate"] = "Bearer"
    if isinstance(error, TooManyTries):
        response["Retry-After"] = str(error.facts["seconds"])
    if isinstance(error, WrongMethod):
        response["Allow"] = error.facts["known"]
    return response


def _outcome(endpoint: Endpoint, request: HttpRequest, wrong_token: WrongToken, standings: Standings) -> Any:
    """Who first, then why, then what: an anonymous body is never read."""
    secret = _token(request)
    if endpoint.confirms and request.content_type == JSON and (guess := standings.guess(secret)):
        try:
            return endpoint.run(_call(endpoint, request, guess))
        except ConcordError:  # whatever it is, it is told to nobody but whom the token belongs to now
            standings.forget(secret)
    try:
        actor = sign_in_by_token(secret)
    except NotSignedIn:
        wrong_token(secret, str(request.META.get("REMOTE_ADDR", "")))
        raise
    if endpoint.confirms:
        standings.remember(secret, actor)
    return endpoint.run(_call(endpoint, request, actor))


def _call(endpoint: Endpoint, request: HttpRequest, actor: Actor) -> Call:
    actor = actor.acting_for(request.headers.get("Concord-Purpose"), request.headers.get("Concord-Basis"))
    names = [one.name for one in endpoint.query]
    query = {name: storable(name, request.GET[name]) for name in names if name in request.GET}
    return Call(actor, query, _body(endpoint, request, query))


def storable(name: str, text: str) -> str:
    """`text`, which a caller sent as `name`.

    Raises TooLong, and MalformedRequest for a NUL, which no text in the database can hold.
    """
    if len(text) > TEXT_CHARACTERS:
        raise TooLong(what=name, count=len(text), limit=TEXT_CHARACTERS)
    if "\0" in text:
        raise MalformedRequest(cause=f"{name} holds a NUL sign")
    return text


def _token(request: HttpRequest) -> str:
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not secret:
        raise NotSignedIn
    return secret.strip()


def _body(endpoint: Endpoint, request: HttpRequest, query: dict[str, str]) -> Any:
    if endpoint.takes is None:
        return None
    body = _read(request, endpoint.limit_bytes)
    if request.content_type == JSON:
        return _decoded(body, endpoint.takes)
    if not endpoint.takes_bytes:
        raise MalformedRequest(cause=f"a JSON body is needed (Content-Type: {JSON})")
    if request.content_type != BYTES:  # taking everything else for a file would answer NEW to a mislabelled digest
        raise MalformedRequest(cause=f"send JSON as Content-Type: {JSON}, a file's bytes as Content-Type: {BYTES}")
    if missing := [name for name in endpoint.required if not query.get(name)]:
        raise MalformedRequest(cause=f"the address needs ?{missing[0]}=")
    return body


def _read(request: HttpRequest, limit_bytes: int) -> bytes:
    """Raises TooLarge by the announced length, before anything is read, and MalformedRequest where it is not announced."""
    announced = request.headers.get("Content-Length") or "0"
    if "Transfer-Encoding" in request.headers or not announced.isdecimal():
        raise MalformedRequest(cause="its length must be announced (Content-Length)")
    if len(announced) > DIGITS or int(announced) > limit_bytes:
        raise TooLarge(item="the request", limit_bytes=limit_bytes)
    try:
        return unpacked(request, request.body, limit_bytes)
    except RequestDataTooBig:
        raise TooLarge(item="the request", limit_bytes=limit_bytes) from None
    except UnreadablePostError:
        raise MalformedRequest(cause="it ended early") from None


def _decoded(body: bytes, kind: type) -> Any:
    try:
        return msgspec.json.decode(body, type=kind)
    except UnicodeDecodeError:
        raise MalformedRequest(cause="it is not UTF-8") from None
    except (msgspec.DecodeError, RecursionError) as error:
        raise MalformedRequest(cause=str(error)) from None
