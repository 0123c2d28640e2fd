"""What is sent as an array is what the server has."""

import uuid

from concord.actions.installation import Installation
from concord.database.acting import before_anybody, rows
from concord.database.array import Blobs, Ids, Numbers, Texts


def test_an_array_arrives_as_it_was_whatever_its_values(installation: Installation) -> None:
    assert installation
    blobs = [b"", b"\0\xff", bytes(range(256))]
    texts = ["", '"', "\\", "{a,b}", "NULL", "null", "Ünü", "x" * 70_000]
    ids = [uuid.UUID(int=0), uuid.UUID(int=2**128 - 1), uuid.uuid4()]
    numbers = [0, -1, 2**63 - 1, -(2**63)]
    with before_anybody():
        for values, sent, kind in (
            (blobs, Blobs(blobs), "bytea[]"),
            (blobs[2:] * 3, Blobs(blobs[2:] * 3), "bytea[]"),
            (texts, Texts(texts), "text[]"),
            (ids, Ids(ids), "uuid[]"),
            (numbers, Numbers(numbers), "bigint[]"),
            ([], Texts([]), "text[]"),
        ):
            for binary in (False, True):
                assert rows(f"select %s::{kind}", [sent], binary=binary) == [(values,)]


def test_its_values_are_found(installation: Installation) -> None:
    assert installation
    asked = [number.to_bytes(32) for number in range(1000)]
    with before_anybody():
        ((found,),) = rows("select count(*) from unnest(%s) one where one = any(%s)", [Blobs(asked), Blobs(asked[:7])])
    assert found == 7
