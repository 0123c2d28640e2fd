"""The endpoints of files that come in parts."""

import msgspec

from concord.access.audit import Verb
from concord.actions.installation import Installation
from concord.actions.upload import Announced, add_part, ask_upload, begin_upload, erase_upload
from concord.api.endpoint import Call, Endpoint, Query, storable
from concord.errors import MalformedRequest
from concord.records.answer import Answer
from concord.values import Digest, DigestKind
from concord.vault.parts import Upload

MOST_DIGITS = 15


class BeginUpload(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file that is to come, by its SHA-256 in hexadecimal. The same again tells how far it is."""

    sha256: str
    size_bytes: int


class AskUpload(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An upload that is whole, and what it is called in the answer."""

    upload: str
    item: str = "upload"


class UploadState(msgspec.Struct, frozen=True):
    """How far an upload is: the next part begins at `received_bytes`."""

    upload: str
    size_bytes: int
    received_bytes: int

    @classmethod
    def of(cls, upload: Upload) -> "UploadState":
        return cls(upload.id, upload.size_bytes, upload.received_bytes)


class Erased(msgspec.Struct, frozen=True):
    """It is not here, whether it was or not."""

    upload: str


UPLOAD = Query("upload", "the `upload` that its beginning gave")
PART = (
    UPLOAD,
    Query("offset", "where in the file the part begins, in bytes", {"type": "integer", "minimum": 0}),
)


def upload_endpoints(installation: Installation) -> list[list[Endpoint]]:
    limit = installation.config.limits.request_bytes

    def upload(call: Call) -> UploadState:
        if isinstance(call.body, bytes):
            offset = _offset(call.query["offset"])
            return UploadState.of(add_part(installation, call.actor, call.query["upload"], offset, call.body))
        return UploadState.of(begin_upload(installation, call.actor, _announced(call.body)))

    def ask(call: Call) -> Answer:
        return ask_upload(installation, call.actor, storable("upload", call.body.upload), call.body.item)

    def erase(call: Call) -> Erased:
        name = call.query.get("upload", "")
        erase_upload(installation, call.actor, name)
        return Erased(name)

    return [
        [
            Endpoint(
                "POST", "uploads", Verb.UPLOAD, "Begin a file that comes in parts, as JSON; or its next part's bytes.",
                UploadState, upload, BeginUpload, takes_bytes=True, query=PART, required=("upload", "offset"),
                limit_bytes=limit,
            ),
            Endpoint("DELETE", "uploads", Verb.UPLOAD, "Erase an upload.", Erased, erase, query=(UPLOAD,)),
        ],
        [
            Endpoint(
                "POST", "uploads/ask", Verb.ASK, "Ask about a file that came in parts.",
                Answer, ask, AskUpload, limit_bytes=limit,
            )
        ],
    ]  # fmt: skip


def _announced(body: BeginUpload) -> Announced:
    digest = Digest.parse(body.sha256)
    if digest.kind is not DigestKind.SHA256 or body.size_bytes < 1:
        raise MalformedRequest(cause="sha256 has 64 hexadecimal digits, and size_bytes is at least 1")
    return Announced(digest.value, body.size_bytes)


def _offset(text: str) -> int:
    if not text.isdecimal() or len(text) > MOST_DIGITS:
        raise MalformedRequest(cause="offset is not a number of bytes")
    return int(text)
