"""Worlds of 256-bit hashes with questions whose answers are known: what a search must find, it is made to find.

Every question has two planted neighbours within the radius, over all questions at every distance, and one that is one
bit too far. The skewed laws are those that hurt tables of chunks: near-blank pictures, and bits that go together.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

HASH_BYTES = 32
BITS = 256
RADIUS = 31
AT_ONCE = 1 << 20  # entries made at a time
TEMPLATES, CHUNK_KEPT, NEAR_BLANKS = 16, 0.6, 2000  # of law A
SHARED_BYTES, NOISE = 12, 0.02  # of law B

Hashes = NDArray[np.uint8]  # [n, 32]
Answer = tuple[NDArray[Any], NDArray[Any], NDArray[Any]]  # offsets, entries, distances


class WrongAnswer(Exception):
    """Something was missed, or found that is not there: there is no figure to print."""


@dataclass(frozen=True)
class World:
    name: str
    hashes: Hashes  # an entry's id is its place
    questions: Hashes
    planted: tuple[frozenset[int], ...]  # for each question entries that must be found


def uniform(entries: int, questions: int, seed: int = 1) -> World:
    random = np.random.default_rng(seed)
    return _planted("uniform", _random(entries, random), _random(questions, random), random)


def near_blank(entries: int, questions: int, seed: int = 2) -> World:
    """Law A. Half of the set follow one of few templates in most of their 16-bit words; some lie within 10 bits of one."""
    random = np.random.default_rng(seed)
    hashes, asked = _random(entries, random), _random(questions, random)
    templates = _random(TEMPLATES, random)
    for begin in range(0, entries // 2, AT_ONCE):
        _follow(hashes[begin : min(begin + AT_ONCE, entries // 2)], templates, random)
    for place in random.choice(entries // 2, min(NEAR_BLANKS, entries // 4), replace=False):
        hashes[place] = turned(templates[0], int(random.integers(11)), random)
    _follow(asked[: questions // 2], templates, random)
    for number in range(min(4, questions)):
        asked[number] = turned(templates[0], 3, random)
    return _planted("law A: near-blank", hashes, asked, random)


def correlated(entries: int, questions: int, seed: int = 3) -> World:
    """Law B. Half of the set share their first 96 bits but for a little noise."""
    random = np.random.default_rng(seed)
    hashes, asked = _random(entries, random), _random(questions, random)
    shared = _random(1, random)[0, :SHARED_BYTES]
    for half in (hashes[: entries // 2], asked[: questions // 2]):
        for begin in range(0, len(half), AT_ONCE):
            block = half[begin : begin + AT_ONCE]
            noise = random.random((len(block), SHARED_BYTES * 8), np.float32) < NOISE
            block[:, :SHARED_BYTES] = shared ^ np.packbits(noise, axis=1)
    return _planted("law B: correlated bits", hashes, asked, random)


def pictures(folder: Path) -> World:
    """PDQ values of real pictures, and others to be looked up among them; nothing is planted."""
    hashes, asked = (_read(folder / name) for name in ("haystack.txt", "needles.txt"))
    return World("pictures", hashes, asked, (frozenset(),) * len(asked))


def turned(value: NDArray[np.uint8], bits: int, random: np.random.Generator) -> NDArray[np.uint8]:
    """The hash with so many of its bits turned."""
    wide = np.unpackbits(value)
    wide[random.choice(BITS, bits, replace=False)] ^= 1
    return np.packbits(wide)


def differing(hashes: Hashes, question: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Bits in which each hash differs."""
    counts: NDArray[np.int64] = np.bitwise_count(hashes ^ question).sum(axis=1, dtype=np.int64)
    return counts


def check(world: World, truth: list[set[int]], numbers: Sequence[int], answers: Sequence[Answer]) -> None:
    """Raises WrongAnswer. `truth` is what exhaustive search found for the first questions."""
    for number, (_, entries, distances) in zip(numbers, answers, strict=True):
        found = set(entries.tolist())
        if not world.planted[number] <= found:
            raise WrongAnswer(f"{world.name}: question {number} misses {world.planted[number] - found}")
        true = differing(world.hashes[entries.astype(np.intp)], world.questions[number])
        if len(found) != len(entries) or (true > RADIUS).any() or (true != distances).any():
            raise WrongAnswer(f"{world.name}: question {number} finds what it must not, or twice")
        if number < len(truth) and found != truth[number]:
            raise WrongAnswer(f"{world.name}: question {number} is answered otherwise by exhaustive search")


def _random(count: int, random: np.random.Generator) -> Hashes:
    hashes = np.empty((count, HASH_BYTES), np.uint8)
    for begin in range(0, count, AT_ONCE):
        block = hashes[begin : begin + AT_ONCE]
        block[:] = random.integers(0, 2**64, (len(block), HASH_BYTES // 8), np.uint64).view(np.uint8)
    return hashes


def _follow(hashes: Hashes, templates: Hashes, random: np.random.Generator) -> None:
    words = hashes.view(np.uint16)
    kept = random.random(words.shape, np.float32) < CHUNK_KEPT
    chosen = templates.view(np.uint16)[random.integers(len(templates), size=len(words))]
    words[:] = np.where(kept, chosen, words)


def _planted(name: str, hashes: Hashes, questions: Hashes, random: np.random.Generator) -> World:
    random.shuffle(questions)  # half of them may follow a law: every round shall have of both
    places = random.choice(len(hashes), (len(questions), 3), replace=False)
    for number, row in enumerate(places):
        for place, bits in zip(
            row, (number % (RADIUS + 1), RADIUS - number * 7 % (RADIUS + 1), RADIUS + 1), strict=True
        ):
            hashes[place] = turned(questions[number], bits, random)
    return World(name, hashes, questions, tuple(frozenset(row[:2].tolist()) for row in places))


def _read(path: Path) -> Hashes:
    values = b"".join(bytes.fromhex(line) for line in path.read_text().split())
    return np.frombuffer(values, np.uint8).reshape(-1, HASH_BYTES)
