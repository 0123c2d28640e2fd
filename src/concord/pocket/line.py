"""One kept connection to a server, that is taken up again when it breaks. What is asked over it changes nothing twice."""

from __future__ import annotations

import gzip
import json
import ssl
import time
import zlib
from http.client import HTTPConnection, HTTPException, HTTPResponse
from io import BytesIO
from random import Random, SystemRandom
from typing import Any, Callable, Mapping  # noqa: UP035  Python 3.8

from concord.pocket.pace import pause_seconds
from concord.pocket.refusal import WRONG_USAGE, LineLost, RefusedThere, UnfitAnswer, UntrustedServer
from concord.pocket.server import Server

JSON = "application/json"
BYTES = "application/octet-stream"
WORTH_BYTES = 256  # compressing less saves nothing
MOST_ANSWER_BYTES = 64 << 20  # unpacked
PIECE_BYTES = 1 << 16
ATTEMPTS = 12  # with pauses that double up to a minute: some five minutes in all
PASSING = {408, 429, 502, 503, 504}  # of a server that restarts, or a proxy before it; a 500 is a fault, and stays one


class BrokenAnswerError(Exception):
    """It ended before its end."""


class Line:
    """Not to be shared between threads."""

    def __init__(
        self,
        server: Server,
        headers: Mapping[str, str],
        *,
        random: Random | None = None,
        sleep: Callable[[float], None] = time.sleep,
        attempts: int = ATTEMPTS,
        said: Callable[[str], None] = lambda _: None,
    ) -> None:
        """`headers` go with every request: they hold the token, and are never shown. `said` is told of every pause."""
        self.server = server
        self._headers = dict(headers)
        self._random, self._sleep, self._attempts, self._said = random or SystemRandom(), sleep, attempts, said
        self._connection: HTTPConnection | None = None
        self.failures = 0  # how often it broke
        self.sent_bytes = 0  # of bodies, as sent
        self.received_bytes = 0

    def close(self) -> None:
        if self._connection:
            self._connection.close()
            self._connection = None

    def ask(self, method: str, address: str, value: Any = None) -> Any:
        """`value` as JSON, none where it is None; gives the JSON that came back. Raises as `send` does."""
        if value is None:
            return self.send(method, address, None, JSON)
        return self.send(method, address, json.dumps(value, separators=(",", ":")).encode(), JSON)

    def send(self, method: str, address: str, body: bytes | None, kind: str) -> Any:
        """As often as it takes. Raises LineLost, RefusedThere, UnfitAnswer and UntrustedServer."""
        packed, headers = self._packed(body, kind)
        attempt = 0
        while True:
            attempt += 1
            try:
                status, raw = self._exchange(method, address, packed, headers)
                if status not in PASSING:
                    return self._understood(status, raw)
                cause = f"it says {status}"
            except ssl.SSLCertVerificationError as error:
                self.close()
                raise UntrustedServer(server=self.server, cause=error.verify_message) from None
            except (OSError, HTTPException, BrokenAnswerError) as error:
                cause = str(error) or type(error).__name__
            self._gave_up_once(attempt, cause)

    def _gave_up_once(self, attempt: int, cause: str) -> None:
        self.close()
        self.failures += 1
        if attempt >= self._attempts:
            raise LineLost(server=self.server, attempts=attempt, cause=cause)
        seconds = pause_seconds(attempt, self._random)
        self._said(f"the line broke ({cause}); trying again in {seconds:.1f} s")
        self._sleep(seconds)

    def _packed(self, body: bytes | None, kind: str) -> tuple[bytes | None, dict[str, str]]:
        """Compressed where that makes it smaller, which a picture's bytes seldom become."""
        headers = {**self._headers, "Accept-Encoding": "gzip"}
        if body is None:
            return None, headers
        headers["Content-Type"] = kind
        if len(body) >= WORTH_BYTES:
            smaller = gzip.compress(body, 9)
            if len(smaller) < len(body):
                body = smaller
                headers["Content-Encoding"] = "gzip"
        headers["Content-Length"] = str(len(body))
        return body, headers

    def _exchange(self, method: str, address: str, body: bytes | None, headers: dict[str, str]) -> tuple[int, bytes]:
        if self._connection is None:
            self._connection = self.server.connection()
        # As a stream it is sent block by block, each with the time-out to itself: a thin line is not a silent one.
        stream = None if body is None else BytesIO(body)
        self._connection.request(method, f"{self.server.folder}/api/v1/{address}", stream, headers)
        self.sent_bytes += len(body or b"")
        response = self._connection.getresponse()
        raw = self._read(response)
        if response.will_close:
            self.close()
        return response.status, raw

    def _read(self, response: HTTPResponse) -> bytes:
        """Whole and unpacked, or not at all. Raises BrokenAnswerError and UnfitAnswer."""
        unpack = zlib.decompressobj(31) if response.getheader("Content-Encoding") == "gzip" else None
        announced, came = response.getheader("Content-Length"), 0
        pieces, size = [], 0
        while True:
            piece = response.read(PIECE_BYTES)
            if not piece:
                break
            came += len(piece)
            if unpack:
                piece = self._unpacked(unpack, piece, MOST_ANSWER_BYTES + 1 - size)
            size += len(piece)
            if size > MOST_ANSWER_BYTES:
                self.close()
                raise UnfitAnswer(server=self.server, cause=f"it is longer than {MOST_ANSWER_BYTES} bytes")
            pieces.append(piece)
        self.received_bytes += came
        if (announced and announced.isdigit() and came < int(announced)) or (unpack and not unpack.eof):
            raise BrokenAnswerError("the answer ended early")
        return b"".join(pieces)

    def _unpacked(self, unpack: Any, piece: bytes, most_bytes: int) -> bytes:
        try:
            unpacked: bytes = unpack.decompress(piece, most_bytes)
        except zlib.error as error:
            raise BrokenAnswerError(str(error)) from None
        return unpacked

    def _understood(self, status: int, raw: bytes) -> Any:
        try:
            value = json.loads(raw)
        except (ValueError, RecursionError):
            self.close()
            raise UnfitAnswer(server=self.server, cause=f"status {status} and no JSON") from None
        if status == 200:
            return value
        error = value.get("error") if isinstance(value, dict) else None
        code, message = (error.get("code"), error.get("message")) if isinstance(error, dict) else (None, None)
        if not isinstance(code, str) or not isinstance(message, str):
            raise UnfitAnswer(server=self.server, cause=f"status {status} without a reason")
        refusal = RefusedThere(server=self.server, message=message, code=code, status=status)
        refusal.status = WRONG_USAGE if status == 400 else refusal.status
        raise refusal
