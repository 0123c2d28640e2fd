"""The index of a journal against a dict, and what it takes."""

from hypothesis import given
from hypothesis import strategies as st

from concord.pocket.index import FIRST_SLOTS, Index, key_of

keys = st.integers(0, 2**64 - 1) | st.sampled_from([number << 10 for number in range(8)])  # these fall on one slot


@given(st.lists(st.tuples(keys, st.integers(1, 2**63))))
def test_it_gives_what_a_dict_gives(entries: list[tuple[int, int]]) -> None:
    index = Index()
    for key, place in entries:
        index.put(key, place)
    plain = dict(entries)
    assert len(index) == len(plain)
    assert {key: index.get(key) for key in plain} == plain
    assert all(index.get(key) == 0 for key in range(100) if key not in plain)


def test_it_grows_and_takes_some_tens_of_bytes_an_entry() -> None:
    index = Index()
    count = 20 * FIRST_SLOTS
    for number in range(count):
        index.put(key_of(f"{number}.jpg", number, 0), number + 1)
    assert [index.get(key_of(f"{number}.jpg", number, 0)) for number in range(count)] == list(range(1, count + 1))
    assert index.size_bytes <= 48 * count
