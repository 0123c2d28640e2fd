"""A folder of pictures asked end to end, against Pillow decoding the same files to RGB: what cannot be done without.

Ours is the action of `concord ask FOLDER` on an open installation: jailed workers read, digest, decode and fingerprint,
one transaction a batch looks digests and fingerprints up and writes the audit entry. The database is small: what is
measured is examining. Rounds of ours and of each peer alternate; every process is warm.
"""

import io
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from statistics import median

import numpy as np
import psutil
from PIL import Image

from benchmarks.figure import Figure, cheaper, faster
from benchmarks.home import WORKERS, Home, home, tree_seconds
from concord.actions.ask import ask
from concord.training.story import make_world

WIDTH_PIXELS, HEIGHT_PIXELS = 1280, 960
VIEWS = 50  # of one rendered scene: rendering takes longer than anything that is measured
NOISE_LEVELS = 4.0  # standard deviation, as of a small sensor indoors
QUALITY = 88  # of the JPEGs
ONE = "Pillow decoding to RGB, 1 process"
SAME = f"Pillow decoding to RGB, {WORKERS} processes"


@dataclass
class Measured:
    """One contender, a value a round."""

    rate: list[float] = field(default_factory=list)  # pictures a second
    cost: list[float] = field(default_factory=list)  # ms of processor time a picture


def measure(small: bool) -> Iterator[Figure]:
    """Figures of pictures a second (wall time) and of processor time a picture, all processes together."""
    files, rounds = (8, 1) if small else (300, 5)
    with ExitStack() as stack:
        here = stack.enter_context(home())
        folder = here.folder / "pictures"
        paths = write_pictures(folder, files)
        one, same = (stack.enter_context(_pool(count)) for count in (1, WORKERS))
        contenders: dict[str, Callable[[], int]] = {
            "ours": lambda: _asked(here, folder),
            ONE: lambda: _decoded(one, paths),
            SAME: lambda: _decoded(same, paths),
        }
        measured = {name: Measured() for name in contenders}
        for turn in range(1 + rounds):
            for name, run in contenders.items():
                rate, cost = _timed(here, run)
                if turn:  # the first warms up
                    measured[name].rate.append(rate)
                    measured[name].cost.append(cost)
        size_bytes = sum(path.stat().st_size for path in paths) / len(paths)
    yield from _figures(measured, size_bytes)


def _figures(measured: dict[str, Measured], size_bytes: float) -> Iterator[Figure]:
    ours = measured["ours"]
    yield Figure(f"a picture of {WIDTH_PIXELS} x {HEIGHT_PIXELS}, mean size", size_bytes, "bytes")
    for peer in (ONE, SAME):
        theirs = measured[peer]
        yield faster("ask a folder", ours.rate, "pictures/s", peer, theirs.rate)
        yield cheaper("ask a folder, processor time", ours.cost, "ms/picture", peer, theirs.cost)
        yield Figure(peer, median(theirs.rate), "pictures/s")
        yield Figure(f"{peer}, processor time", median(theirs.cost), "ms/picture")


def _timed(here: Home, run: Callable[[], int]) -> tuple[float, float]:
    """Pictures a wall second, and ms of processor time a picture."""
    everything = psutil.Process()
    cpu, began = tree_seconds(everything) + here.database_seconds(), time.perf_counter()
    count = run()
    wall = time.perf_counter() - began
    used = tree_seconds(everything) + here.database_seconds() - cpu
    return count / wall, 1000 * used / count


def _asked(here: Home, folder: Path) -> int:
    answers = list(ask(here.installation, here.actor, [folder]))
    wrong = [answer for answer in answers if answer.answer is None or answer.error or len(answer.compared) < 2]
    assert not wrong, wrong[:1]  # every picture was decoded, fingerprinted and looked up
    return len(answers)


# ---- the peer ---------------------------------------------------------------------------------------------------------


def _pool(processes: int) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(processes, mp_context=get_context("spawn"))


def _decoded(pool: ProcessPoolExecutor, paths: Sequence[Path]) -> int:
    return sum(pool.map(decode, paths, chunksize=8))


def decode(path: Path) -> int:
    with Image.open(path) as image:
        image.convert("RGB").load()
    return 1


# ---- the material -----------------------------------------------------------------------------------------------------


def write_pictures(folder: Path, count: int) -> list[Path]:
    """Different views of synthetic rooms with a sensor's noise: the same files at every run."""
    folder.mkdir()
    world = make_world(7)
    scenes = [_scene(world.picture(one.key)) for one in world.pictures[: -(-count // VIEWS)]]
    paths = []
    for number in range(count):
        path = folder / f"IMG_{number:04d}.jpg"
        path.write_bytes(_view(scenes[number % len(scenes)], number))
        paths.append(path)
    return paths


def _scene(data: bytes) -> Image.Image:
    """Larger than a view by an eighth, so that each view shows another part of it."""
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
