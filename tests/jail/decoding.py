"""Decode bytes as a worker does, without its walls."""

from concord.jail.format import HEAD_BYTES, sniff_format
from concord.jail.opened import Decoded, Opened
from concord.jail.openers import OPENERS


def opened(data: bytes) -> Opened:
    begins_as = sniff_format(data[:HEAD_BYTES])
    assert begins_as is not None
    return OPENERS[begins_as](data)


def decoded(data: bytes) -> Decoded:
    return opened(data).unpack()
