"""Real processes in one directory: readers beside a writer, and sealers that are killed at any moment."""

import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from concord.matching import HammingIndex
from concord.matching.manifest import NAME

from .servers import Cluster, insert, remove

READERS = 4
SWITCHES = 5

# Is told `seed number` once a row is committed, `seed ?` before it is removed, `seed -` after. Seals very often.
READER = """
import random, sys
from pathlib import Path
import psycopg
from concord.matching import upkeep
from concord.matching.search import Search
from tests.matching.servers import READ_ONLY, value_of

upkeep.SEAL_ENTRIES = 100
search = Search(lambda: psycopg.connect(sys.argv[1], autocommit=True, options=READ_ONLY), Path(sys.argv[2]))
known, asked, wrong, switches, base = {}, 0, [], 0, None
print("ready", flush=True)
for line in sys.stdin:
    seed, number = line.split()
    if number == "?":
        del known[seed]
        print("ready", flush=True)
        continue
    known[seed] = [] if number == "-" else [int(number)]
    for one in (seed, random.choice(list(known))):
        found = sorted(search.near([value_of(int(one))])[0])
        asked += 1
        if found != known[one]:
            wrong.append(f"{one}: {found}, not {known[one]}")
    switches += search._state.view.base is not base
    base = search._state.view.base
search.close()
print(asked, switches, len(search), *wrong[:5], sep="; ", flush=True)
"""

# Adds a batch, seals it and says so, for ever; compacts now and then.
SEALER = """
import sys
import numpy as np
from concord.matching import HammingIndex

values = np.random.default_rng(1).integers(0, 256, (64, 32), np.uint8)
index = HammingIndex.open(sys.argv[1])
print("ready", flush=True)
for batch in range(int(sys.argv[2]), 10**6):
    index.add(np.arange(64, dtype=np.uint64) + 64 * batch, values)
    index.remove(np.array([64 * batch + 7], np.uint64))
    index.seal() if batch % 5 else index.compact()
    print(batch, flush=True)
"""


def child(code: str, *arguments: object) -> subprocess.Popen[str]:
    root = Path(__file__).parents[2]
    return subprocess.Popen(
        [sys.executable, "-c", code, *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(root / "src"), str(root)])},
    )


def tell(children: list[subprocess.Popen[str]], word: str) -> None:
    for one in children:
        assert one.stdin
        one.stdin.write(word + "\n")
        one.stdin.flush()


def wait_for(children: list[subprocess.Popen[str]]) -> None:
    for one in children:
        assert one.stdout
        assert one.stdout.readline() == "ready\n"


def state_of(manifest: Path) -> list[tuple[int, int]]:
    """Which one it is; none before the first."""
    try:
        found = manifest.stat()
    except FileNotFoundError:
        return []
    return [(found.st_ino, found.st_mtime_ns)]


@pytest.fixture
def primary() -> Iterator[Cluster]:
    with tempfile.TemporaryDirectory(prefix="s-") as folder:
        cluster = Cluster.made(Path(folder), "primary", 6001)
        yield cluster
        cluster.crash()


@pytest.mark.parametrize("seconds", [5, pytest.param(60, marks=pytest.mark.long)])
def test_readers_beside_a_writer_find_every_row_at_once_and_never_a_removed_one(
    primary: Cluster, tmp_path: Path, seconds: int
) -> None:
    """Each reader also seals and compacts, so that the others switch all the time."""
    readers = [child(READER, primary.dsn(), tmp_path) for _ in range(READERS)]
    wait_for(readers)
    committed, there, chance = 0, dict[int, int](), random.Random(seconds)
    published, end = set[tuple[int, int]](), time.monotonic() + seconds
    with primary.connect() as connection:
        # However slow the machine or its disk: of any two states seen here, a reader meets the later one or one after it.
        while time.monotonic() < end or committed <= 100 or len(published) < 2 * SWITCHES + 2:
            if there and chance.random() < 0.2:
                seed = chance.choice(list(there))
                tell(readers, f"{seed} ?")
                wait_for(readers)
                published.update(state_of(tmp_path / "pdq" / NAME))
                remove(connection, there.pop(seed))
                tell(readers, f"{seed} -")
            else:
                seed, committed = committed, committed + 1
                (there[seed],) = insert(connection, seed)
                tell(readers, f"{seed} {there[seed]}")
    for reader in readers:
        said, _ = reader.communicate(timeout=300)
        asked, switches, entries, *wrong = said.strip().split("; ")
        assert wrong == []
        assert int(asked) > committed
        assert int(switches) > SWITCHES
        assert int(entries) == len(there)


@pytest.mark.parametrize("kills", [10, pytest.param(200, marks=pytest.mark.long)])
def test_killed_at_any_moment_every_batch_is_there_wholly_or_not_at_all(tmp_path: Path, kills: int) -> None:
    chance = random.Random(kills)
    following, reader = 0, HammingIndex.open(tmp_path)
    values = np.random.default_rng(1).integers(0, 256, (64, 32), np.uint8)
    for _ in range(kills):
        sealer = child(SEALER, tmp_path, following)
        wait_for([sealer])
        assert sealer.stdout
        first = sealer.stdout.readline() if chance.random() < 0.7 else ""
        time.sleep(chance.uniform(0, 0.15))
        sealer.kill()
        said, _ = sealer.communicate()
        acknowledged = [int(line) for line in (first + said).splitlines(keepends=True) if line.endswith("\n")]
        following = max([following, *(batch + 1 for batch in acknowledged)])
        for index in (reader, HammingIndex.open(tmp_path)):
            index.search(values[:1])  # switches
            batches, left = divmod(len(index), 63)
            assert (batches in (following, following + 1), left) == (True, 0)
        following = len(reader) // 63
        found = set(reader.search(values[9:10], 0).ids.tolist())
        assert {64 * batch + 9 for batch in range(following)} <= found
        assert not {64 * batch + 7 for batch in range(following)} & set(reader.search(values[7:8], 64).ids.tolist())
    assert following >= kills // 2
    reader.compact()
    assert reader.stats().segments <= 8
    assert np.unique(reader.search(values, 64).ids).size == 63 * following
