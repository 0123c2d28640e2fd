"""Send a file in parts that fit the line. A part that arrived is never sent again, not even by the next run."""

import time
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from concord.pocket.line import BYTES, Line
from concord.pocket.pace import Pace
from concord.pocket.refusal import RefusedThere, UnfitAnswer
from concord.pocket.shape import UPLOAD, MisshapenError, checked

FIRST_PART_BYTES = 16 << 10  # two seconds at 64 kbit/s
BEGINNINGS = 3  # an upload may be erased under way: its clock ran out, or its bytes came damaged


class Sender:
    """Of one run: the size of the parts is learned once for all files."""

    def __init__(self, line: Line, part_bytes: int, monotonic: Callable[[], float] = time.monotonic) -> None:
        """`part_bytes`: the most that the server takes."""
        self._line, self._monotonic = line, monotonic
        self._pace = Pace(FIRST_PART_BYTES, max(1, part_bytes))
        self._alone_bytes = part_bytes

    def asked(self, data: bytes, digest: str) -> Any:
        """The server's answer about these bytes, unchecked, to the name `digest`. Raises what `Line.send` raises."""
        if len(data) <= min(FIRST_PART_BYTES, self._alone_bytes):
            return self._line.send("POST", f"ask?item={digest}", data, BYTES)
        for beginning in range(1, BEGINNINGS + 1):
            try:
                upload = self._sent(data, digest)
                answer = self._line.ask("POST", "uploads/ask", {"upload": upload, "item": digest})
            except RefusedThere as refusal:
                if refusal.facts["status"] not in (404, 422) or beginning == BEGINNINGS:
                    raise
            else:
                self._line.ask("DELETE", f"uploads?upload={quote(upload, safe='')}")
                return answer
        raise AssertionError("the last beginning raises")

    def _sent(self, data: bytes, digest: str) -> str:
        """The upload's id, when all of it is there."""
        state = self._state(self._line.ask("POST", "uploads", {"sha256": digest, "size_bytes": len(data)}))
        upload, silent = state["upload"], 0
        while state["received_bytes"] < len(data):
            start = state["received_bytes"]
            state = self._part(upload, start, data[start : start + self._pace.size])
            silent = silent + 1 if state["received_bytes"] <= start else 0
            if silent == BEGINNINGS or state["upload"] != upload:
                raise UnfitAnswer(server=self._line.server, cause="an upload makes no progress")
        return str(upload)

    def _part(self, upload: str, start: int, part: bytes) -> dict[str, Any]:
        failures, began = self._line.failures, self._monotonic()
        address = f"uploads?upload={quote(upload, safe='')}&offset={start}"
        state = self._state(self._line.send("POST", address, part, BYTES))
        if self._line.failures > failures:
            self._pace.failed()
        else:
            self._pace.went(len(part), self._monotonic() - began)
        return state

    def _state(self, given: Any) -> dict[str, Any]:
        try:
            return checked(given, UPLOAD)
        except MisshapenError as error:
            raise UnfitAnswer(server=self._line.server, cause=error) from None
