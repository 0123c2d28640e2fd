"""Every engine and index that runs here, by name, and the truth to compare them with."""

import atexit
import shutil
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial
from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from concord.matching import HammingIndex, Hits, Index, ReferenceIndex
from concord.matching.engines import Engine as SegmentEngine
from concord.matching.engines import missing
from concord.matching.layout import layout_of
from concord.matching.plain import MEASURED, PlainEngine

Engine = Callable[[], ReferenceIndex]
Truth = list[list[tuple[int, int]]]

TABLES_ALWAYS = replace(MEASURED, compared=1e12)  # nanoseconds: no scan is cheaper
SCAN_ALWAYS = replace(MEASURED, compared=0)


def _engines() -> dict[str, Engine]:
    if missing:
        return {"reference": ReferenceIndex}
    from concord.matching.flat import LEVELS, FlatIndex

    return {"reference": ReferenceIndex} | {level: partial(FlatIndex, level) for level in LEVELS}


class PlainRows(PlainEngine):
    """Makes no tables, however many the entries."""

    def shape(self, entries: int) -> tuple[int, int]:
        return 0, layout_of(entries, 0).size_bytes


class PlainTables(PlainEngine):
    """Always makes tables, and always asks them."""

    def __init__(self) -> None:
        super().__init__(TABLES_ALWAYS)

    def shape(self, entries: int) -> tuple[int, int]:
        return 16, layout_of(entries, 16).size_bytes


def _segment_engines() -> dict[str, SegmentEngine]:
    """What makes and searches the segments: the small ones of tests have tables only where these are forced."""
    plain: dict[str, SegmentEngine] = {"rows": PlainRows(), "plain tables": PlainTables()}
    if missing:
        return plain
    from concord.matching import _hamming
    from concord.matching.tables import TablesEngine

    class Tables(TablesEngine):
        def shape(self, entries: int) -> tuple[int, int]:
            return _hamming.shape(entries, 16)

    return {**plain, "native": TablesEngine(), "tables": Tables()}


def kept(engine: SegmentEngine) -> HammingIndex:
    """An empty index in files of its own."""
    return HammingIndex.open(tempfile.mkdtemp(dir=FOLDER), engine=engine)


FOLDER = tempfile.mkdtemp(prefix="concord-test-indexes-")
atexit.register(shutil.rmtree, FOLDER, ignore_errors=True)

ENGINES = _engines()  # scans, in memory
SEGMENT_ENGINES = _segment_engines()
INDEXES: dict[str, Callable[[], Index]] = {
    **ENGINES,
    "in memory": HammingIndex,
    **{f"in files, {name}": partial(kept, engine) for name, engine in SEGMENT_ENGINES.items()},
}
native = pytest.mark.skipif(len(ENGINES) == 1, reason="the native part was not compiled here")


def as_array(values: Sequence[int]) -> NDArray[np.uint8]:
    """256-bit numbers as uint8[n, 32]."""
    return np.frombuffer(b"".join(value.to_bytes(32) for value in values), np.uint8).reshape(len(values), 32)


def truth(entries: Iterable[tuple[int, int]], questions: Iterable[int], radius: int) -> Truth:
    """What a search must give, in plain Python: entries are (id, hash), hits are (distance, id)."""
    held = list(entries)
    return [
        sorted((distance, number) for number, value in held if (distance := (value ^ question).bit_count()) <= radius)
        for question in questions
    ]


def listed(hits: Hits) -> Truth:
    """The same of an answer, with its shape and types proved on the way."""
    assert [column.dtype.name for column in (hits.offsets, hits.ids, hits.distances)] == ["int64", "uint64", "uint8"]
    ends = hits.offsets.tolist()
    assert ends[0] == 0
    assert ends[-1] == len(hits.ids) == len(hits.distances)
    pairs = list(zip(hits.distances.tolist(), hits.ids.tolist(), strict=True))
    return [pairs[begin:end] for begin, end in pairwise(ends)]


def relatives(count: int, seed: int) -> NDArray[np.uint8]:
    """uint8[count, 32]: random hashes, every other one a copy of an earlier one with up to 70 of its bits turned."""
    random = np.random.default_rng(seed)
    bits = random.integers(0, 2, (count, 256), np.uint8)
    for child in range(1, count, 2):
        bits[child] = bits[random.integers(child)]
        bits[child, random.choice(256, random.integers(71), replace=False)] ^= 1
    return np.packbits(bits, axis=1)
