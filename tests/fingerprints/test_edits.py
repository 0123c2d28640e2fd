"""A short form of `./run bench edits`: what the near comparison promises about copies, on a few photographs.

The synthetic world is always there; the shared photographs where they are on the machine. A dark photograph that fades
into a black bar is none of them: what share of those is found, the benchmark tells.
"""

import io
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path

import pytest
import simplejpeg
from benchmarks.changes import CHANGES, Change, copy_of
from benchmarks.photographs import upright
from PIL import Image

from concord.fingerprints.kind import Fingerprint
from concord.fingerprints.kinds import KINDS, fingerprint_all
from concord.fingerprints.pdq import distance_bits
from concord.fingerprints.transform import TONE, has, joined, to_ask, to_store
from concord.training.story import make_world

RADIUS_BITS = KINDS["pdq"].radius_bits

# What is found, and by which transform.
TRANSFORMS = {
    "JPEG quality 50": "none",
    "resized to 0.5": "none",
    "grey": "none",
    "blurred, 2 pixels": "none",
    "noise, deviation 10": "none",
    "small watermark": "none",
    "border 10 %": "trim",
    "letterbox": "trim",
    "coloured edge on one side": "trim",
    "caption bar 20 %": "trim",
    "desktop window": "trim",
    "phone screenshot": "trim",
    "mirrored": "mirror",
    "upside down": "flip",
    "turned by 90": "rotate-90",  # the copy is turned anticlockwise, so the way back is clockwise
    "turned by 180": "rotate-180",
    "turned by 270": "rotate-270",
    "turned and bordered": "trim+rotate-90",
    "negative": "negative",
}


def change_named(name: str) -> Change:
    return next(change for change in CHANGES if change.name == name)


def fingerprints_of(file: bytes) -> tuple[Fingerprint, ...]:
    return fingerprint_all(simplejpeg.decode_jpeg(file, "GRAY")[:, :, 0], "simplejpeg")


def nearest(asked: Sequence[Fingerprint], held: Sequence[Fingerprint]) -> tuple[int, str]:
    """Distance in bits and the transform that an answer would tell: evened tones only where it is not found otherwise."""
    found = [
        (distance_bits(value, one.value), joined(transform, one.transform))
        for transform, value in to_ask(asked)
        for one in to_store(held)
    ]
    told = [near for near in found if near[0] <= RADIUS_BITS and not has(TONE, near[1])]
    return min(told or found)


@pytest.fixture(scope="module")
def views() -> list[Image.Image]:
    world = make_world(23, rooms=6, views=3)
    keys = [one.key for one in world.pictures if one.key.endswith("view-1")]
    return [upright(Image.open(io.BytesIO(world.picture(key)))) for key in keys[:4]]


@pytest.fixture(scope="module")
def photographs(shared_data: Path) -> list[Image.Image]:
    names = ("places/church/02928139_3448003521.jpg", "places/livingroom/00098.jpg")
    names += ("pictures/bridge-mods/aaa-orig.jpg", "pictures/misc/pen-and-coaster.png")
    return [upright(Image.open(shared_data / name)) for name in names]


@pytest.mark.parametrize("name", TRANSFORMS)
def test_a_copy_of_a_synthetic_view_is_found_by_its_transform(name: str, views: list[Image.Image]) -> None:
    for number, view in enumerate(views):
        held = fingerprints_of(copy_of(view, change_named("JPEG quality 90"), number))
        distance, transform = nearest(fingerprints_of(copy_of(view, change_named(name), number)), held)
        assert (distance <= RADIUS_BITS, transform) == (True, TRANSFORMS[name]), (number, distance)


@pytest.mark.parametrize("name", TRANSFORMS)
def test_a_copy_of_a_shared_photograph_is_found(name: str, photographs: list[Image.Image]) -> None:
    for number, one in enumerate(photographs):
        held = fingerprints_of(copy_of(one, change_named("JPEG quality 90"), number))
        distance, _ = nearest(fingerprints_of(copy_of(one, change_named(name), number)), held)
        assert distance <= RADIUS_BITS, number


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("brightness x 1.4", "places/livingroom/00056.jpg"),
        ("large text", "places/riverview/21_dsc0082.jpg"),
    ],
)
def test_a_copy_with_other_tones_is_found_by_evened_ones_alone(name: str, place: str, shared_data: Path) -> None:
    one = upright(Image.open(shared_data / place))
    held, asked = (fingerprints_of(copy_of(one, change_named(how), 0)) for how in ("JPEG quality 90", name))
    distance, transform = nearest(asked, held)
    assert (distance <= RADIUS_BITS, transform) == (True, "tone"), distance
    distance, _ = nearest(*([each for each in side if not has(TONE, each.transform)] for side in (asked, held)))
    assert distance > RADIUS_BITS


def test_unrelated_pictures_are_near_in_no_transform(views: list[Image.Image], photographs: list[Image.Image]) -> None:
    prints = [fingerprints_of(copy_of(one, change_named("letterbox"), 0)) for one in views + photographs]
    assert min(nearest(asked, held)[0] for asked, held in combinations(prints, 2)) > 2 * RADIUS_BITS
