"""7z archives: as programs write them, and as they lie."""

import io
import struct
import zlib
from dataclasses import replace

import pytest

from concord.config import Limits
from concord.jail.archive import read_archive
from concord.jail.archive_findings import EVERYTHING, MemberFailed, MemberFound, Piece
from tests.archives import SEVEN_METHODS, seven_of, seven_packed_list, seven_parts, sevened, zipped

from . import sevens
from .test_archive import LIMITS, causes, sha, told

MEMBERS = {"a": b"first" * 9, "b": b"second", "c": b"third"}
WHOLE = {f"!/{name}": sha(data) for name, data in MEMBERS.items()}
FILES = {f"!/{name}": sha(data) for name, data in sevens.FILES.items()}
TWO = {name: FILES[name] for name in ("!/sub/x86", "!/words.txt")}

# ---- what is read -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("archive", [sevens.FILTERED, sevens.APART, sevens.STORED], ids=["filtered", "apart", "stored"])
def test_archives_of_7_zip_are_read_by_every_method_and_filter(archive: bytes) -> None:
    assert told(archive) == TWO


def test_links_and_empty_files_are_told_and_folders_are_not() -> None:
    odd = {"!/empty": "empty_file", "!/link": "left_alone"}
    assert told(sevens.PLAIN) == told(sevens.BSDTAR) == FILES | odd
    assert told(sevens.PY7ZR) == FILES | {"!/empty": "empty_file"}


@pytest.mark.parametrize("method", SEVEN_METHODS)
@pytest.mark.parametrize("solid", [True, False])
def test_every_method_is_read_in_one_block_and_in_many(method: str, solid: bool) -> None:
    assert told(sevened(MEMBERS, method, solid=solid)) == WHOLE
    assert told(seven_packed_list(*seven_parts(MEMBERS, method, solid=solid))) == WHOLE


def test_an_archive_of_nothing_has_no_members() -> None:
    assert told(seven_of(b"", b"")) == told(sevened({})) == {}


def test_archives_in_a_7z_and_a_7z_in_archives_are_read() -> None:
    inner = sevened({"x": b"deep"})
    expected = {"!/in": sha(inner), "!/in!/x": sha(b"deep")}
    for method in SEVEN_METHODS:
        assert told(sevened({"in": inner}, method)) == expected
    assert told(zipped({"in": inner})) == expected
    stored = replace(LIMITS, archive_held_bytes=len(inner))  # what is stored as it is need not be held
    assert told(sevened({"in": inner, "b": b"x"}, "copy"), stored) == expected | {"!/b": sha(b"x")}


@pytest.mark.parametrize("name", ["/etc/passwd", "../../up", "C:\\x", "图片", ""])
def test_a_name_is_only_a_name(name: str) -> None:
    assert told(sevened({name: b"x"})) == {f"!/{name or 'unpacked'}": sha(b"x")}


def test_a_name_that_is_no_text_is_printed_byte_by_byte() -> None:
    assert told(sevened({"a": b"x"}, names=b"\0\x00\xd8b\0\0\0")) == {"!/\\x00\\xd8b": sha(b"x")}
    assert told(sevened({"a": b"x"}, names=None)) == {"!/unpacked": sha(b"x")}


def test_a_member_without_a_checksum_is_read_and_one_with_a_wrong_one_is_damage() -> None:
    assert told(sevened(MEMBERS, crcs=None)) == WHOLE
    wrong = b"\1" + struct.pack("<3L", zlib.crc32(MEMBERS["a"]), 7, zlib.crc32(MEMBERS["c"]))
    assert told(sevened(MEMBERS, crcs=wrong)) == WHOLE | {"!/b": "damaged_member"}


def test_only_what_is_named_is_sent() -> None:
    for solid in (True, False):
        said = list(read_archive(io.BytesIO(sevened(MEMBERS, solid=solid)), LIMITS, EVERYTHING, ["!/b"]))
        assert [one.data for one in said if isinstance(one, Piece)] == [b"second"]
        assert [one.name for one in said if isinstance(one, MemberFound)] == ["!/b"]


# ---- what is refused ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("archive", "code", "cause"),
    [
        (sevens.ENCRYPTED, "encrypted_member", "password"),
        (sevens.PPMD, "unread_member", "PPMd"),
        (sevens.BCJ2, "unread_member", "BCJ2"),
        (sevened(MEMBERS, identity=b"\4\xf7\x11\1"), "unread_member", "zstandard"),
        (sevened(MEMBERS, identity=b"\x55\x66"), "unread_member", "method 5566"),
        (sevened(MEMBERS, properties=b"\x28", size=1 << 40), "unread_member", "4096 MiB"),
        (sevened(MEMBERS, properties=b""), "damaged_member", "description of its packing"),
    ],
    ids=["encrypted", "PPMd", "BCJ2", "zstandard", "unknown", "memory", "properties"],
)
def test_what_cannot_be_unpacked_is_told_of_each_member(archive: bytes, code: str, cause: str) -> None:
    said = told(archive)
    assert set(said.values()) == {code}
    assert said.keys() <= FILES.keys() | WHOLE.keys()
    assert all(cause in text for text in causes(archive).values())


@pytest.mark.parametrize(
    ("archive", "cause"),
    [
        (sevens.HIDDEN, "list of names is encrypted"),
        (seven_packed_list(*seven_parts(MEMBERS), identity=b"\3\4\1"), "PPMd"),
    ],
    ids=["encrypted", "PPMd"],
)
def test_a_list_that_cannot_be_unpacked_is_told_once(archive: bytes, cause: str) -> None:
    assert told(archive) == {"!/": "unread_archive"}
    assert cause in causes(archive)["!/"]


def test_damage_in_one_block_leaves_the_others() -> None:
    archive = bytearray(sevened(MEMBERS, "lzma2", solid=False))
    archive[33] ^= 0xFF
    assert told(bytes(archive)) == WHOLE | {"!/a": "damaged_member"}
    solid = sevened(MEMBERS, "copy").replace(b"second", b"sec0nd")
    assert told(solid) == WHOLE | {"!/b": "damaged_member"}


def test_an_archive_that_was_cut_off_has_no_list() -> None:
    archive = sevened(MEMBERS)
    for length in (len(archive) - 1, 40, 20, 6):
        assert told(archive[:length]) == {"!/": "damaged_archive"}
    assert "cut off" in causes(archive[:40])["!/"]


@pytest.mark.parametrize(
    "lie",
    [
        {"packed_count": 0},
        {"packed_count": 1 << 62},
        {"blocks": 1 << 62},
        {"blocks": 2},
        {"count": 9},
        {"count": 1 << 40},
        {"count": 2},
        {"member_size": 1 << 60},
        {"size": 3},
        {"files": 2},
        {"files": 1 << 62},
        {"names": b"\1"},
        {"names": b"\0a\0"},
        {"block": b"\0"},
        {"block": b"\x7f" + b"\1\0" * 127},
        {"block": b"\2\1\0\1\0\0\0"},  # a step that leads into itself
        {"block": b"\1\x11\0\x7f\x7f"},
    ],
    ids=str,
)
def test_a_list_that_lies_is_damage_or_beyond_a_limit(lie: dict[str, int | bytes]) -> None:
    said = told(sevened(MEMBERS, **lie))
    assert said["!/"] in ("damaged_archive", "archive_limit")
    assert said.items() - {("!/", said["!/"])} <= WHOLE.items()


@pytest.mark.parametrize("lie", [{"packed_byte": 1 << 63}, {"packed_size": 3}, {"packed_byte": 5}], ids=str)
def test_packed_bytes_that_lie_elsewhere_are_damage_of_their_members(lie: dict[str, int]) -> None:
    assert set(told(sevened(MEMBERS, **lie)).values()) == {"damaged_member"}


def test_limits_hold_for_the_list_and_for_what_is_unpacked() -> None:
    def beyond(archive: bytes, **tight: int) -> str:
        said = read_archive(io.BytesIO(archive), replace(Limits(), **tight))
        (failed,) = [one for one in said if isinstance(one, MemberFailed)]
        assert failed.name == "!/"
        return str(failed.fault.facts["limit"])

    assert beyond(sevened({"a": bytes(80 << 20)}, "lzma")) == "archive_ratio"
    assert beyond(sevened(MEMBERS), archive_members=2) == "archive_members"
    assert beyond(sevened(MEMBERS), archive_member_bytes=5) == "archive_member_bytes"
    assert beyond(seven_packed_list(b"", bytes(5_000)), archive_held_bytes=4_000) == "archive_held_bytes"
