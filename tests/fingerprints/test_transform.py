"""Names of transforms, and which are stored and asked."""

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from concord.fingerprints.kind import Fingerprint
from concord.fingerprints.transform import NEGATIVE, NONE, STORED, TONE, TRIM, TURNS, joined, name_of, to_ask, to_store

STEPS = st.lists(st.sampled_from([NEGATIVE, TRIM, TONE, *TURNS]), max_size=3)
NAMES = st.builds(lambda steps: name_of(*steps), STEPS)


def measured(transform: str) -> Fingerprint:
    return Fingerprint("pdq", transform, bytes(range(32)), 80, "pillow 1.2.3")


@pytest.mark.parametrize("steps", [*permutations([NEGATIVE, TRIM, TONE, "rotate-90"])])
def test_the_steps_of_a_name_stand_in_one_order(steps: tuple[str, ...]) -> None:
    assert name_of(*steps) == "negative+trim+tone+rotate-90"


def test_no_step_is_none() -> None:
    assert name_of() == name_of(NONE) == NONE


@pytest.mark.parametrize(
    ("asked", "stored", "told"),
    [
        ("none", "none", "none"),
        ("trim", "none", "trim"),
        ("none", "trim", "trim"),
        ("trim", "trim", "trim"),
        ("mirror", "trim", "trim+mirror"),
        ("negative+rotate-270", "trim", "negative+trim+rotate-270"),
        ("none", "tone", "tone"),
        ("trim+tone+mirror", "tone", "trim+tone+mirror"),
        ("trim+mirror", "tone", "trim+tone+mirror"),
    ],
)
def test_what_is_told_joins_what_was_done_to_either(asked: str, stored: str, told: str) -> None:
    assert joined(asked, stored) == told


@given(asked=NAMES, stored=st.sampled_from(sorted(STORED)))
def test_joining_twice_changes_nothing(asked: str, stored: str) -> None:
    assert joined(joined(asked, stored), stored) == joined(asked, stored)


def test_only_what_needs_no_turning_is_stored() -> None:
    all_of_them = [measured(name) for name in (NONE, TRIM, TONE, "trim+tone", "mirror", "trim+rotate-90", "tone+flip")]
    assert [one.transform for one in to_store(all_of_them)] == [NONE, TRIM, TONE, "trim+tone"]


def test_each_is_asked_as_it_is_and_as_a_negative() -> None:
    asked = dict(to_ask([measured("mirror"), measured("trim")]))
    assert list(asked) == ["mirror", "negative+mirror", "trim", "negative+trim"]
    assert asked["mirror"] == bytes(range(32))
    assert all(a ^ b == 255 for a, b in zip(asked["mirror"], asked["negative+mirror"], strict=True))


def test_evened_tones_are_not_asked_as_a_negative() -> None:
    assert [name for name, _ in to_ask([measured("tone"), measured("tone+mirror")])] == ["tone", "tone+mirror"]
