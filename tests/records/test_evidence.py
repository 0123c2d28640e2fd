"""Which of several ways to the same stored fingerprint is told."""

from hypothesis import given
from hypothesis import strategies as st

from concord.records.evidence import Near, nearest

TRANSFORMS = ["none", "trim", "mirror", "negative+mirror"]


def test_the_shortest_way_is_told() -> None:
    assert nearest([("none", {7: 20}), ("mirror", {7: 4, 8: 30})]) == {7: Near(4, "mirror"), 8: Near(30, "mirror")}


def test_of_equal_ways_the_plainest_is_told() -> None:
    for ways in (["negative+mirror", "mirror", "none"], ["none", "mirror", "negative+mirror"]):
        assert nearest((way, {7: 12}) for way in ways) == {7: Near(12, "none")}


def test_evened_tones_are_told_only_where_it_is_not_found_otherwise() -> None:
    assert nearest([("tone", {7: 2, 8: 5}), ("trim", {7: 30})]) == {7: Near(30, "trim"), 8: Near(5, "tone")}


@given(st.dictionaries(st.sampled_from(TRANSFORMS), st.dictionaries(st.integers(0, 5), st.integers(0, 31))))
def test_every_number_found_is_told_at_its_least_distance(found: dict[str, dict[int, int]]) -> None:
    told = nearest(found.items())
    for number in {number for distances in found.values() for number in distances}:
        distances = [distances[number] for distances in found.values() if number in distances]
        assert told[number].distance == min(distances)
        assert found[told[number].transform][number] == min(distances)


@given(st.permutations([(name, {1: 3, 2: index}) for index, name in enumerate(TRANSFORMS)]))
def test_the_order_of_the_ways_does_not_matter(found: list[tuple[str, dict[int, int]]]) -> None:
    assert nearest(found) == nearest(sorted(found))
