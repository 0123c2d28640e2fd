"""The hash index against faiss: same data, same process, one core, answers checked in the same run.

Ours is `HammingIndex` as it serves: a directory of mapped segments, its whole call in Python. A figure is printed only
if every planted neighbour came back, nothing beyond the radius did, and faiss's exhaustive search says the same. Rounds
of ours and of each peer alternate; times are of the wall unless "processor time" is said.
"""

import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import numpy as np
import psutil

from benchmarks import hashes, memory, peers
from benchmarks.figure import Figure, cheaper, faster
from benchmarks.hashes import RADIUS, Answer, Hashes, World, check
from benchmarks.memory import Pages
from benchmarks.peers import FLAT, MULTIHASH, Ask
from concord.matching import HammingIndex, engines
from concord.matching.engines import Engine
from concord.matching.plain import PlainEngine

MICRO = 1e6
BATCH = 1024
ADDED_AT_ONCE = 1 << 20
MULTIHASH_ENTRIES = LEVEL_ENTRIES = 2_000_000  # above, these take long and say nothing new
AT_ONCE_COMPARED = 1_600_000_000  # pairs of a question and an entry in a peer's batch: more say nothing new
MEMORY_BYTES, DISK_BYTES = 160, 250  # an entry: ours and the peer's; parts and the whole that is made of them
PICTURES = Path(__file__).parents[2] / "shared" / "data" / "hashes"


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


@dataclass(frozen=True)
class Built:
    """An index on disk, sealed, in one segment; and what making it took."""

    folder: str
    engine: Engine
    seconds: float
    peak_bytes: int | None  # of memory, besides the hashes themselves; None: the system does not tell

    def open(self) -> HammingIndex:
        return HammingIndex.open(self.folder, engine=self.engine)


def measure(small: bool, entries: int | None = None, pages: Sequence[Pages] = memory.POSSIBLE) -> Iterator[Figure]:
    """At the given number of entries, on such pages; the skewed laws and the forced levels up to a million.

    Raises WrongAnswer, and then no figure is right; SystemExit where there is no peer, or not enough room.
    """
    faiss = peers.load()
    count = entries or (20_000 if small else 1_000_000)
    _require_room(count)
    size = Size(count, 1, 20, 4) if small else Size(count, 5, BATCH // 2, max(8, 20_000_000 // count))
    _keep_to_one_core()
    yield Figure("memory read in order", memory.bandwidth_gb_s(), "GB/s")
    yield from _uniform(faiss, size, pages)
    few = Size(min(count, 1_000_000), size.rounds, BATCH // 2, size.peers)
    for world in (hashes.near_blank(few.entries, BATCH), hashes.correlated(few.entries, BATCH)):
        yield from _skewed(faiss, world, few)
        yield from _skewed(faiss, world, few, PlainEngine(), "no compiler, ")
    if PICTURES.is_dir():
        yield from _skewed(faiss, hashes.pictures(PICTURES), few)


def _uniform(faiss: Any, size: Size, pages: Sequence[Pages]) -> Iterator[Figure]:
    world = hashes.uniform(size.entries, BATCH)
    with _built(world) as built:  # before the peers: what they hold is not in its peak
        contenders = {FLAT: peers.flat(faiss, world.hashes)}
        truth = _truth(world, contenders[FLAT], size.peers * size.rounds)
        if size.entries <= MULTIHASH_ENTRIES:
            contenders[MULTIHASH] = peers.multihash(faiss, world.hashes)
        yield from _building(built, size)
        for kind in pages:
            with memory.only(kind):
                yield from _on_pages(kind, built, world, truth, contenders, size)
    if engines.missing is None and size.entries <= LEVEL_ENTRIES:
        yield from _levels(world, truth, contenders[FLAT], size)
    if size.entries <= LEVEL_ENTRIES:
        yield from _without_compiler(world, truth, contenders[FLAT], size)


def _building(built: Built, size: Size) -> Iterator[Figure]:
    finished_bytes = built.open().stats().mapped_bytes
    yield Figure("adding, sealing and compacting", built.seconds * MICRO / size.entries, "us/entry")
    yield Figure("size of the segments", finished_bytes / size.entries, "bytes/entry")
    # Less than the whole is what a system shows that was short of memory and took mapped pages back: no peak then.
    if built.peak_bytes is not None and built.peak_bytes >= finished_bytes:
        yield Figure("memory at most while building, of that size", built.peak_bytes / finished_bytes, "times")


def _on_pages(
    kind: Pages, built: Built, world: World, truth: list[set[int]], others: dict[str, Ask], size: Size
) -> Iterator[Figure]:
    index = built.open()
    contenders = {**others, "ours": _ours(index)}
    name = f"{size.entries:,} uniform, {kind} pages"
    measured = _rounds(world, truth, contenders, size)
    yield Figure(f"{name} asked for: huge ones got", 100 * memory.huge_file_bytes() / index.stats().mapped_bytes, "%")
    yield from _singles(f"{name}, one question", measured)
    yield _batches(name, world, truth, contenders, size)


def _skewed(faiss: Any, world: World, size: Size, engine: Engine = engines.best, by: str = "") -> Iterator[Figure]:
    contenders = {FLAT: peers.flat(faiss, world.hashes)}
    truth = _truth(world, contenders[FLAT], len(world.questions))
    with _built(world, engine) as built:
        contenders["ours"] = _ours(built.open())
        measured = _rounds(world, truth, contenders, size)
    ours, flat, name = measured["ours"], measured[FLAT], f"{by}{len(world.hashes):,} {world.name}, one question"
    yield faster(f"{name} at a time", _rates(ours.wall), "questions/s", FLAT, _rates(flat.wall))
    used, theirs = _rates(ours.processor), _rates(flat.processor)
    yield faster(f"{name} at a time, processor time", used, "questions/s", FLAT, theirs)
    yield Figure(f"{name}: 99 of 100 within", _slow(ours.wall), "us")
    yield Figure(f"{name}: 99 of 100 within, processor time", _slow(ours.processor), "us")


def _levels(world: World, truth: list[set[int]], flat: Ask, size: Size) -> Iterator[Figure]:
    """Each that this processor can run, by force."""
    from concord.matching.flat import LEVELS
    from concord.matching.tables import TablesEngine

    for level in LEVELS:
        with _built(world, TablesEngine(level)) as built:
            measured = _rounds(world, truth, {FLAT: flat, "ours": _ours(built.open())}, size)
        name = f"level {level} by force: half within"
        yield cheaper(name, measured["ours"].medians(), "us", FLAT, measured[FLAT].medians())


def _without_compiler(world: World, truth: list[set[int]], flat: Ask, size: Size) -> Iterator[Figure]:
    """What serves where nothing was compiled: the same kind of files, made and asked in NumPy alone."""
    with _built(world, PlainEngine()) as built:
        measured = _rounds(world, truth, {FLAT: flat, "ours": _ours(built.open())}, size)
    yield from _singles("no compiler, one question", measured)
    yield Figure("no compiler, adding, sealing and compacting", built.seconds * MICRO / size.entries, "us/entry")


# ---- contenders -------------------------------------------------------------------------------------------------------


def _ours(index: HammingIndex) -> Ask:
    def ask(questions: Hashes) -> Answer:
        hits = index.search(questions, RADIUS)
        return hits.offsets, hits.ids, hits.distances

    return ask


@contextmanager
def _built(world: World, engine: Engine = engines.best) -> Iterator[Built]:
    with tempfile.TemporaryDirectory(prefix="concord-bench-") as folder:
        peak, began = memory.Peak(), time.perf_counter()
        made = HammingIndex.open(folder, engine=engine)
        for begin in range(0, len(world.hashes), ADDED_AT_ONCE):
            block = world.hashes[begin : begin + ADDED_AT_ONCE]
            made.add(np.arange(begin, begin + len(block), dtype=np.uint64), block)
        made.seal()
        made.compact()
        seconds, peak_bytes = time.perf_counter() - began, peak.bytes()
        del made  # and its mapping
        yield Built(folder, engine, seconds, peak_bytes)


def _require_room(entries: int) -> None:
    """Raises SystemExit: a machine that runs out of memory half way answers nobody else either."""
    free_bytes, needed_bytes = psutil.virtual_memory().available, entries * MEMORY_BYTES
    if free_bytes < needed_bytes:
        raise SystemExit(f"{entries:,} entries need {needed_bytes:,} bytes of memory, and {free_bytes:,} are free.")
    place = tempfile.gettempdir()
    free_bytes, needed_bytes = shutil.disk_usage(place).free, entries * DISK_BYTES
    if free_bytes < needed_bytes:
        told = f"{entries:,} entries need {needed_bytes:,} bytes in {place}, and {free_bytes:,} are free."
        raise SystemExit(f"{told} TMPDIR names another place.")


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


def _batches(name: str, world: World, truth: list[set[int]], contenders: dict[str, Ask], size: Size) -> Figure:
    rates: dict[str, list[float]] = {"ours": [], FLAT: []}
    for _ in range(size.rounds):
        for who, found in rates.items():
            count = BATCH if who == "ours" else min(BATCH, max(1, AT_ONCE_COMPARED // size.entries))
            began = time.perf_counter()
            offsets, entries, distances = contenders[who](world.questions[:count])
            found.append(count / (time.perf_counter() - began))
            parts = [
                (np.array((0, end - begin)), entries[begin:end], distances[begin:end])
                for begin, end in pairwise(offsets.tolist())
            ]
            check(world, truth, range(count), parts)
    return faster(f"{name}, {BATCH:,} questions at once", rates["ours"], "questions/s", FLAT, rates[FLAT])


def _keep_to_one_core() -> None:
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


# ---- truth ------------------------------------------------------------------------------------------------------------


def _truth(world: World, flat: Ask, count: int) -> list[set[int]]:
    """What exhaustive search finds for the first questions."""
    offsets, entries, _ = flat(world.questions[:count])
    return [set(entries[begin:end].tolist()) for begin, end in pairwise(offsets)]
