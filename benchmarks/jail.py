"""What the jail costs: the same examination in a persistent locked worker and in this process, a JPEG of 1.6 megapixels.

Processor time of both sides together, on one core, file by file in turn. The ratio leaves the exact digests out, which
cost the same on both sides and would make the jail look cheaper than it is: it holds decoding and hashing alone against
decoding, hashing and all that the jail adds.
"""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import numpy as np
from PIL import Image

from benchmarks.figure import Figure, cheaper
from concord.config import Limits
from concord.fingerprints.digests import digest_stream
from concord.jail.broker import FileSource
from concord.jail.descriptor import stream_of
from concord.jail.findings import EXAMINE_PICTURE
from concord.jail.picture import examine_picture
from concord.jail.pool import Jail
from concord.jail.process import Process

WIDTH_PIXELS, HEIGHT_PIXELS = 1448, 1086  # 1.57 megapixels
QUALITY = 88
INSIDE, BY_RANGES, HERE, DIGESTS = "in the jail", "in the jail by ranges", "in this process", "digests alone"


def measure(small: bool) -> Iterator[Figure]:
    """Milliseconds of processor time a picture."""
    files, rounds = (3, 2) if small else (24, 25)
    limits = Limits()
    with _one_core(), TemporaryDirectory() as folder, Jail(workers=1, limits=limits) as jail:
        paths = _pictures(Path(folder), files)
        jail.walls()  # starts the worker
        clock = _clock_of(jail)
        contenders: dict[str, Callable[[int], object]] = {
            INSIDE: lambda descriptor: jail.run(EXAMINE_PICTURE, descriptor, "picture"),
            BY_RANGES: lambda descriptor: jail.run(EXAMINE_PICTURE, FileSource(descriptor), "picture"),
            HERE: lambda descriptor: examine_picture(stream_of(descriptor), limits),  # type: ignore[arg-type, unused-ignore]
            DIGESTS: lambda descriptor: digest_stream(stream_of(descriptor)),
        }
        taken = _taken(contenders, paths, rounds, clock)
        walls = jail.walls()
    yield from _figures(taken, ", ".join(walls))


def _figures(taken: dict[str, list[float]], walls: str) -> Iterator[Figure]:
    bare = [here - digests for here, digests in zip(taken[HERE], taken[DIGESTS], strict=True)]
    for name in (INSIDE, BY_RANGES):
        jailed = [inside - digests for inside, digests in zip(taken[name], taken[DIGESTS], strict=True)]
        yield cheaper(f"decode and hash {name} ({walls})", jailed, "ms/picture", f"the same {HERE}", bare)
        added = [100 * (mine / theirs - 1) for mine, theirs in zip(jailed, bare, strict=True)]
        # A cost cannot be less than nothing: what is measured below it is the machine's noise.
        yield Figure(f"added by the jail, {name}", max(0.0, median(added)), "% of decode and hash")
    yield Figure(f"decode and hash {HERE}", median(bare), "ms/picture")
    yield Figure(DIGESTS, median(taken[DIGESTS]), "ms/picture")


def _taken(
    contenders: dict[str, Callable[[int], object]], paths: list[Path], rounds: int, clock: Callable[[], float]
) -> dict[str, list[float]]:
    """Of each contender a value a round: the mean of its files."""
    taken: dict[str, list[float]] = {name: [] for name in contenders}
    for turn in range(1 + rounds):
        spent = dict.fromkeys(contenders, 0.0)
        for path in paths:
            with path.open("rb") as file:
                for name, run in contenders.items():
                    before = clock()
                    run(file.fileno())
                    spent[name] += clock() - before
        if turn:  # the first warms up
            for name, seconds in spent.items():
                taken[name].append(1000 * seconds / len(paths))
    return taken


def _clock_of(jail: Jail) -> Callable[[], float]:
    """Processor time of this process and the worker's together, in seconds."""
    (process_id,) = jail.process_ids
    worker = Process(process_id)
    return lambda: time.process_time() + (worker.cpu_seconds() or 0.0)


@contextmanager
def _one_core() -> Iterator[None]:
    """This process and what it starts."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(cores)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, cores)


def _pictures(folder: Path, files: int) -> list[Path]:
    """Blobs of colour with the noise of a small sensor: some 300 kB each."""
    random, paths = np.random.default_rng(4), []
    for number in range(files):
        blobs = random.integers(0, 256, (27, 36, 3), dtype=np.uint8)
        large = Image.fromarray(blobs).resize((WIDTH_PIXELS, HEIGHT_PIXELS), Image.Resampling.BICUBIC)
        noise = random.normal(0, 3, (HEIGHT_PIXELS, WIDTH_PIXELS, 1))
        pixels = np.clip(np.asarray(large) + noise, 0, 255).astype(np.uint8)
        paths.append(folder / f"{number}.jpg")
        Image.fromarray(pixels).save(paths[-1], "JPEG", quality=QUALITY)
    return paths
