"""The file of a segment: what it promises on paper, and what becomes of one that is damaged."""

import os
import random
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from concord.errors import DamagedIndex
from concord.matching import HammingIndex, segment
from concord.matching.engines import Engine
from concord.matching.rows import restored, rows_bytes, stored
from concord.matching.segment import HEADER_BYTES, Segment, Spool, mark_of

from .engines import FOLDER, SEGMENT_ENGINES, listed, native, relatives

each_engine = pytest.mark.parametrize("engine", SEGMENT_ENGINES.values(), ids=SEGMENT_ENGINES.keys())
COUNT = 50
VALUES, IDS = relatives(COUNT, 7), np.arange(1000, 1000 + COUNT, dtype=np.uint64)


def written(path: Path, engine: Engine, count: int = COUNT) -> Path:
    spool = Spool(count)
    spool.ids[:], spool.hashes[:] = IDS[:count], VALUES[:count]
    segment.write(path, engine, spool)
    return path


@each_engine
def test_the_file_is_laid_out_as_the_document_says(engine: Engine, tmp_path: Path) -> None:
    content = written(tmp_path / "s", engine).read_bytes()
    magic, version, payload, entries, chunks, permutation, size, rows_crc, tables_crc = struct.unpack_from(
        "<8sIIQIIQII", content
    )
    assert (magic, version, payload, entries, permutation) == (b"CNCDHASH", 2, 0, COUNT, 1)
    assert (chunks, size) == engine.shape(COUNT)
    assert len(content) == 4096 + size
    assert content[48:4092] == bytes(4044)
    assert struct.unpack_from("<I", content, 4092) == (zlib.crc32(content[:4092]),)
    first_at, second_at, tables_at = 4096 + 448, 4096 + 448 + 832, 4096 + 448 + 832 + 832  # multiples of 64
    assert rows_crc == zlib.crc32(content[4096:tables_at])
    assert tables_crc == zlib.crc32(content[tables_at:])
    ids = np.frombuffer(content, "<u8", COUNT, 4096)
    halves = [np.frombuffer(content, np.uint8, 16 * COUNT, at).reshape(COUNT, 16) for at in (first_at, second_at)]
    found = dict(zip(ids.tolist(), map(bytes, np.hstack(halves)), strict=True))
    assert found == dict(zip(IDS.tolist(), map(_moved, VALUES), strict=True))


def _moved(value: np.ndarray) -> bytes:
    """Bit p of the stored hash is bit 159 p modulo 256 of the given one, bits counted from the least of byte 0."""
    given = int.from_bytes(value.tobytes(), "little")
    return sum((given >> p * 159 % 256 & 1) << p for p in range(256)).to_bytes(32, "little")


def test_bits_go_to_their_stored_places_and_back() -> None:
    assert (restored(stored(VALUES)) == VALUES).all()
    assert (stored(VALUES) != VALUES).any()


@native
def test_both_engines_write_the_same_rows_where_there_are_no_tables(tmp_path: Path) -> None:
    files = [written(tmp_path / name, SEGMENT_ENGINES[name]).read_bytes() for name in ("rows", "native")]
    assert files[0] == files[1]
    assert (SEGMENT_ENGINES["native"].restored(stored(VALUES)) == VALUES).all()


@each_engine
@pytest.mark.parametrize("count", [0, 1, 2, 15, 16, 17])
def test_any_engine_reads_what_another_wrote(engine: Engine, count: int, tmp_path: Path) -> None:
    opened = Segment.open(written(tmp_path / "s", engine, count))
    expected = None
    for other in SEGMENT_ENGINES.values():
        found = listed(opened.within(other, VALUES[:5], 64))
        expected = expected or found
        assert found == expected
    assert expected is not None
    assert sum(map(len, expected)) >= min(count, 5)


# ---- checked once -----------------------------------------------------------------------------------------------------


def test_a_file_is_verified_once_for_each_state_it_is_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path / "s", SEGMENT_ENGINES["rows"])
    verified = list[Path]()
    check = segment._is_intact
    monkeypatch.setattr(segment, "_is_intact", lambda path, *rest: (verified.append(path), check(path, *rest))[1])
    Segment.open(path)
    Segment.open(path)
    assert len(verified) == 1
    os.utime(path)
    Segment.open(path)
    assert len(verified) == 2
    mark_of(path).write_bytes(b"\xff\xfe")
    Segment.open(path)
    assert len(verified) == 3


def test_a_place_where_no_mark_can_be_left_is_no_hindrance(tmp_path: Path) -> None:
    path = written(tmp_path / "s", SEGMENT_ENGINES["rows"])
    mark_of(path).mkdir()
    assert Segment.open(path).entries == COUNT


# ---- damaged ----------------------------------------------------------------------------------------------------------


def flip(path: Path, byte: int, bit: int = 0) -> None:
    with path.open("r+b") as file:
        file.seek(byte)
        (before,) = file.read(1)
        file.seek(byte)
        file.write(bytes([before ^ 1 << bit]))


@pytest.mark.parametrize("byte", [0, 8, 12, 16, 24, 28, 32, 40, 100, HEADER_BYTES - 1])
def test_a_damaged_header_is_refused(byte: int, tmp_path: Path) -> None:
    path = written(tmp_path / "s", SEGMENT_ENGINES["rows"])
    flip(path, byte)
    with pytest.raises(DamagedIndex, match=r"s: it(s header| is no segment)"):
        Segment.open(path)


@pytest.mark.parametrize("size", [0, 1, 4095, 4096, 5000, -1])
def test_a_truncated_file_is_refused(size: int, tmp_path: Path) -> None:
    path = written(tmp_path / "s", SEGMENT_ENGINES["rows"])
    os.truncate(path, size if size >= 0 else path.stat().st_size - 1)
    with pytest.raises(DamagedIndex):
        Segment.open(path)


def test_damaged_rows_are_refused_and_named(tmp_path: Path) -> None:
    path = written(tmp_path / "s", SEGMENT_ENGINES["rows"])
    Segment.open(path)
    flip(path, HEADER_BYTES)
    with pytest.raises(DamagedIndex, match="s: its rows"):
        Segment.open(path)


@native
def test_damaged_tables_are_named_in_the_log_and_the_rows_are_scanned(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = written(tmp_path / "s", SEGMENT_ENGINES["tables"])
    expected = Segment.open(path).within(SEGMENT_ENGINES["tables"], VALUES, 31)
    flip(path, HEADER_BYTES + rows_bytes(COUNT) + 64)
    opened = Segment.open(path)
    assert (opened.damaged, opened.chunks) == (True, 0)
    assert "its tables" in caplog.text
    assert str(path) in caplog.text
    found = opened.within(SEGMENT_ENGINES["tables"], VALUES, 31)
    assert (found.ids == expected.ids).all()
    assert not mark_of(path).read_text().endswith(f"{path.stat().st_mtime_ns} {path.stat().st_ctime_ns}\n")


@native
def test_damaged_tables_are_made_anew_by_compacting(tmp_path: Path) -> None:
    engine = SEGMENT_ENGINES["tables"]
    index = HammingIndex.open(tmp_path, engine=engine)
    index.add(IDS, VALUES)
    index.seal()
    (path,) = tmp_path.glob("*.segment")
    flip(path, HEADER_BYTES + rows_bytes(COUNT) + 64)
    index = HammingIndex.open(tmp_path, engine=engine)
    assert index._view.base.segments[0].damaged
    index.compact()
    assert not path.exists()
    assert not index._view.base.segments[0].damaged
    assert index.search(VALUES[:1], 0).ids.tolist()[:1] == IDS[:1].tolist()


@native
def test_tables_that_point_nowhere_under_a_right_checksum_are_scanned_around(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Many enough for the tables to be asked."""
    engine, many = SEGMENT_ENGINES["native"], 40_000
    spool = Spool(many)
    spool.ids[:], spool.hashes[:] = np.arange(many), relatives(many, 3)
    questions = spool.hashes[:20].copy()
    segment.write(tmp_path / "s", engine, spool)
    opened = Segment.open(tmp_path / "s")
    expected = opened.within(engine, questions, 31)
    assert opened.chunks
    wild = opened.memory.copy()
    wild[rows_bytes(many) :] = np.random.default_rng(1).integers(0, 256, len(wild) - rows_bytes(many), np.uint8)
    found = engine.search(wild, many, opened.chunks, questions, 31)
    assert (found.ids == expected.ids).all()
    assert "damaged" in caplog.text


@each_engine
@given(seed=st.integers(0, 2**32), flips=st.integers(0, 3), cut=st.booleans())
@settings(max_examples=60, deadline=None)
def test_whatever_happens_to_a_file_answers_are_exact_or_refused(
    engine: Engine, seed: int, flips: int, cut: bool
) -> None:
    choice = random.Random(seed)
    folder = Path(FOLDER) / f"fuzz-{seed}-{flips}-{cut}-{choice.random()}"
    index = HammingIndex.open(folder, engine=engine)
    index.add(IDS, VALUES)
    index.seal()
    expected = index.search(VALUES[:5]).ids.tolist()
    path = choice.choice([*folder.glob("*.segment"), folder / "manifest"])
    size = path.stat().st_size
    rows = HEADER_BYTES + rows_bytes(COUNT)
    for _ in range(flips):
        flip(path, choice.randrange(min(size, choice.choice([64, rows, size]))), choice.randrange(8))
    if cut:
        os.truncate(path, choice.randrange(size))
    try:
        assert HammingIndex.open(folder, engine=engine).search(VALUES[:5]).ids.tolist() == expected
    except DamagedIndex:
        assert flips or cut
    for left in folder.iterdir():
        left.unlink()
    folder.rmdir()
