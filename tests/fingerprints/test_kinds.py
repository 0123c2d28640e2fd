"""What every kind must keep, shown on the examples that it brings along."""

import numpy as np
import pytest

from concord.fingerprints.kind import Example, Fingerprint, Kind
from concord.fingerprints.kinds import KINDS, fingerprint_all
from concord.fingerprints.pdq import distance_bits

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


def test_a_picture_gets_one_fingerprint_of_every_kind_with_its_decoder() -> None:
    luma = EXAMPLES[0][1].luma()
    made = fingerprint_all(luma, "pillow 1.2.3")
    assert [one.kind for one in made] == list(KINDS)
    assert made[0] == Fingerprint("pdq", EXAMPLES[0][1].value, EXAMPLES[0][1].quality, "pillow 1.2.3")


def test_a_plain_picture_is_below_the_floor() -> None:
    plain = np.full((200, 300), 128, np.uint8)
    for kind in KINDS.values():
        _, quality = kind.measure(plain)
        assert quality is not None
        assert quality < kind.quality_floor
