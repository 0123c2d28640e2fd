import os
import re
import socket
import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from concord.errors import DamagedPicture, DecodingOverran, ItemError, TooManyPixels, UndecodableItem
from concord.jail.messages import LONGEST_MESSAGE_BYTES, Fault, Request, receive_reply, receive_request, send


def test_a_request_arrives_with_its_descriptor() -> None:
    outside, inside = socket.socketpair()
    with outside, inside, Path(__file__).open("rb") as file:
        request = Request("job", 20, {"text": "x" * 10_000})
        send(outside, request, file.fileno())
        received = receive_request(inside)
        assert received is not None
        assert received[0] == request
        assert received[1] != file.fileno()
        assert os.fstat(received[1]).st_ino == os.fstat(file.fileno()).st_ino
        os.close(received[1])


def test_a_closed_socket_ends_the_requests() -> None:
    outside, inside = socket.socketpair()
    outside.close()
    with inside:
        assert receive_request(inside) is None


def test_a_worker_that_claims_an_endless_answer_is_not_believed() -> None:
    outside, inside = socket.socketpair()
    with outside, inside:
        inside.sendall(struct.pack("<I", LONGEST_MESSAGE_BYTES + 1))
        with pytest.raises(ValueError, match="bytes"):
            receive_reply(outside)


def test_a_fault_comes_back_as_the_error_it_was_with_its_item() -> None:
    inside = DamagedPicture(item="", format="jpeg", cause="premature end")
    outside = Fault.of(inside).revived("a.jpg")
    assert isinstance(outside, DamagedPicture)
    assert outside.message == DamagedPicture(item="a.jpg", format="jpeg", cause="premature end").message


@pytest.mark.parametrize("kind", [*UndecodableItem.__subclasses__(), *ItemError.__subclasses__()])
def test_every_error_of_an_item_can_come_back(kind: type[ItemError]) -> None:
    facts = dict.fromkeys(set(re.findall(r"{(\w+)}", kind.__doc__ or "")) - {"item"}, "1")
    assert type(Fault(kind.code, dict(facts)).revived("a")) is kind


@given(st.text(), st.dictionaries(st.text(), st.text() | st.integers()))
def test_whatever_a_worker_claims_becomes_an_error_of_that_item(code: str, facts: dict[str, str | int]) -> None:
    for name in (code, TooManyPixels.code):
        error = Fault(name, facts).revived("a.jpg")
        assert isinstance(error, ItemError)
        assert error.facts["item"] == "a.jpg"
    assert isinstance(Fault(TooManyPixels.code, {}).revived("a.jpg"), DecodingOverran)
