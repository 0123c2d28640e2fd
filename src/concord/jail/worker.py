"""The inside: `python -m concord.jail.worker SOCKET LIMITS` serves requests one by one until its socket closes."""

import os
import socket
import sys

import msgspec

from concord.config import Limits
from concord.errors import DecodingOverran, ItemError
from concord.jail.messages import Done, Failed, Fault, Hello, Reply, Request, receive_request, send
from concord.jail.picture import NO_ITEM
from concord.jail.table import FUNCTIONS
from concord.jail.walls import allow_cpu_seconds, raise_walls


def serve(channel: socket.socket, limits: Limits) -> None:
    send(channel, Hello(raise_walls(limits)))
    while received := receive_request(channel):
        request, descriptor = received
        try:
            reply = answer(request, descriptor, limits)
        finally:
            os.close(descriptor)
        send(channel, reply)
        if isinstance(reply, Failed) and reply.leaving:
            return


def answer(request: Request, descriptor: int, limits: Limits) -> Reply:
    """Whatever happens becomes a reply: the outside has other items to go on with."""
    allow_cpu_seconds(request.cpu_seconds)
    try:
        result = FUNCTIONS[request.job](descriptor, limits, **request.arguments)
        return Done(msgspec.Raw(msgspec.msgpack.encode(result)))
    except ItemError as error:
        return Failed(Fault.of(error), leaving=False)
    except MemoryError:
        return _stopped(f"it needs more than {limits.decode_memory_bytes >> 20} MiB of memory")
    except Exception as error:
        return _stopped(f"an unexpected {type(error).__name__}: {error}")


def _stopped(cause: str) -> Failed:
    return Failed(Fault.of(DecodingOverran(item=NO_ITEM, cause=cause)), leaving=True)


def main() -> None:
    channel = socket.socket(fileno=int(sys.argv[1]))
    limits = msgspec.json.decode(sys.argv[2], type=Limits)
    try:
        serve(channel, limits)
    except (BrokenPipeError, ConnectionResetError, EOFError):
        return  # nobody is left to answer to


if __name__ == "__main__":
    main()
