"""Compressed bodies: unpacked within bounds, packed where it is wanted."""

import gzip

import msgspec
import pytest

from concord.api.packing import wants_gzip
from tests.api.program import JSON, Program, given, refusal

DIGESTS = [f"{number:064x}" for number in range(300)]


def packed(program: Program, body: bytes, encoding: str = "gzip") -> tuple[int, str]:
    return refusal(program.post("ask/batch", body, JSON, **{"Content-Encoding": encoding}))


def test_a_compressed_question_gets_the_same_answer(program: Program) -> None:
    body = msgspec.json.encode({"items": DIGESTS})
    plain = given(program.post("ask/batch", body))
    assert given(program.post("ask/batch", gzip.compress(body), JSON, **{"Content-Encoding": "gzip"})) == plain


def test_an_answer_is_compressed_for_whoever_wants_it(program: Program) -> None:
    plain = program.post("ask/batch", {"items": DIGESTS})
    small = program.post("ask/batch", {"items": DIGESTS}, **{"Accept-Encoding": "br, gzip"})
    assert "Content-Encoding" not in plain
    assert small["Content-Encoding"] == "gzip"
    assert gzip.decompress(small.content) == plain.content
    assert 4 * len(small.content) < len(plain.content)
    assert small["Content-Length"] == str(len(small.content)) if "Content-Length" in small else True


@pytest.mark.parametrize(
    "body",
    [b"", b"{}", b"\x1f\x8b", gzip.compress(b'{"items": []}', mtime=0)[:-1], gzip.compress(b"{}", mtime=0) + b"x"],
    ids=["empty", "not packed", "a header cut", "cut short", "a tail"],
)
def test_what_does_not_unpack_whole_is_refused(program: Program, body: bytes) -> None:
    assert packed(program, body) == (400, "malformed_request")


def test_another_encoding_is_refused_by_name(program: Program) -> None:
    assert packed(program, b"{}", "br") == (400, "malformed_request")


def test_what_unpacks_beyond_the_limit_is_refused(program: Program) -> None:
    assert packed(program, gzip.compress(b" " * (65 << 20))) == (413, "too_large")


@pytest.mark.parametrize(
    ("accepted", "wanted"),
    [("", False), ("gzip", True), ("GZIP;q=0.5", True), ("br, gzip", True), ("gzip;q=0", False), ("gzip; q=0.0", False),
     ("x-gzip", False), ("*", False), ("identity", False)],
)  # fmt: skip
def test_who_wants_it(accepted: str, wanted: bool) -> None:
    assert wants_gzip(accepted) is wanted
