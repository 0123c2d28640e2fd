"""Where people open the pages: the name that passkeys belong to, and where a provider sends people back to."""

from urllib.parse import urlsplit

from django.http import HttpRequest

from concord.access.ceremony import Site
from concord.config import Config
from concord.errors import NoPasskeysHere

HERE = "localhost"


def origin_of(request: HttpRequest, config: Config) -> str:
    """As configured; without, as the request says, whose Host is one of ours."""
    return config.origin or f"{request.scheme}://{request.get_host()}"


def site_of(request: HttpRequest, config: Config) -> Site:
    """As configured; without, this machine alone, under whatever port it is served. Raises NoPasskeysHere.

    What a browser signs names the page's own origin, so a forged Host makes an answer worthless, never another one good.
    """
    origin = origin_of(request, config)
    host = urlsplit(origin).hostname or ""
    if config.origin is None and host != HERE:
        port = f":{request.get_port()}" if request.get_port() not in ("80", "443") else ""
        raise NoPasskeysHere(address=host, origin=f"{request.scheme}://{HERE}{port}")
    return Site(origin, host)
