"""A picture's fingerprint against what others pay for it, file by file in one process: processor time on one core.

Ours decodes the brightness of a JPEG at full size and measures it: one value, or all that is kept and asked. Peers: Pillow
decoding to RGB and pdqhash, as is common; threatexchange's hasher; and bare decoding, which nothing can go below.
Contenders take each file in turn, three times, of which the best counts. Before that, every value is compared with
pdqhash's: a wrong one, and there is no figure. The jail has a benchmark of its own, and the digests stand apart.
"""

import hashlib
import importlib.util
import io
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from importlib import import_module
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pdqhash
import simplejpeg
from PIL import Image, ImageOps

from benchmarks.figure import Figure, cheaper
from benchmarks.hashes import WrongAnswer
from benchmarks.photographs import SHARED
from concord.fingerprints.digests import Digester
from concord.fingerprints.kind import Luma
from concord.fingerprints.kinds import fingerprint_all
from concord.fingerprints.pdq import QUALITY_FLOOR, REFEREE_PIXELS, distance_bits, pdq, pdq_turned
from concord.training.story import make_world

SIZES = {"0.2": (520, 390), "1.2": (1280, 960), "1.6": (1460, 1095), "8": (3264, 2448)}  # megapixels: width, height
QUALITY = 88  # of the JPEGs
NOISE_LEVELS = 4.0  # of synthetic views: standard deviation, as of a small sensor indoors
REPEATS = 3
SLACK_BITS = 4  # of the luma plane, and where the picture is too large to ask the reference

COMMON, HASHER = "Pillow RGB + pdqhash", "threatexchange pdq_from_bytes"
PILLOW, COLOURS, BRIGHTNESS = "Pillow, RGB only", "simplejpeg, RGB only", "simplejpeg, luma only"
ONE, ALL = "decode + one value", "decode + eight orientations, and trimmed"

Work = Callable[[bytes], object]


def measure(small: bool) -> Iterator[Figure]:
    """Milliseconds of processor time a file, the mean of all files of a size; medians of rounds."""
    os.environ["OPENBLAS_NUM_THREADS"] = "1"  # as in a jailed worker; read when a process starts, so it takes a new one
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        yield from pool.submit(_measure, small).result()


def _measure(small: bool) -> list[Figure]:
    _keep_to_one_core()
    return list(_sizes(small))


def _sizes(small: bool) -> Iterator[Figure]:
    rounds, per_size = (1, 1) if small else (5, 6)
    contenders = dict(_contenders())
    for megapixels, size in list(SIZES.items())[: 2 if small else None]:
        files = [_jpeg(picture, size) for picture in _pictures(size)[:per_size]]
        for file in files:
            check(file)
        yield from _figures(f"{megapixels} MP", _measured(contenders, files, rounds))
        yield Figure(f"{megapixels} MP: a file", sum(map(len, files)) / len(files), "bytes")


def _contenders() -> Iterator[tuple[str, Work]]:
    yield ONE, lambda file: pdq(luma_plane(file))
    yield ALL, lambda file: fingerprint_all(luma_plane(file), "simplejpeg")
    yield COMMON, lambda file: pdqhash.compute(colours(file))
    if importlib.util.find_spec("threatexchange"):
        yield HASHER, import_module("threatexchange.signal_type.pdq.pdq_hasher").pdq_from_bytes
    else:
        sys.stderr.write(f"The peer {HASHER} is left out: threatexchange is not installed.\n")
    yield PILLOW, colours
    yield COLOURS, lambda file: simplejpeg.decode_jpeg(file, "RGB")
    yield BRIGHTNESS, luma_plane
    yield "digests", _digested
    yield "SHA-256 only", lambda file: hashlib.sha256(file).digest()


def luma_plane(file: bytes) -> Luma:
    plane: Luma = simplejpeg.decode_jpeg(file, "GRAY")[:, :, 0]
    return plane


def colours(file: bytes) -> Luma:
    return np.asarray(Image.open(io.BytesIO(file)).convert("RGB"))


def _digested(file: bytes) -> object:
    digester = Digester()
    digester.update(file)
    return digester.digests()


def _measured(contenders: dict[str, Work], files: Sequence[bytes], rounds: int) -> dict[str, list[float]]:
    """Milliseconds a file, one figure a round; the first round warms up.

    The best of a few: in the first, the caches still hold what the contender before left there.
    """
    measured: dict[str, list[float]] = {name: [] for name in contenders}
    for turn in range(1 + rounds):
        used = dict.fromkeys(contenders, 0.0)
        for file in files:
            for name, work in contenders.items():
                used[name] += min(_seconds(work, file) for _ in range(REPEATS))
        for name, seconds in used.items():
            if turn:
                measured[name].append(1000 * seconds / len(files))
    return measured


def _seconds(work: Work, file: bytes) -> float:
    began = time.process_time()
    work(file)
    return time.process_time() - began


def _figures(size: str, measured: dict[str, list[float]]) -> Iterator[Figure]:
    one, everything = measured[ONE], measured[ALL]
    for peer in (COMMON, HASHER, PILLOW, COLOURS, BRIGHTNESS):
        if peer in measured:
            yield cheaper(f"{size}: {ONE}", one, "ms", peer, measured[peer])
            yield cheaper(f"{size}: {peer}", measured[peer], "ms", ONE, one)
    yield cheaper(f"{size}: {ALL}", everything, "ms", ONE, one)
    yield cheaper(f"{size}: {ALL}", everything, "ms", BRIGHTNESS, measured[BRIGHTNESS])
    yield cheaper(f"{size}: the three digests", measured["digests"], "ms", "SHA-256 only", measured["SHA-256 only"])


def _keep_to_one_core() -> None:
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


# ---- right or no figure -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Published:
    """As pdqhash computes them; `luma` is the brightness that it makes of colours."""

    luma: Luma
    turned: list[bytes]
    quality: int


def published(pixels: Luma) -> Published:
    parts = pixels.astype(np.float64)
    luma = (parts[:, :, 0] * 0.299 + parts[:, :, 1] * 0.587 + parts[:, :, 2] * 0.114).astype(np.float32)
    vectors, quality = pdqhash.compute_dihedral(pixels)
    return Published(luma, [np.packbits(one.astype(np.uint8)).tobytes() for one in vectors], quality)


def check(file: bytes) -> None:
    """Raises WrongAnswer."""
    theirs = published(colours(file))
    if theirs.quality < QUALITY_FLOOR:
        raise WrongAnswer(f"a picture of quality {theirs.quality} says nothing")
    slack = 0 if theirs.luma.size <= REFEREE_PIXELS else SLACK_BITS
    _hold("the value", pdq(theirs.luma).value, theirs.turned[:1], slack)
    _hold("the value of the luma plane", pdq(luma_plane(file)).value, theirs.turned[:1], SLACK_BITS)
    for name, value in pdq_turned(theirs.luma)[0].items():
        _hold(name, value, theirs.turned, slack)


def _hold(what: str, value: bytes, wanted: Sequence[bytes], slack_bits: int) -> None:
    distance = min(distance_bits(value, one) for one in wanted)
    if distance > slack_bits:
        raise WrongAnswer(f"{what} is {distance} bits from pdqhash's, where {slack_bits} are allowed")


# ---- the material -----------------------------------------------------------------------------------------------------


def _pictures(size: tuple[int, int]) -> list[Image.Image]:
    """Photographs that are large enough, and the quarters of those that are larger still; synthetic views without them."""
    if not SHARED.is_dir():
        return [_enlarged(view, size, seed) for seed, view in enumerate(_views())]
    whole = [ImageOps.exif_transpose(Image.open(path)).convert("RGB") for path in _photographs()]
    parts = [part for picture in whole for part in (picture, *_quarters(picture))]
    return [part for part in parts if part.width >= size[0] and part.height >= size[1]]


def _photographs() -> Iterator[Path]:
    pictures = SHARED / "pictures"
    yield from sorted((pictures / "exif").glob("*.jpg"))
    yield pictures / "bridge-mods" / "aaa-orig.jpg"
    for place in ("church", "riverview", "livingroom"):
        yield from sorted((SHARED / "places" / place).glob("*.jpg"))[:2]


def _quarters(picture: Image.Image) -> Iterator[Image.Image]:
    wide, high = picture.width // 2, picture.height // 2
    for left, top in ((0, 0), (wide, 0), (0, high), (wide, high)):
        yield picture.crop((left, top, left + wide, top + high))


def _jpeg(picture: Image.Image, size: tuple[int, int]) -> bytes:
    file = io.BytesIO()
    ImageOps.fit(picture, size, Image.Resampling.LANCZOS).save(file, "JPEG", quality=QUALITY)
    return file.getvalue()


def _views() -> Iterator[Image.Image]:
    world = make_world(7)
    for one in world.pictures[:6]:
        yield Image.open(io.BytesIO(world.picture(one.key))).convert("RGB")


def _enlarged(view: Image.Image, size: tuple[int, int], seed: int) -> Image.Image:
    """With a sensor's noise, without which an enlarged picture costs a decoder nothing."""
    levels = np.asarray(view.resize(size, Image.Resampling.BICUBIC), np.float32)
    noisy = levels + np.random.default_rng(seed).normal(0, NOISE_LEVELS, levels.shape).astype(np.float32)
    return Image.fromarray(noisy.clip(0, 255).astype(np.uint8))
