"""Very many values as one parameter of a statement, written as PostgreSQL's binary protocol has arrays.

The driver would look at each value for itself, and both it and the server would write and read digests as text: together
that takes longer than looking a value up.
"""

import struct
from collections.abc import Collection, Sequence
from typing import ClassVar
from uuid import UUID

import psycopg
from psycopg.adapt import Dumper
from psycopg.pq import Format

_HEAD = struct.Struct(">iiI")  # dimensions, whether a value is null, the type of the values
_SIDE = struct.Struct(">ii")  # how many there are, and the number of the first
_SIZE = struct.Struct(">i")


class _Array:
    """Ready to be sent. `values`: each as the server receives it."""

    element: ClassVar[int]  # the number of its values' type in PostgreSQL, which is the same everywhere

    def __init__(self, values: Sequence[bytes]) -> None:
        if values:
            self.written = _HEAD.pack(1, 0, self.element) + _SIDE.pack(len(values), 1) + _sized(values)
        else:
            self.written = _HEAD.pack(0, 0, self.element)


def _sized(values: Sequence[bytes]) -> bytes:
    """Each behind its size."""
    sizes = set(map(len, values))
    if len(sizes) == 1:
        size = _SIZE.pack(*sizes)
        return size + size.join(values)
    return b"".join([_SIZE.pack(len(value)) + value for value in values])


class Blobs(_Array):
    """bytea[]"""

    element = 17


class Texts(_Array):
    """text[]"""

    element = 25

    def __init__(self, values: Sequence[str]) -> None:
        super().__init__([value.encode() for value in values])


class Ids(_Array):
    """uuid[]"""

    element = 2950

    def __init__(self, values: Sequence[UUID]) -> None:
        super().__init__([value.bytes for value in values])


class Numbers(_Array):
    """bigint[]"""

    element = 20

    def __init__(self, values: Collection[int]) -> None:
        super().__init__([value.to_bytes(8, signed=True) for value in values])


class _Written(Dumper):
    format = Format.BINARY

    def dump(self, obj: _Array) -> bytes:
        return obj.written


def _teach(kind: type[_Array], oid: int) -> None:
    psycopg.adapters.register_dumper(kind, type(f"{kind.__name__}Dumper", (_Written,), {"oid": oid}))


for _kind, _oid in ((Blobs, 1001), (Texts, 1009), (Ids, 2951), (Numbers, 1016)):
    _teach(_kind, _oid)
