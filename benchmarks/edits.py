"""How many edited copies the near comparison finds, made from real and synthetic photographs, by source.

Each photograph is stored as it would be (as it is, and trimmed); each copy asks with all that a question asks: eight
orientations, trimmed or not, and negatives. Found: within the radius of its own photograph. Beside it stands what was
measured before, on 120 other photographs and whatever a copy's quality. Compare with that the figure in which each scene
counts once (the samples hold sixteen frames of one room) and no copy is refused for its quality. Unrelated pictures
that come near are counted too: there must be none.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from statistics import mean
from typing import Any

import numpy as np
import simplejpeg

from benchmarks.changes import CHANGES, Change, copy_of
from benchmarks.figure import Figure
from benchmarks.photographs import Photograph, photographs
from concord.fingerprints.kind import Fingerprint
from concord.fingerprints.kinds import KINDS, fingerprint_all
from concord.fingerprints.transform import NONE, to_ask, to_store

BEFORE = "what was measured before"
KIND = KINDS["pdq"]
ORIGINAL = Change("the photograph itself", None, lambda picture, _: picture, quality=95)

Values = np.ndarray[Any, np.dtype[np.uint64]]  # [n, 4]


@dataclass(frozen=True)
class Held:
    photograph: Photograph
    number: int
    stored: Values
    plain: Values  # stored, but only as it is
    asked: Values


def measure(small: bool) -> Iterator[Figure]:
    """Recall per change and source, and the nearest of unrelated pictures."""
    held = list(hold(photographs(small)))
    sources = list(dict.fromkeys(one.photograph.source for one in held))
    for source in sources:
        yield Figure(f"photographs, {source}", sum(one.photograph.source == source for one in held), "pictures")
    for change in CHANGES:
        yield from _row(change, held, sources)
    yield from _unrelated(held)


def hold(found: Iterable[Photograph]) -> Iterator[Held]:
    """A photograph too plain for the program to compare is left out."""
    for number, one in enumerate(found):
        prints = fingerprints_of(copy_of(one.image, ORIGINAL, number))
        if telling(prints):
            stored = to_store(telling(prints))
            plain = [each for each in stored if each.transform == NONE]
            yield Held(one, number, _values(stored), _values(plain), asked_values(prints))


def fingerprints_of(file: bytes) -> tuple[Fingerprint, ...]:
    return fingerprint_all(simplejpeg.decode_jpeg(file, "GRAY")[:, :, 0], "simplejpeg")


def telling(prints: Iterable[Fingerprint]) -> list[Fingerprint]:
    return [one for one in prints if one.kind == KIND.name and KIND.can_tell(one.quality)]


def asked_values(prints: Iterable[Fingerprint]) -> Values:
    return _packed([value for _, value in to_ask(telling(prints))])


def _values(prints: Iterable[Fingerprint]) -> Values:
    return _packed([one.value for one in prints])


def _packed(values: Sequence[bytes]) -> Values:
    return np.frombuffer(b"".join(values), np.uint64).reshape(-1, 4)


def nearest_bits(asked: Values, stored: Values) -> int:
    """256 where there is nothing to compare."""
    if not len(asked) or not len(stored):
        return 256
    return int(np.bitwise_count(asked[:, None] ^ stored[None]).sum(axis=2, dtype=np.int64).min())


def _row(change: Change, held: Sequence[Held], sources: Sequence[str]) -> Iterator[Figure]:
    found: list[bool] = []  # as the program asks
    comparable: dict[str, list[bool]] = {}  # by scene: as was measured before, whatever the copy's quality
    upright: list[bool] = []
    for one in held:
        prints = fingerprints_of(copy_of(one.photograph.image, change, one.number))
        found.append(_is_hit(asked_values(prints), one.stored))
        whatever = _packed([value for _, value in to_ask(prints)])
        comparable.setdefault(one.photograph.scene, []).append(_is_hit(whatever, one.stored))
        upright.append(_is_hit(_values(each for each in prints if each.transform == NONE), one.plain))
    yield Figure(change.name, mean(found), "found")
    alike = mean(mean(hits) for hits in comparable.values())
    against = (BEFORE, alike / change.expected) if change.expected else (None, None)
    was = "" if change.expected is None else f", {change.expected:g} before"
    yield Figure(f"{change.name}: each scene alike, no floor of quality", alike, f"found{was}", *against)
    yield Figure(f"{change.name}: by one upright value", mean(upright), "found")
    for source in sources:
        hits = [hit for hit, one in zip(found, held, strict=True) if one.photograph.source == source]
        yield Figure(f"{change.name}: {source}", mean(hits), "found")


def _is_hit(asked: Values, stored: Values) -> bool:
    return nearest_bits(asked, stored) <= KIND.radius_bits


def _unrelated(held: Sequence[Held]) -> Iterator[Figure]:
    """Every question against every picture of another scene, all transforms and negatives."""
    nearest, near, pairs = 256, 0, 0
    for asking in held:
        others = [one.stored for one in held if one.photograph.scene != asking.photograph.scene]
        bits = np.bitwise_count(asking.asked[:, None] ^ np.concatenate(others)[None]).sum(axis=2, dtype=np.int64)
        nearest, near, pairs = (
            min(nearest, int(bits.min())),
            near + int((bits <= KIND.radius_bits).sum()),
            pairs + bits.size,
        )
    yield Figure("comparisons of unrelated pictures", pairs, "pairs of values")
    yield Figure("unrelated within the radius", near, "pairs of values")
    yield Figure("the nearest two unrelated", nearest, "bits")
