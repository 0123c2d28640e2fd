"""The hash index against faiss: same data, same process, one core, answers checked in the same run.

Ours is `HammingIndex` as it serves: a directory of mapped segments, its whole call in Python. A figure is printed only
if every planted neighbour came back, nothing beyond the radius did, and faiss's exhaustive search says the same. Rounds
of ours and of each peer alternate; times are of the wall unless "processor time" is said.
"""

import mmap
import os
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import numpy as np

from benchmarks import hashes, memory
from benchmarks.figure import Figure, cheaper, faster
from benchmarks.hashes import RADIUS, Answer, Hashes, World, check
from concord.matching import HammingIndex, ReferenceIndex, engines
from concord.matching.engines import Engine

MICRO = 1e6
BATCH = 1024
ADDED_AT_ONCE = 1 << 20
MULTIHASH_ENTRIES = LEVEL_ENTRIES = 2_000_000  # above, these take long and say nothing new
FLAT, MULTIHASH = "faiss IndexBinaryFlat", "faiss IndexBinaryMultiHash, 16 x 16 bits"
WITHOUT_PEER = """The peer, faiss-cpu, is not installed; Concord does not need it. To have it beside everything else:
    python3 -m pip install --no-deps --target FOLDER faiss-cpu
    PYTHONPATH=FOLDER ./run bench hamming"""
PICTURES = Path(__file__).parents[2] / "shared" / "data" / "hashes"

Ask = Callable[[Hashes], Answer]


@dataclass(frozen=True)
class Size:
    entries: int
    rounds: int
    ours: int  # questions a round
    peers: int


@dataclass
class Measured:
    """One contender, a list a round, in microseconds."""

    wall: list[list[float]] = field(default_factory=list)
    processor: list[list[float]] = field(default_factory=list)

    def medians(self) -> list[float]:
        return [median(times) for times in self.wall]


def measure(small: bool, entries: int | None = None) -> Iterator[Figure]:
    """At the given number of entries; the skewed laws and the forced levels up to a million."""
    faiss = _faiss()
    count = entries or (20_000 if small else 1_000_000)
    size = Size(count, 1, 20, 4) if small else Size(count, 5, BATCH // 2, max(8, 20_000_000 // count))
    _keep_to_one_core()
    yield Figure("memory read in order", memory.bandwidth_gb_s(), "GB/s")
    yield from _uniform(faiss, size)
    few = Size(min(count, 1_000_000), size.rounds, BATCH // 2, size.peers)
    for world in (hashes.near_blank(few.entries, BATCH), hashes.correlated(few.entries, BATCH)):
        yield from _skewed(faiss, world, few)
    if PICTURES.is_dir():
        yield from _skewed(faiss, hashes.pictures(PICTURES), few)


def _uniform(faiss: Any, size: Size) -> Iterator[Figure]:
    world = hashes.uniform(size.entries, BATCH)
    contenders = {FLAT: _flat(faiss, world)}
    truth = _truth(world, contenders[FLAT], size.peers * size.rounds)
    if size.entries <= MULTIHASH_ENTRIES:
        contenders[MULTIHASH] = _multihash(faiss, world)
    with _index(world) as (index, seconds):
        contenders["ours"] = _ours(index)
        measured = _rounds(world, truth, contenders, size)
        yield from _singles(f"{size.entries:,} uniform, one question", measured)
        yield _batches(world, truth, contenders, size)
        mapped = index.stats().mapped_bytes
        yield Figure("adding, sealing and compacting", seconds * MICRO / size.entries, "us/entry")
        yield Figure("size of the segments", mapped / size.entries, "bytes/entry")
        yield Figure("of it on huge pages", 100 * memory.huge_file_bytes() / mapped, "%")
    if engines.missing is None:
        yield _small_pages(world, truth, contenders[FLAT], size)
    if engines.missing is None and size.entries <= LEVEL_ENTRIES:
        yield from _levels(world, truth, contenders[FLAT], size)
    if size.entries <= LEVEL_ENTRIES:
        yield _reference(world, truth, contenders[FLAT], size)


def _skewed(faiss: Any, world: World, size: Size) -> Iterator[Figure]:
    contenders = {FLAT: _flat(faiss, world)}
    truth = _truth(world, contenders[FLAT], len(world.questions))
    with _index(world) as (index, _):
        contenders["ours"] = _ours(index)
        measured = _rounds(world, truth, contenders, size)
    ours, flat, name = measured["ours"], measured[FLAT], f"{len(world.hashes):,} {world.name}, one question"
    yield faster(f"{name} at a time", _rates(ours.wall), "questions/s", FLAT, _rates(flat.wall))
    used, theirs = _rates(ours.processor), _rates(flat.processor)
    yield faster(f"{name} at a time, processor time", used, "questions/s", FLAT, theirs)
    yield Figure(f"{name}: 99 of 100 within", _slow(ours.wall), "us")
    yield Figure(f"{name}: 99 of 100 within, processor time", _slow(ours.processor), "us")


def _small_pages(world: World, truth: list[set[int]], flat: Ask, size: Size) -> Figure:
    """The engine by itself over memory for which huge pages are refused."""
    from concord.matching.tables import TablesEngine

    engine = TablesEngine()
    chunks, size_bytes = engine.shape(size.entries)
    mapped = mmap.mmap(-1, size_bytes)
    if hasattr(mmap, "MADV_NOHUGEPAGE"):
        mapped.madvise(mmap.MADV_NOHUGEPAGE)
    segment = np.frombuffer(mapped, np.uint8)
    engine.fill(segment, chunks, world.hashes, np.arange(size.entries, dtype=np.uint64), lambda: None)

    def ask(questions: Hashes) -> Answer:
        pairs = engine.search(segment, size.entries, chunks, questions, RADIUS)
        return np.array((0, len(pairs.ids))), pairs.ids, pairs.distances

    measured = _rounds(world, truth, {FLAT: flat, "ours": ask}, size)
    name = "the engine by itself on small pages, one question: half within"
    return cheaper(name, measured["ours"].medians(), "us", FLAT, measured[FLAT].medians())


def _levels(world: World, truth: list[set[int]], flat: Ask, size: Size) -> Iterator[Figure]:
    """Each that this processor can run, by force."""
    from concord.matching.flat import LEVELS
    from concord.matching.tables import TablesEngine

    for level in LEVELS:
        with _index(world, TablesEngine(level)) as (index, _):
            measured = _rounds(world, truth, {FLAT: flat, "ours": _ours(index)}, size)
        name = f"level {level} by force: half within"
        yield cheaper(name, measured["ours"].medians(), "us", FLAT, measured[FLAT].medians())


def _reference(world: World, truth: list[set[int]], flat: Ask, size: Size) -> Figure:
    """What serves where nothing was compiled."""
    reference = ReferenceIndex()
    reference.add(np.arange(size.entries, dtype=np.uint64), world.hashes)
    few = Size(size.entries, size.rounds, size.peers, size.peers)
    measured = _rounds(world, truth, {FLAT: flat, "ours": _ours(reference)}, few)
    return cheaper("no compiler: half within", measured["ours"].medians(), "us", FLAT, measured[FLAT].medians())


# ---- contenders -------------------------------------------------------------------------------------------------------


def _faiss() -> Any:
    try:
        import faiss  # type: ignore[import-not-found]
    except ModuleNotFoundError:
        raise SystemExit(WITHOUT_PEER) from None
    faiss.omp_set_num_threads(1)
    return faiss


def _flat(faiss: Any, world: World) -> Ask:
    index = faiss.IndexBinaryFlat(hashes.BITS)
    index.add(world.hashes)
    return _peer(index)


def _multihash(faiss: Any, world: World) -> Ask:
    """As it is set up for this radius: 16 chunks, of which one differs by at most a bit. Exact."""
    index = faiss.IndexBinaryMultiHash(hashes.BITS, 16, 16)
    index.nflip = 1
    index.add(world.hashes)
    return _peer(index)


def _peer(index: Any) -> Ask:
    def ask(questions: Hashes) -> Answer:
        offsets, distances, entries = index.range_search(questions, RADIUS + 1)  # it wants less than, not at most
        return offsets, entries, distances

    return ask


def _ours(index: HammingIndex | ReferenceIndex) -> Ask:
    def ask(questions: Hashes) -> Answer:
        hits = index.search(questions, RADIUS)
        return hits.offsets, hits.ids, hits.distances

    return ask


@contextmanager
def _index(world: World, engine: Engine | None = None) -> Iterator[tuple[HammingIndex, float]]:
    """On disk, sealed, in one segment; and the seconds that took."""
    with tempfile.TemporaryDirectory(prefix="concord-bench-") as folder:
        made = HammingIndex.open(folder) if engine is None else HammingIndex.open(folder, engine=engine)
        began = time.perf_counter()
        for begin in range(0, len(world.hashes), ADDED_AT_ONCE):
            block = world.hashes[begin : begin + ADDED_AT_ONCE]
            made.add(np.arange(begin, begin + len(block), dtype=np.uint64), block)
        made.seal()
        made.compact()
        seconds = time.perf_counter() - began
        del made  # and its mapping
        yield HammingIndex.open(folder) if engine is None else HammingIndex.open(folder, engine=engine), seconds


# ---- measuring --------------------------------------------------------------------------------------------------------


def _rounds(world: World, truth: list[set[int]], contenders: dict[str, Ask], size: Size) -> dict[str, Measured]:
    """In its turn each contender first has its memory back in the caches, from which the other has pushed it: it answers
    as many other questions as are then measured."""
    measured = {name: Measured() for name in contenders}
    for turn in range(size.rounds):
        for name, ask in contenders.items():
            count = size.ours if name == "ours" else size.peers
            numbers = [(turn * count + k) % len(world.questions) for k in range(2 * count)]
            _timed(ask, world.questions, numbers[count:])
            wall, processor, answers = _timed(ask, world.questions, numbers[:count])
            check(world, truth, numbers[:count], answers)
            measured[name].wall.append(wall)
            measured[name].processor.append(processor)
    return measured


def _timed(ask: Ask, questions: Hashes, numbers: Sequence[int]) -> tuple[list[float], list[float], list[Answer]]:
    wall, processor, answers = [], [], []
    for number in numbers:
        one = questions[number : number + 1]
        processor_began, wall_began = time.thread_time(), time.perf_counter()
        answers.append(ask(one))
        wall.append((time.perf_counter() - wall_began) * MICRO)
        processor.append((time.thread_time() - processor_began) * MICRO)
    return wall, processor, answers


def _rates(rounds: list[list[float]]) -> list[float]:
    return [len(times) * MICRO / sum(times) for times in rounds]


def _slow(rounds: list[list[float]]) -> float:
    """Within this 99 of 100 are answered."""
    return quantiles([time for times in rounds for time in times], n=100)[98]


def _singles(name: str, measured: dict[str, Measured]) -> Iterator[Figure]:
    ours = measured["ours"]
    used = [median(times) for times in ours.processor]
    for peer, theirs in measured.items():
        if peer == "ours":
            continue
        yield cheaper(f"{name}: half within", ours.medians(), "us", peer, theirs.medians())
        theirs_used = [median(times) for times in theirs.processor]
        yield cheaper(f"{name}: half within, processor time", used, "us", peer, theirs_used)
    yield Figure(f"{name}: 99 of 100 within", _slow(ours.wall), "us")


def _batches(world: World, truth: list[set[int]], contenders: dict[str, Ask], size: Size) -> Figure:
    rates: dict[str, list[float]] = {"ours": [], FLAT: []}
    for _ in range(size.rounds):
        for name, found in rates.items():
            count = BATCH if name == "ours" else min(BATCH, 20 * size.peers)
            began = time.perf_counter()
            offsets, entries, distances = contenders[name](world.questions[:count])
            found.append(count / (time.perf_counter() - began))
            parts = [
                (np.array((0, end - begin)), entries[begin:end], distances[begin:end])
                for begin, end in pairwise(offsets.tolist())
            ]
            check(world, truth, range(count), parts)
    return faster(
        f"{size.entries:,} uniform, {BATCH:,} questions at once", rates["ours"], "questions/s", FLAT, rates[FLAT]
    )


def _keep_to_one_core() -> None:
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


# ---- truth ------------------------------------------------------------------------------------------------------------


def _truth(world: World, flat: Ask, count: int) -> list[set[int]]:
    """What exhaustive search finds for the first questions."""
    offsets, entries, _ = flat(world.questions[:count])
    return [set(entries[begin:end].tolist()) for begin, end in pairwise(offsets)]
