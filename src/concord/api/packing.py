"""Bodies that are compressed on the way: unpacked within bounds, packed where the other side wants it and it is shorter."""

import gzip
import re
import zlib

from django.http import HttpRequest, HttpResponse

from concord.errors import MalformedRequest, TooLarge

GZIP = "gzip"
WORTH_BYTES = 256
LEVEL = 6


def unpacked(request: HttpRequest, body: bytes, limit_bytes: int) -> bytes:
    """Raises TooLarge by what it becomes, having unpacked no more than that, and MalformedRequest."""
    encoding = request.headers.get("Content-Encoding", "").strip().lower()
    if encoding in ("", "identity"):
        return body
    if encoding != GZIP:
        raise MalformedRequest(cause=f"Content-Encoding is {encoding[:40]}; known is gzip")
    unpack = zlib.decompressobj(31)
    try:
        plain = unpack.decompress(body, limit_bytes + 1)
    except zlib.error:
        raise MalformedRequest(cause="its gzip cannot be unpacked") from None
    if len(plain) > limit_bytes:
        raise TooLarge(item="the request, unpacked,", limit_bytes=limit_bytes)
    if not unpack.eof or unpack.unused_data:
        raise MalformedRequest(cause="its gzip does not end where it ends")
    return plain


def packed(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Nothing secret that a stranger could guess at by lengths is in an answer beside what the asker sent."""
    response["Vary"] = "Accept-Encoding"
    if wants_gzip(request.headers.get("Accept-Encoding", "")) and len(response.content) >= WORTH_BYTES:
        smaller = gzip.compress(response.content, LEVEL, mtime=0)
        if len(smaller) < len(response.content):
            response.content = smaller
            response["Content-Encoding"] = GZIP
    return response


def wants_gzip(accepted: str) -> bool:
    """As `Accept-Encoding` says it; nothing said is no."""
    for one in accepted.lower().split(","):
        name, _, weight = one.partition(";")
        if name.strip() == GZIP:
            return not re.fullmatch(r"\s*q\s*=\s*0(\.0*)?\s*", weight)
    return False
