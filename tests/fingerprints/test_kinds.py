"""What every kind must keep, shown on the examples that it brings along."""

import numpy as np
import pytest

from concord.fingerprints.kind import Example, Fingerprint, Kind, Luma
from concord.fingerprints.kinds import KINDS, fingerprint_all
from concord.fingerprints.pdq import distance_bits
from concord.fingerprints.transform import NONE, TONE, TRIM, TURNS, has, joined, name_of, to_store

from .orientations import ORIENTATIONS

EXAMPLES = [(kind, example) for kind in KINDS.values() for example in kind.examples]


@pytest.mark.parametrize("kind", KINDS.values(), ids=list(KINDS))
def test_a_kind_has_a_name_and_examples(kind: Kind) -> None:
    assert KINDS[kind.name] is kind
    assert kind.examples


@pytest.mark.parametrize(("kind", "example"), EXAMPLES)
def test_an_example_gives_its_value(kind: Kind, example: Example) -> None:
    assert len(example.value) == kind.size_bytes
    assert kind.measure(example.luma()) == (example.value, example.quality)


@pytest.mark.parametrize(("kind", "example"), EXAMPLES)
def test_an_altered_picture_matches_and_another_does_not(kind: Kind, example: Example) -> None:
    altered, _ = kind.measure(example.altered())
    other, _ = kind.measure(example.other())
    assert distance_bits(example.value, altered) <= kind.radius_bits
    assert distance_bits(example.value, other) > kind.radius_bits


def framed() -> Luma:
    return np.pad(EXAMPLES[0][1].luma(), 30)


def test_a_picture_without_borders_gets_eight_of_every_kind_and_eight_of_its_evened_tones() -> None:
    example = EXAMPLES[0][1]
    made = fingerprint_all(example.luma(), "pillow 1.2.3")
    assert [one.kind for one in made] == [name for name in KINDS for _ in range(16)]
    assert {one.transform for one in made} == {NONE, *TURNS, *(name_of(TONE, turn) for turn in (NONE, *TURNS))}
    assert made[0] == Fingerprint("pdq", "none", example.value, example.quality, "pillow 1.2.3")


def test_a_picture_with_borders_gets_as_many_again_without_them() -> None:
    made = fingerprint_all(framed(), "pillow 1.2.3")
    bare = fingerprint_all(EXAMPLES[0][1].luma(), "pillow 1.2.3")
    assert len(made) == 32 * len(KINDS)
    assert [one.transform for one in to_store(made)] == ["none", "tone", "trim", "trim+tone"] * len(KINDS)
    trimmed = [one for one in made if has(TRIM, one.transform)]
    assert [(one.value, one.quality) for one in trimmed] == [(one.value, one.quality) for one in bare]
    assert [one.transform for one in trimmed] == [joined(one.transform, TRIM) for one in bare]


@pytest.mark.parametrize("kind", KINDS.values(), ids=list(KINDS))
def test_a_float_picture_is_measured_like_one_of_bytes(kind: Kind) -> None:
    luma = kind.examples[0].luma()
    assert fingerprint_all(luma.astype(np.float32), "x") == fingerprint_all(luma, "x")


@pytest.mark.parametrize(("kind", "example"), EXAMPLES)
def test_a_turn_is_measured_as_the_picture_turned_so(kind: Kind, example: Example) -> None:
    turned, quality = kind.measure_all(example.luma())
    assert (turned[NONE], quality) == kind.measure(example.luma())
    for name, turn in ORIENTATIONS.items():
        value, _ = kind.measure(np.ascontiguousarray(turn(example.luma())))
        nearest = min(turned, key=lambda known: distance_bits(turned[known], value))
        assert (nearest, distance_bits(turned[name], value) <= kind.radius_bits) == (name, True)


@pytest.mark.parametrize(("kind", "example"), EXAMPLES)
def test_another_curve_of_brightness_leaves_evened_tones_alone(kind: Kind, example: Example) -> None:
    brighter = (255 * (example.luma() / 255) ** 0.4).astype(np.uint8)
    (before, _), (after, _) = kind.measure_all(example.luma()), kind.measure_all(brighter)
    apart = {way: distance_bits(before[way], after[way]) for way in (NONE, TONE)}
    assert apart[TONE] <= 8 < apart[NONE]


def test_a_plain_picture_is_below_the_floor_and_has_no_tones_to_even() -> None:
    plain = np.full((200, 300), 128, np.uint8)
    for kind in KINDS.values():
        assert set(kind.measure_all(plain)[0]) == {NONE, *TURNS}
        _, quality = kind.measure(plain)
        assert quality is not None
        assert quality < kind.quality_floor
