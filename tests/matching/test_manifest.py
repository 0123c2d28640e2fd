"""The manifest on paper, and whether one that was read is still the one that counts."""

import zlib
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from concord.errors import DamagedIndex
from concord.matching.cursor import Cursor, Origin
from concord.matching.manifest import NAME, Manifest, Part, Stamp

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)
FULL = Manifest(
    parts=(Part("a.segment", 0x89ABCDEF, 5, removed=(1, 2**64 - 1), gone=2), Part("b.segment", 1, 7)),
    cursor=Cursor("812:815:812", Origin("7411200133720001", 1, "16385/16440"), "monday", NOON, repeats=True),
    removed_since=NOON,
)


@pytest.mark.parametrize("manifest", [Manifest(), FULL])
def test_what_was_written_is_read(manifest: Manifest) -> None:
    assert Manifest.parse(manifest.packed()) == manifest


def test_it_is_a_line_of_json_and_a_line_with_its_checksum() -> None:
    text, checksum, rest = FULL.packed().split(b"\n")
    assert msgspec.json.decode(text)["parts"][0] == {
        "name": "a.segment", "checksum": 0x89ABCDEF, "entries": 5, "removed": [1, 2**64 - 1], "gone": 2,
    }  # fmt: skip
    assert (int(checksum, 16), rest) == (zlib.crc32(text), b"")


@given(bit=st.integers(0, 8 * len(FULL.packed()) - 1))
def test_no_single_bit_can_change_unseen(bit: int) -> None:
    content = bytearray(FULL.packed())
    content[bit // 8] ^= 1 << bit % 8
    with pytest.raises(ValueError, match="checksum"):
        Manifest.parse(bytes(content))


def test_a_later_version_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="version 3"):
        Manifest.parse(msgspec.structs.replace(FULL, version=3).packed())


def test_a_later_version_is_refused_by_name_whatever_else_it_says() -> None:
    text = b'{"version":3,"parts":{"all":"in another shape"}}'
    with pytest.raises(ValueError, match="version 3"):
        Manifest.parse(b"%s\n%08x\n" % (text, zlib.crc32(text)))


def test_another_shape_under_a_right_checksum_is_refused(tmp_path: Path) -> None:
    text = b'{"parts":7}'
    (tmp_path / NAME).write_bytes(b"%s\n%08x\n" % (text, zlib.crc32(text)))
    with pytest.raises(DamagedIndex, match="manifest"):
        Stamp(tmp_path).read()


def test_a_stamp_is_current_until_another_manifest_takes_the_name(tmp_path: Path) -> None:
    none = Stamp(tmp_path)
    assert (none.exists, none.is_current(), none.read()) == (False, True, Manifest())
    (tmp_path / NAME).write_bytes(FULL.packed())
    first = Stamp(tmp_path)
    assert (none.is_current(), first.is_current(), first.exists) == (False, True, True)
    (tmp_path / "draft").write_bytes(FULL.packed())
    (tmp_path / "draft").replace(tmp_path / NAME)
    second = Stamp(tmp_path)
    assert (first.is_current(), second.is_current()) == (False, True)
    assert first.read() == second.read() == FULL


def test_a_stamp_is_not_deceived_by_another_name_that_the_old_manifest_was_given(tmp_path: Path) -> None:
    """As `cp --link` and some programs for backups do."""
    (tmp_path / NAME).write_bytes(FULL.packed())
    stamp = Stamp(tmp_path)
    (tmp_path / "backup").hardlink_to(tmp_path / NAME)
    assert stamp.is_current()
    (tmp_path / "draft").write_bytes(FULL.packed())
    (tmp_path / "draft").replace(tmp_path / NAME)
    assert not stamp.is_current()
