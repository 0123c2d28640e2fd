"""Look closer: what is new by digest, and a picture, is sent to be compared by picture. Never its perceptual hash.

What is sent goes under its digest for a name: neither its own name nor its place leaves this machine.
"""

import hashlib
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any, BinaryIO

from concord.errors import FileChanged, ItemError, TooManyBytes
from concord.jail.pool import Jail
from concord.jail.reduced import REDUCE_PICTURE
from concord.media.opening import open_file
from concord.pocket.line import BYTES, Line
from concord.pocket.medium import Entry
from concord.pocket.refusal import RefusedThere, UnfitAnswer
from concord.pocket.shape import MisshapenError, checked_answers, failed
from concord.records.answer import WHY_NOT
from concord.remote.upload import Sender

REDUCED_COPY = "By picture, a small grey copy of it was compared."


class Send(StrEnum):
    """What may leave this machine besides digests."""

    REDUCED = "reduced"  # a grey copy of some 512 pixels, without metadata
    ORIGINAL = "original"  # the file as it is
    NEVER = "never"


class Closer:
    """Looks at one file after another, over the line of the run."""

    def __init__(self, line: Line, jail: Jail, send: Send, session: Mapping[str, Any]) -> None:
        self._line, self._jail, self._send = line, jail, send
        self._sender = Sender(line, session["part_bytes"])
        self._most_bytes = session["upload_bytes"]

    def __call__(self, entry: Entry, digest: str, answer: dict[str, Any]) -> dict[str, Any]:
        """`answer` is what the digest told. Raises what `Line.send` raises."""
        try:
            with open_file(Path(entry.path), entry.item) as file:
                return self._looked(file, entry.item, digest, answer)
        except ItemError as error:
            return failed(entry.item, error.code, str(error))
        except RefusedThere as refusal:
            if refusal.facts["status"] != 422:  # what is wrong is not this item
                raise
            return failed(entry.item, refusal.facts["code"], refusal.facts["message"])

    def _looked(self, file: BinaryIO, item: str, digest: str, answer: dict[str, Any]) -> dict[str, Any]:
        """It must decode here first: what is no picture is never sent, whatever it is called."""
        found = self._jail.run(REDUCE_PICTURE, file.fileno(), item)
        if found.sha256.hex() != digest:
            raise FileChanged(item=item)
        if found.is_archive:
            return not_compared(answer, "archive_unopened")
        if found.fault or found.jpeg is None:
            return undecodable(answer, found.fault.revived(item) if found.fault else ItemError(item=item))
        if self._send is Send.REDUCED:
            return self._compared(self._line.send("POST", f"ask?item={digest}", found.jpeg, BYTES), item, digest)
        data = file.read(self._most_bytes + 1)
        if len(data) > self._most_bytes:
            fault = TooManyBytes(item=item, size_bytes=len(data), budget_bytes=self._most_bytes)
            return undecodable(answer, fault)
        if hashlib.sha256(data).hexdigest() != digest:
            raise FileChanged(item=item)
        return self._compared(self._sender.asked(data, digest), item, digest)

    def _compared(self, given: Any, item: str, digest: str) -> dict[str, Any]:
        try:
            (answer,) = checked_answers({"answers": [given]}, [digest])
        except MisshapenError as error:
            raise UnfitAnswer(server=self._line.server, cause=error) from None
        if self._send is Send.REDUCED:
            answer["reasons"] = [*answer["reasons"], REDUCED_COPY]
        return {**answer, "item": item, "sha256": digest}


def undecodable(answer: dict[str, Any], fault: ItemError) -> dict[str, Any]:
    """What the digest told, and why there is no more: as `concord ask` says it on the spot."""
    return {**not_compared(answer, "undecodable"), "error": {"code": fault.code, "message": str(fault)}}


def not_compared(answer: dict[str, Any], reason: str) -> dict[str, Any]:
    """What the digest told, and that this is all."""
    reasons = [*answer["reasons"][:-1], f"Not compared by picture: {WHY_NOT[reason]}."]
    return {**answer, "not_compared": [{"what": "near", "reason": reason}], "reasons": reasons}
