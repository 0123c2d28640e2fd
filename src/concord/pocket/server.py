"""Which server is asked, and whether the way there may be trusted."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPSConnection
from urllib.parse import urlsplit

from concord.pocket.refusal import PlainLine, UnfitAuthority, UnfitServer

LOCAL = ("localhost", "127.0.0.1", "::1")
SILENCE_SECONDS = 60  # without a single byte; at 64 kbit/s a block of 8 KiB takes one


@dataclass(frozen=True)
class Server:
    """An address that was checked; `context` is None for plain http."""

    host: str
    port: int
    folder: str  # what stands before /api, without a slash at its end
    context: ssl.SSLContext | None

    def __str__(self) -> str:
        scheme, usual = ("https", 443) if self.context else ("http", 80)
        host = "[%s]" % self.host if ":" in self.host else self.host  # noqa: UP031
        return f"{scheme}://{host}{'' if self.port == usual else f':{self.port}'}{self.folder}"

    def connection(self) -> HTTPConnection:
        """Not connected yet."""
        if self.context is None:
            return HTTPConnection(self.host, self.port, timeout=SILENCE_SECONDS)
        return HTTPSConnection(self.host, self.port, timeout=SILENCE_SECONDS, context=self.context)


def server_at(url: str, authority: str | None = None, insecure: bool = False) -> Server:
    """`authority`: a PEM file of the only certificates that are believed; without it, the system's.

    `insecure`: plain http is allowed to other machines, too. Raises UnfitServer, PlainLine and UnfitAuthority.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise UnfitServer(server=_shown(url), cause=error) from None
    if parts.scheme not in ("http", "https") or not host:
        raise UnfitServer(server=_shown(url), cause="it does not begin with https:// and a name")
    if parts.username is not None or parts.password is not None:
        raise UnfitServer(server=_shown(url), cause="a name or password stands in it")
    if parts.query or parts.fragment or any(ord(sign) <= 32 or ord(sign) >= 127 for sign in url):
        raise UnfitServer(server=_shown(url), cause="a question mark, # or a sign that no address has stands in it")
    folder = parts.path.rstrip("/")
    if parts.scheme == "https":
        return Server(host, port or 443, folder, _context(authority))
    if host not in LOCAL and not insecure:
        raise PlainLine(server=_shown(url))
    return Server(host, port or 80, folder, None)


def _shown(url: str) -> str:
    """Without what stands before an @, which may be a password."""
    scheme, mark, rest = url.partition("://")
    return scheme + mark + rest.rpartition("@")[2]


def _context(authority: str | None) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=authority)  # verifies, and the name as well
    except (OSError, ssl.SSLError, ValueError) as error:
        raise UnfitAuthority(path=authority, cause=getattr(error, "strerror", None) or error) from None
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context
