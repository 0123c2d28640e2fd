"""Folders asked in bulk, digests first, against what cannot be done without: decoding unknown pictures, reading known files.

Ours is what `concord ask FOLDER --json` does on an open installation, from listing the folder to the JSON of each answer;
every process is warm but those that digest, which each run starts. Two cases, each with peers on the same files and the
same cores, in alternating rounds:

* pictures of 640 x 480, none of which is known: every one is decoded, fingerprinted and compared. Peer: Pillow decoding to
  RGB, as many processes as ours has workers.
* small files, all of which are known by their digest: none is decoded. Peer: SHA-256 of the same files, read whole and
  hashed in Python, as many processes.

Rates are of wall time; costs are processor time of all processes together, the database's included.
"""

import hashlib
import io
import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager, redirect_stdout
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from statistics import median

import numpy as np
import psutil
import psycopg
from PIL import Image

from benchmarks.figure import Figure, cheaper, faster
from benchmarks.home import CASE, WORKERS, Home, home, tree_seconds
from concord.actions.enter import Terms, enter_digests
from concord.actions.sweep import Manner, parts
from concord.cli.ledger import Ledger, Line
from concord.media import walk_names
from concord.training.story import make_world
from concord.values import Category

WIDTH_PIXELS, HEIGHT_PIXELS = 640, 480
VIEWS = 50  # of one rendered scene
NOISE_LEVELS = 4.0  # standard deviation, as of a small sensor indoors
QUALITY = 88  # of the JPEGs
SMALL_KIB = (16, 64)
FILES_PER_PICTURE = 10  # small files for one picture: a hundred thousand with ten thousand
FILES_PER_FOLDER = 500
ROUNDS = 3
LOOK_SECONDS = 0.25
ONE, SAME = "1 process", f"{WORKERS} processes"

# As entered one by one, in a hundredth of the time: copies of a row that was.
MATERIALS = "insert into material (id, sha256) select * from unnest(%s::uuid[], %s::bytea[])"
INSTANCES = """
insert into instance select (jsonb_populate_record(made, jsonb_build_object(
    'id', gen_random_uuid(), 'material_id', m.id, 'sha256', m.sha256))).*
from material m, (select one as made from instance one limit 1) first
where m.id = any(%s::uuid[])"""


@dataclass
class Measured:
    """One contender, a value a round."""

    rate: list[float] = field(default_factory=list)  # files a second
    cost: list[float] = field(default_factory=list)  # microseconds of processor time a file


def measure(small: bool, entries: int = 1000) -> Iterator[Figure]:
    """`entries`: how many pictures; of small files ten times as many."""
    pictures = 16 if small else entries
    with ExitStack() as stack:
        here = stack.enter_context(home())
        pools = {name: stack.enter_context(_pool(count)) for name, count in ((ONE, 1), (SAME, WORKERS))}
        yield from _unknown_pictures(here, pools, pictures, 1 if small else ROUNDS)
        for kib in SMALL_KIB[: 1 if small else None]:
            yield from _known_files(here, pools, kib, pictures * FILES_PER_PICTURE, 1 if small else ROUNDS)


Pools = dict[str, ProcessPoolExecutor]


def _unknown_pictures(here: Home, pools: Pools, count: int, rounds: int) -> Iterator[Figure]:
    folder = here.folder / "pictures"
    paths = write_pictures(folder, count)
    contenders: dict[str, Callable[[], int]] = {"ours": lambda: _asked(here, folder, "new", ("digest", "near"))}
    contenders |= {
        f"Pillow decoding to RGB, {name}": lambda pool=pool: sum(pool.map(decode, paths, chunksize=16))
        for name, pool in pools.items()
    }
    with watched(here, pools) as memory:
        measured = _measured(here, contenders, rounds, memory)
    what = f"{count:,} unknown JPEGs of {WIDTH_PIXELS} x {HEIGHT_PIXELS}"
    yield Figure(f"{what}, mean size", sum(path.stat().st_size for path in paths) / count, "bytes")
    yield from _figures(what, measured)
    yield from memory.figures(what)
    shutil.rmtree(folder)


def _known_files(here: Home, pools: Pools, kib: int, count: int, rounds: int) -> Iterator[Figure]:
    folder = here.folder / "files"
    paths = write_files(folder, count, kib)
    make_known(here, paths)
    contenders: dict[str, Callable[[], int]] = {"ours": lambda: _asked(here, folder, "known", ("digest",))}
    contenders |= {
        f"SHA-256 in Python, {name}": lambda pool=pool: sum(pool.map(digest, paths, chunksize=256))
        for name, pool in pools.items()
    }
    with watched(here, pools) as memory:
        measured = _measured(here, contenders, rounds, memory)
    what = f"{count:,} known files of {kib} KiB"
    yield from _figures(what, measured)
    yield from memory.figures(what)
    shutil.rmtree(folder)


def _measured(
    here: Home, contenders: dict[str, Callable[[], int]], rounds: int, memory: "Memory"
) -> dict[str, Measured]:
    measured = {name: Measured() for name in contenders}
    for turn in range(1 + rounds):
        for name, run in contenders.items():
            memory.looking = name == "ours" and turn == rounds
            rate, cost = _timed(here, run)
            memory.looking = False
            if turn:  # the first warms up
                measured[name].rate.append(rate)
                measured[name].cost.append(cost)
    return measured


def _timed(here: Home, run: Callable[[], int]) -> tuple[float, float]:
    everything = psutil.Process()
    cpu, began = tree_seconds(everything) + here.database_seconds(), time.perf_counter()
    count = run()
    wall = time.perf_counter() - began
    return count / wall, 1e6 * (tree_seconds(everything) + here.database_seconds() - cpu) / count


def _figures(what: str, measured: dict[str, Measured]) -> Iterator[Figure]:
    ours = measured.pop("ours")
    for peer, theirs in measured.items():
        yield faster(what, ours.rate, "files/s", peer, theirs.rate)
        yield cheaper(f"{what}, processor time", ours.cost, "us/file", peer, theirs.cost)
        yield Figure(f"{what}: {peer}", median(theirs.rate), "files/s")
        yield Figure(f"{what}: {peer}, processor time", median(theirs.cost), "us/file")


# ---- ours -------------------------------------------------------------------------------------------------------------


def _asked(here: Home, folder: Path, state: str, compared: Sequence[str]) -> int:
    """Fails where an answer is not what it must be."""
    with Path(os.devnull).open("w") as nowhere, redirect_stdout(nowhere):
        ledger = Ledger(as_json=True, journal=None)
        for part in parts(here.installation, here.actor, walk_names([folder]), Manner(statements=False)):
            ledger.enter([Line(one.answer, one.size_bytes, one.modified_ns) for one in part if one.answer])
            assert tuple(part[-1].answer.compared) == compared if part[-1].answer else False, part[-1]
    assert set(ledger.counts) == {state}, ledger.counts
    assert not ledger.failed
    return ledger.counts.total()


# ---- memory -----------------------------------------------------------------------------------------------------------


@dataclass
class Memory:
    """Of the asking process, its workers and the database, peers left out; each page of memory counted once."""

    processes: Callable[[], Sequence[psutil.Process]]
    looking: bool = False
    seen_bytes: list[int] = field(default_factory=list)

    def look(self) -> None:
        total_bytes = 0
        for process in self.processes():
            try:
                total_bytes += process.memory_full_info().pss
            except (psutil.NoSuchProcess, psutil.AccessDenied):
                continue
        self.seen_bytes.append(total_bytes)

    def figures(self, what: str) -> Iterator[Figure]:
        """What was held at four moments, and the most ever."""
        if not self.seen_bytes:  # it was over too soon
            return
        last = len(self.seen_bytes) - 1
        for quarter in range(1, 5):
            yield Figure(f"{what}: memory at {25 * quarter} %", self.seen_bytes[last * quarter // 4] / 2**20, "MiB")
        yield Figure(f"{what}: memory, at most", max(self.seen_bytes) / 2**20, "MiB")


@contextmanager
def watched(here: Home, pools: Pools) -> Iterator[Memory]:
    for pool in pools.values():
        list(pool.map(os.getpid, []))
    peers = {pid for pool in pools.values() for pid in pool._processes}
    with psycopg.connect(here.conninfo) as connection:
        server = psutil.Process(connection.info.backend_pid).parent()
    assert server is not None
    me = psutil.Process()

    def processes() -> Sequence[psutil.Process]:
        mine = [me, *(child for child in me.children(recursive=True) if child.pid not in peers)]
        return list({one.pid: one for one in [*mine, server, *server.children()]}.values())

    memory, ended = Memory(processes), threading.Event()

    def watch() -> None:
        while not ended.wait(LOOK_SECONDS):
            if memory.looking:
                memory.look()

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield memory
    finally:
        ended.set()
        watcher.join()


# ---- peers ------------------------------------------------------------------------------------------------------------


def _pool(processes: int) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(processes, mp_context=get_context("spawn"))


def decode(path: Path) -> int:
    with Image.open(path) as image:
        image.convert("RGB").load()
    return 1


def digest(path: str) -> int:
    with open(path, "rb") as file:  # noqa: PTH123 - as it is written commonly
        hashlib.sha256(file.read()).digest()
    return 1


# ---- the material -----------------------------------------------------------------------------------------------------


def write_pictures(folder: Path, count: int) -> list[Path]:
    """Different views of synthetic rooms with a sensor's noise: the same files at every run."""
    folder.mkdir()
    world = make_world(7)
    scenes = [_scene(world.picture(one.key)) for one in world.pictures[: min(20, -(-count // VIEWS))]]
    paths = []
    for number in range(count):
        path = folder / f"{number // FILES_PER_FOLDER:03}" / f"IMG_{number:05}.jpg"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(_view(scenes[number % len(scenes)], number))
        paths.append(path)
    return paths


def _scene(data: bytes) -> Image.Image:
    size = WIDTH_PIXELS * 9 // 8, HEIGHT_PIXELS * 9 // 8
    return Image.open(io.BytesIO(data)).convert("RGB").resize(size, Image.Resampling.BICUBIC)


def _view(scene: Image.Image, seed: int) -> bytes:
    random = np.random.default_rng(seed)
    left, top = int(random.integers(WIDTH_PIXELS // 8)), int(random.integers(HEIGHT_PIXELS // 8))
    levels = np.asarray(scene.crop((left, top, left + WIDTH_PIXELS, top + HEIGHT_PIXELS)), np.float32)
    noisy = levels + random.normal(0, NOISE_LEVELS, levels.shape).astype(np.float32)
    file = io.BytesIO()
    Image.fromarray(noisy.clip(0, 255).astype(np.uint8)).save(file, "JPEG", quality=QUALITY)
    return file.getvalue()


def write_files(folder: Path, count: int, kib: int) -> list[str]:
    """Of random bytes, no two alike."""
    paths = []
    rest = os.urandom((kib << 10) - 8)
    for number in range(count):
        path = folder / f"{number // FILES_PER_FOLDER:03}" / f"{number:06}.bin"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(number.to_bytes(8) + rest)
        paths.append(str(path))
    return paths


def make_known(here: Home, paths: Sequence[str]) -> None:
    """The first is entered, by its digest; the others are made as that one."""
    digests = [hashlib.sha256(Path(path).read_bytes()) for path in paths]
    enter_digests(here.installation, here.actor, [digests[0].hexdigest()], Terms(CASE, Category.CATEGORY_1))
    ids = [hashlib.md5(one.digest()).hexdigest() for one in digests[1:]]
    with psycopg.connect(here.conninfo) as connection:
        connection.execute(MATERIALS, [ids, [one.digest() for one in digests[1:]]])
        connection.execute(INSTANCES, [ids])
    with psycopg.connect(here.conninfo, autocommit=True) as connection:
        connection.execute("analyze")
