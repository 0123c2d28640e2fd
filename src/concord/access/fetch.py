"""A small question to an identity provider over HTTPS: one answer of JSON, bounded in time and size, from nowhere else."""

import ipaddress
import ssl
import urllib.error
import urllib.request
from collections.abc import Mapping
from http.client import HTTPException
from typing import Any, Protocol
from urllib.parse import urlencode, urlsplit

import msgspec

from concord.errors import ProviderUnavailable

SECONDS = 10
MOST_BYTES = 1 << 20


class Fetch(Protocol):
    """Gives the JSON object at `url`; with `form`, posts it. Raises ProviderUnavailable."""

    def __call__(self, url: str, form: Mapping[str, str] | None = None) -> dict[str, Any]: ...


def is_safe(url: str) -> bool:
    """Whether what is sent there stays between us and them: HTTPS, or this machine itself."""
    try:
        there = urlsplit(url)
        host = there.hostname
    except ValueError:
        return False
    if not host:
        return False
    return there.scheme == "https" or (there.scheme == "http" and _is_here(host))


def fetch_from(issuer: str, authority: str | None) -> Fetch:
    """`authority`: PEM file of the only authority that is believed; None: the system's."""
    opener = urllib.request.build_opener(
        urllib.request.ProxyHandler({}),  # no program's environment decides where a secret goes
        urllib.request.HTTPSHandler(context=ssl.create_default_context(cafile=authority)),
        _NoRedirects(),
    )

    def fetch(url: str, form: Mapping[str, str] | None = None) -> dict[str, Any]:
        if not is_safe(url):
            raise ProviderUnavailable(issuer=issuer, cause="it names an address that is not https")
        request = urllib.request.Request(url, _encoded(form), {"Accept": "application/json"})  # noqa: S310  checked above
        try:
            with opener.open(request, timeout=SECONDS) as response:
                return _object(response.read(MOST_BYTES + 1))
        except urllib.error.HTTPError as error:
            raise ProviderUnavailable(issuer=issuer, cause=f"it says {error.code}") from None
        except (OSError, HTTPException) as error:
            raise ProviderUnavailable(issuer=issuer, cause=type(error).__name__) from None
        except ValueError as error:
            raise ProviderUnavailable(issuer=issuer, cause=str(error)) from None

    return fetch


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


def _encoded(form: Mapping[str, str] | None) -> bytes | None:
    return urlencode(form).encode() if form is not None else None


def _object(body: bytes) -> dict[str, Any]:
    if len(body) > MOST_BYTES:
        raise ValueError(f"its answer is larger than {MOST_BYTES} bytes")
    try:
        return msgspec.json.decode(body, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        raise ValueError("its answer is no JSON object") from None


def _is_here(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
