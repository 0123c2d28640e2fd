from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from concord.training.rooms import Kind, make_room
from concord.training.solids import bounds_of

seeds = st.integers(0, 10**6)


@given(seed=seeds)
@settings(max_examples=40, deadline=None)
def test_everything_stands_inside_the_room(seed: int) -> None:
    room = make_room(seed)
    low, high = bounds_of(room.solids)
    assert all(value > -0.03 for value in low)
    assert all(value < size + 0.03 for value, size in zip(high, room.size, strict=True))


@given(seed=seeds)
@settings(max_examples=20, deadline=None)
def test_the_same_seed_gives_the_same_room(seed: int) -> None:
    first = make_room(seed)
    make_room.cache_clear()
    assert make_room(seed) == first


@given(seed=seeds)
@settings(max_examples=40, deadline=None)
def test_a_room_is_furnished_and_lit(seed: int) -> None:
    room = make_room(seed)
    assert len(room.solids) > 70
    assert room.glows
    assert room.daylight.strength > 0


def test_seeds_in_a_row_give_every_kind_of_room_and_no_two_alike() -> None:
    rooms = [make_room(seed) for seed in range(40, 40 + len(Kind))]
    assert {room.kind for room in rooms} == set(Kind)
    assert all(one.walls != other.walls and one.size != other.size for one, other in combinations(rooms, 2))
