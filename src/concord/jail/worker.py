"""The inside: `python -m concord.jail.worker SOCKET LIMITS` serves requests one by one until its socket closes."""

import os
import socket
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from types import GeneratorType
from typing import Any, BinaryIO, cast

import msgspec

from concord.config import Limits
from concord.errors import DecodingOverran, ItemError
from concord.jail.broker import ranged_stream
from concord.jail.descriptor import DescriptorReader
from concord.jail.messages import Done, Failed, Fault, Hello, Part, Request, receive_request, send
from concord.jail.picture import NO_ITEM
from concord.jail.preload import preload
from concord.jail.table import FUNCTIONS
from concord.jail.walls import Standing, allow_cpu_seconds, raise_walls

Functions = Mapping[str, Callable[..., Any]]

CHANNEL = 3  # the lowest number behind the standard streams; the next is the input's, and there is no other


def serve(channel: socket.socket, limits: Limits, standing: Standing, functions: Functions = FUNCTIONS) -> None:
    send(channel, Hello(standing.walls, standing.missing))
    while received := receive_request(channel):
        request, descriptor = received
        with _input(request, descriptor) as stream:
            reply = _answer(request, stream, limits, functions, channel)
        send(channel, reply)
        if isinstance(reply, Failed) and reply.leaving:
            return


@contextmanager
def _input(request: Request, descriptor: int) -> Iterator[BinaryIO]:
    """A file or ranges from the outside: a job cannot tell them apart. The descriptor is closed at the end."""
    if request.ranged:
        with _line(descriptor) as line, ranged_stream(line, request.size_bytes) as stream:
            yield stream
    else:
        try:
            with closing(DescriptorReader(descriptor, request.size_bytes)) as reader:
                yield cast(BinaryIO, reader)
        finally:
            os.close(descriptor)


def _answer(
    request: Request, stream: BinaryIO, limits: Limits, functions: Functions, channel: socket.socket
) -> Done | Failed:
    """Whatever happens becomes a reply: the outside has other items to go on with."""
    if request.cpu_seconds:
        allow_cpu_seconds(request.cpu_seconds)
    try:
        result = functions[request.job](stream, limits, **request.arguments)
        if isinstance(result, GeneratorType):
            for part in result:
                send(channel, Part(_packed(part)))
                if request.cpu_seconds:
                    allow_cpu_seconds(request.cpu_seconds)
            return Done(_packed(None))
        return Done(_packed(result))
    except ItemError as error:
        return Failed(Fault.of(error), leaving=False)
    except MemoryError:
        return _stopped(f"it needs more than {limits.decode_memory_bytes >> 20} MiB of memory")
    except Exception as error:
        return _stopped(f"an unexpected {type(error).__name__}: {error}")


def _packed(result: Any) -> msgspec.Raw:
    return msgspec.Raw(msgspec.msgpack.encode(result))


def _stopped(cause: str) -> Failed:
    return Failed(Fault.of(DecodingOverran(item=NO_ITEM, cause=cause)), leaving=True)


def clear_descriptors(channel: int) -> socket.socket:
    """Leaves the three standard streams, all of nothing, and the channel; nothing else stays open."""
    if channel != CHANNEL:
        os.dup2(channel, CHANNEL)
    nothing = os.open(os.devnull, os.O_RDWR)
    for standard in range(3):
        os.dup2(nothing, standard)
    os.closerange(CHANNEL + 1, os.sysconf("SC_OPEN_MAX"))
    return _line(CHANNEL)


def _line(descriptor: int) -> socket.socket:
    """What it is, is said: behind the walls nothing can be found out about it."""
    return socket.socket(socket.AF_UNIX, socket.SOCK_STREAM, 0, descriptor)


def main(functions: Functions = FUNCTIONS, raise_walls: Callable[[Limits], Standing] = raise_walls) -> None:
    limits = msgspec.json.decode(sys.argv[2], type=Limits)
    preload()
    channel = clear_descriptors(int(sys.argv[1]))
    try:
        serve(channel, limits, raise_walls(limits), functions)
    except (BrokenPipeError, ConnectionResetError, EOFError):
        return  # nobody is left to answer to


if __name__ == "__main__":
    main()
