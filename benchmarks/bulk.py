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
import os
import shutil
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import psycopg

from benchmarks.contest import OURS, PROCESSES, contest, decode, figures, pool
from benchmarks.figure import Figure
from benchmarks.home import CASE, Home, home
from benchmarks.views import FILES_PER_FOLDER, write_views
from concord.actions.enter import Terms, enter_digests
from concord.actions.sweep import Manner, parts
from concord.cli.ledger import Ledger, Line
from concord.media import walk_names
from concord.values import Category

WIDTH_PIXELS, HEIGHT_PIXELS = 640, 480
SMALL_KIB = (16, 32, 64)
FILES_PER_PICTURE = 10  # small files for one picture: a hundred thousand with ten thousand
ROUNDS = 3
LOOK_SECONDS = 0.25

# As entered one by one, in a hundredth of the time: copies of a row that was.
MATERIALS = "insert into material (id, sha256) select * from unnest(%s::uuid[], %s::bytea[])"
INSTANCES = """
insert into instance select (jsonb_populate_record(made, jsonb_build_object(
    'id', gen_random_uuid(), 'material_id', m.id, 'sha256', m.sha256))).*
from material m, (select one as made from instance one limit 1) first
where m.id = any(%s::uuid[])"""


def measure(small: bool, entries: int = 1000) -> Iterator[Figure]:
    """`entries`: how many pictures; of small files ten times as many."""
    pictures = 16 if small else entries
    with ExitStack() as stack:
        here = stack.enter_context(home())
        pools = {name: stack.enter_context(pool(count)) for name, count in PROCESSES.items()}
        yield from _unknown_pictures(here, pools, pictures, 1 if small else ROUNDS)
        for kib in SMALL_KIB[: 1 if small else None]:
            yield from _known_files(here, pools, kib, pictures * FILES_PER_PICTURE, 1 if small else ROUNDS)


Pools = Mapping[str, ProcessPoolExecutor]


def _unknown_pictures(here: Home, pools: Pools, count: int, rounds: int) -> Iterator[Figure]:
    folder = here.folder / "pictures"
    paths = write_views(folder, count, (WIDTH_PIXELS, HEIGHT_PIXELS))
    contenders: dict[str, Callable[[], int]] = {OURS: lambda: _asked(here, folder, "new", ("digest", "near"))}
    contenders |= {
        f"Pillow decoding to RGB, {name}": lambda peer=peer: sum(peer.map(decode, paths, chunksize=16))
        for name, peer in pools.items()
    }
    with watched(here, pools) as memory:
        measured = contest(here, contenders, rounds, memory.looked_at)
    what = f"{count:,} unknown JPEGs of {WIDTH_PIXELS} x {HEIGHT_PIXELS}"
    yield Figure(f"{what}, mean size", sum(path.stat().st_size for path in paths) / count, "bytes")
    yield from figures(what, "files", measured)
    yield from memory.figures(what)
    shutil.rmtree(folder)


def _known_files(here: Home, pools: Pools, kib: int, count: int, rounds: int) -> Iterator[Figure]:
    folder = here.folder / "files"
    paths = write_files(folder, count, kib)
    make_known(here, paths)
    contenders: dict[str, Callable[[], int]] = {OURS: lambda: _asked(here, folder, "known", ("digest",))}
    contenders |= {
        f"SHA-256 in Python, {name}": lambda peer=peer: sum(peer.map(digest, paths, chunksize=256))
        for name, peer in pools.items()
    }
    with watched(here, pools) as memory:
        measured = contest(here, contenders, rounds, memory.looked_at)
    what = f"{count:,} known files of {kib} KiB"
    yield from figures(what, "files", measured)
    yield from memory.figures(what)
    shutil.rmtree(folder)


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

    @contextmanager
    def looked_at(self) -> Iterator[None]:
        self.looking = True
        try:
            yield
        finally:
            self.looking = False

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
    for one in pools.values():
        list(one.map(os.getpid, []))
    peers = {pid for one in pools.values() for pid in one._processes}
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


def digest(path: str) -> int:
    with open(path, "rb") as file:  # noqa: PTH123 - as it is written commonly
        hashlib.sha256(file.read()).digest()
    return 1


# ---- the material -----------------------------------------------------------------------------------------------------


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
