"""What may be done to an asked picture so that it becomes the one that is held, by name.

A name joins its steps with "+", always in the order negative, trim, tone, orientation: "trim+tone+rotate-90"; with no step
it is "none". A held picture is measured as it is and, where it has uniform borders, without them, and either with its
tones evened out as well; everything else is done to the asked one.
"""

from collections.abc import Iterable, Iterator
from functools import lru_cache

from concord.fingerprints.kind import Fingerprint

NONE, TRIM, TONE, NEGATIVE = "none", "trim", "tone", "negative"

# Clockwise turns; mirror: left and right change places, flip: top and bottom; the last two: over a diagonal.
TURNS = ("rotate-90", "rotate-180", "rotate-270", "mirror", "flip", "transpose", "transverse")

STORED = frozenset({NONE, TRIM, TONE, f"{TRIM}+{TONE}"})

_ORDER = {step: place for place, step in enumerate((NEGATIVE, TRIM, TONE, *TURNS))}


def name_of(*steps: str) -> str:
    """The name of these steps in any order; the same step twice counts once. "none" is no step."""
    done = {step for step in steps if step != NONE}
    return "+".join(sorted(done, key=_ORDER.__getitem__)) or NONE


def has(step: str, transform: str) -> bool:
    """Whether this step is one of a transform's."""
    return step in transform.split("+")


@lru_cache(maxsize=1024)
def joined(asked: str, stored: str) -> str:
    """The transform of a match: what was done to the asked picture, and to the held one."""
    return name_of(*asked.split("+"), *stored.split("+"))


def to_store(fingerprints: Iterable[Fingerprint]) -> tuple[Fingerprint, ...]:
    """Those that stand in the database; the rest only ask."""
    return tuple(one for one in fingerprints if one.transform in STORED)


def to_ask(fingerprints: Iterable[Fingerprint]) -> Iterator[tuple[str, bytes]]:
    """Each transform with the value to look for. A negative's value is the complement: every comparison of two
    coefficients turns round, so a value at 225 bits or more of 256 is within 31 of the complement. Not so of evened tones,
    whose bright end is another than the dark one."""
    for one in fingerprints:
        yield one.transform, one.value
        if not has(TONE, one.transform):
            yield _negative_of(one.transform), one.value.translate(_COMPLEMENT)


_COMPLEMENT = bytes(byte ^ 0xFF for byte in range(256))


@lru_cache(maxsize=64)
def _negative_of(transform: str) -> str:
    return name_of(NEGATIVE, *transform.split("+"))
