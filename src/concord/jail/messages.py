"""What is said over the socket between a worker and the outside: MessagePack with its length before it.

A descriptor travels beside a request (SCM_RIGHTS). No name of an item goes inside: a fault comes back without it.
"""

import os
import socket
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import msgspec

from concord.config import Limits
from concord.errors import DecodingOverran, ItemError, UndecodableItem

LONGEST_MESSAGE_BYTES = 16 << 20  # a worker that claims more has been taken over
_LENGTH = struct.Struct("<I")

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Job(Generic[Result]):
    """A function of the table, as the outside names it, and what it returns."""

    name: str
    result: type[Result]
    # Of a stream whose every part may take what else a whole item may, how much processor time they may take together,
    # by the size of the input in bytes; None: together no more than one item.
    most_cpu_seconds: Callable[[int, Limits], int] | None = None


class Request(msgspec.Struct, frozen=True):
    """The descriptor beside it is a file to read, or a socket to ask for ranges of the input (`broker.py`)."""

    job: str
    cpu_seconds: int
    arguments: dict[str, Any]
    size_bytes: int = 0  # of the input
    ranged: bool = False


class Fault(msgspec.Struct, frozen=True):
    """An ItemError without its item."""

    code: str
    facts: dict[str, str | int]

    @classmethod
    def of(cls, error: ItemError) -> "Fault":
        return cls(error.code, {name: fact for name, fact in error.facts.items() if name != "item"})

    def revived(self, item: str) -> ItemError:
        """What a worker says is not trusted: an unknown code or missing facts are a fault of their own."""
        kinds = {kind.code: kind for kind in [*ItemError.__subclasses__(), *UndecodableItem.__subclasses__()]}
        try:
            return kinds[self.code](**{**self.facts, "item": item})
        except (KeyError, ValueError, TypeError):
            return DecodingOverran(item=item, cause="its worker gave no proper answer")


class Hello(msgspec.Struct, frozen=True, tag=True):
    """A worker stands behind its walls; what this system refused of them is told, with its reason."""

    walls: tuple[str, ...]
    missing_walls: tuple[str, ...]


class Part(msgspec.Struct, frozen=True, tag=True):
    """One of the values of a job that yields many; Done without a value comes after the last."""

    result: msgspec.Raw


class Done(msgspec.Struct, frozen=True, tag=True):
    result: msgspec.Raw


class Failed(msgspec.Struct, frozen=True, tag=True):
    fault: Fault
    leaving: bool  # the worker ends now: it may be short of memory for good


Reply = Hello | Part | Done | Failed

_REPLIES: msgspec.msgpack.Decoder[Reply] = msgspec.msgpack.Decoder(Reply)
_REQUESTS = msgspec.msgpack.Decoder(Request)


def send(channel: socket.socket, message: Any, descriptor: int | None = None) -> None:
    payload = msgspec.msgpack.encode(message)
    packet = _LENGTH.pack(len(payload)) + payload
    if descriptor is None:
        channel.sendall(packet)
        return
    sent = socket.send_fds(channel, [packet], [descriptor])  # the descriptor goes with the first byte
    if sent < len(packet):  # to send nothing would fail where the other side has answered and gone already
        channel.sendall(packet[sent:])


def receive_reply(channel: socket.socket) -> Reply:
    """Raises EOFError where the worker is gone, msgspec.DecodeError or ValueError where it answers nonsense."""
    (length_bytes,) = _LENGTH.unpack(_exactly(channel, _LENGTH.size))
    if length_bytes > LONGEST_MESSAGE_BYTES:
        raise ValueError(f"an answer of {length_bytes} bytes")
    reply: Reply = _REPLIES.decode(_exactly(channel, length_bytes))
    return reply


def receive_request(channel: socket.socket) -> tuple[Request, int] | None:
    """A request and its descriptor, which is now the caller's to close; None: the outside is gone."""
    first, descriptors, _, _ = socket.recv_fds(channel, _LENGTH.size, 1)
    if not first or not descriptors:
        return None
    try:
        (length_bytes,) = _LENGTH.unpack(first + _exactly(channel, _LENGTH.size - len(first)))
        return _REQUESTS.decode(_exactly(channel, length_bytes)), descriptors[0]
    except EOFError:
        os.close(descriptors[0])
        return None


def _exactly(channel: socket.socket, count: int) -> bytes:
    pieces = bytearray()
    while len(pieces) < count:
        piece = channel.recv(count - len(pieces))
        if not piece:
            raise EOFError
        pieces += piece
    return bytes(pieces)
