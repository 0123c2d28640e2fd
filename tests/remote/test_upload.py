"""Files are sent in parts that fit the line; what a server says of them is not believed."""

import hashlib
from random import Random
from typing import Any

import pytest

from concord.pocket.refusal import RefusedThere, UnfitAnswer
from concord.remote.upload import BEGINNINGS, FIRST_PART_BYTES, Sender

DATA = Random(1).randbytes(5 * FIRST_PART_BYTES + 7)
DIGEST = hashlib.sha256(DATA).hexdigest()


class FakeServer:
    """Keeps one upload; `stutter` parts are lost though they are answered, `lost` uploads are erased before their end."""

    server = "https://hub.invalid"

    def __init__(self, stutter: int = 0, lost: int = 0, began_with: int = 0) -> None:
        self.failures, self.stutter, self.lost = 0, stutter, lost
        self.data = DATA[:began_with]
        self.sent: list[int] = []
        self.alone: list[bytes] = []
        self.erased = 0

    def state(self) -> dict[str, Any]:
        return {"upload": "id", "size_bytes": len(DATA), "received_bytes": len(self.data)}

    def send(self, method: str, address: str, body: bytes, kind: str) -> Any:
        if address.startswith("ask?"):
            self.alone.append(body)
            return "answered alone"
        start = int(address.rpartition("offset=")[2])
        assert address.startswith("uploads?upload=id&")
        self.sent.append(len(body))
        if self.stutter:
            self.stutter -= 1
        elif start == len(self.data):
            self.data += body
        return self.state()

    def ask(self, method: str, address: str, value: Any = None) -> Any:
        if method == "DELETE":
            self.erased += 1
            return {}
        if address == "uploads":
            assert value == {"sha256": DIGEST, "size_bytes": len(DATA)}
            return self.state()
        assert address == "uploads/ask"
        if self.lost:
            self.lost -= 1
            self.data = b""
            raise RefusedThere(server=self.server, message="gone", code="unknown_record", status=404)
        assert self.data == DATA
        return "answered"


def sender(server: FakeServer) -> Sender:
    return Sender(server, 1 << 18, monotonic=lambda: 0.0)  # type: ignore[arg-type]


def test_parts_begin_small_grow_and_the_upload_is_erased() -> None:
    server = FakeServer()
    assert sender(server).asked(DATA, DIGEST) == "answered"
    assert server.sent[:2] == [FIRST_PART_BYTES, 2 * FIRST_PART_BYTES]
    assert sum(server.sent) == len(DATA)
    assert server.erased == 1


def test_what_arrived_in_an_earlier_run_is_not_sent_again() -> None:
    server = FakeServer(began_with=4 * FIRST_PART_BYTES)
    assert sender(server).asked(DATA, DIGEST) == "answered"
    assert sum(server.sent) == len(DATA) - 4 * FIRST_PART_BYTES


def test_a_small_file_goes_alone() -> None:
    server = FakeServer()
    assert sender(server).asked(b"small", DIGEST) == "answered alone"
    assert (server.alone, server.sent) == ([b"small"], [])


def test_an_upload_that_was_erased_under_way_begins_anew() -> None:
    assert sender(FakeServer(lost=BEGINNINGS - 1)).asked(DATA, DIGEST) == "answered"
    with pytest.raises(RefusedThere):
        sender(FakeServer(lost=BEGINNINGS)).asked(DATA, DIGEST)


def test_a_server_that_never_takes_a_part_is_given_up() -> None:
    assert sender(FakeServer(stutter=BEGINNINGS - 1)).asked(DATA, DIGEST) == "answered"
    with pytest.raises(UnfitAnswer, match="no progress"):
        sender(FakeServer(stutter=100)).asked(DATA, DIGEST)


@pytest.mark.parametrize("wrong", [{}, {"upload": "../x/y"}, {"received_bytes": -1}, {"received_bytes": "0"}])
def test_a_state_that_is_none_is_refused(wrong: dict[str, Any]) -> None:
    server = FakeServer()
    plain = server.state()
    server.state = lambda: {**plain, **wrong} if wrong else {}  # type: ignore[method-assign]
    with pytest.raises(UnfitAnswer):
        sender(server).asked(DATA, DIGEST)
