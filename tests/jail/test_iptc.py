from hypothesis import given
from hypothesis import strategies as st

from concord.jail.iptc import RESOURCE_IPTC, read_iptc, resources

from .exifs import IPTC, IPTC_SAYS, dataset, resource


def said(data: bytes) -> set[tuple[str, str]]:
    return {(kind, text) for kind, text, _ in read_iptc(data)}


def test_times_programs_and_ids_are_read_and_names_are_not() -> None:
    assert said(IPTC) == IPTC_SAYS


def test_of_two_the_first_counts() -> None:
    assert said(dataset(2, 65, b"One") + dataset(2, 65, b"Two")) == {("software", "One ")}


def test_what_was_cut_off_leaves_what_stood_before() -> None:
    data = dataset(2, 65, b"One") + dataset(2, 55, b"20260301")
    assert said(data[:-1]) == {("software", "One ")}


def test_a_length_of_a_length_ends_it() -> None:
    assert said(b"\x1c\2\x41\x80\4\0\0\0\3One" + dataset(2, 55, b"20260301")) == set()


def test_resources_with_and_without_names_are_told_apart() -> None:
    data = resource(1005, b"odd") + resource(RESOURCE_IPTC, IPTC, b"a name") + resource(1, b"", b"odd")
    assert list(resources(data)) == [(1005, b"odd"), (RESOURCE_IPTC, IPTC), (1, b"")]


def test_what_is_no_resource_ends_them() -> None:
    assert list(resources(resource(1, b"ab") + b"9BIM" + resource(2, b"ab"))) == [(1, b"ab")]


@given(st.sampled_from([b"", b"\x1c\2\x41"]), st.binary(max_size=100))
def test_any_bytes_say_something_or_nothing(head: bytes, rest: bytes) -> None:
    said(head + rest)


@given(st.binary(max_size=100), st.integers(0, 40))
def test_any_resources_end(rest: bytes, cut: int) -> None:
    whole = resource(1, b"content", b"name")
    assert len(list(resources(whole[:cut] + rest))) <= 20
