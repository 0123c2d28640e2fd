"""Where wrong tries come from: an address, a network of IPv6, a session; told apart by a keyed hash."""

import ipaddress
import uuid

from hypothesis import given
from hypothesis import strategies as st

from concord.access.tries import source_of_address, source_of_session

KEY = b"k" * 32


@given(st.ip_addresses(v=6), st.integers(0, 2**64 - 1))
def test_a_network_of_ipv6_is_one_source(address: ipaddress.IPv6Address, low: int) -> None:
    neighbour = ipaddress.IPv6Address(int(address) >> 64 << 64 | low)
    assert source_of_address(KEY, "typed", str(address)) == source_of_address(KEY, "typed", str(neighbour))


@given(st.ip_addresses(v=4), st.ip_addresses(v=4))
def test_each_address_of_ipv4_is_its_own(one: ipaddress.IPv4Address, other: ipaddress.IPv4Address) -> None:
    same = source_of_address(KEY, "typed", str(one)) == source_of_address(KEY, "typed", str(other))
    assert same == (one == other)


@given(st.text())
def test_what_is_no_address_is_a_source_as_well(text: str) -> None:
    assert len(source_of_address(KEY, "typed", text.encode(errors="replace").decode())) == 32


def test_uses_keys_and_sessions_are_told_apart() -> None:
    sources = {
        source_of_address(KEY, "typed", "10.0.0.1"),
        source_of_address(KEY, "shown", "10.0.0.1"),
        source_of_address(b"j" * 32, "typed", "10.0.0.1"),
        source_of_session(KEY, uuid.UUID(int=1)),
        source_of_session(KEY, uuid.UUID(int=2)),
    }
    assert len(sources) == 5
