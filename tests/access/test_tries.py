"""Where wrong tries come from: an address, a network of IPv6, a session; told apart by a keyed hash."""

import hmac
import ipaddress
import secrets
import uuid
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from concord.access.tries import (
    MOST_OF_SESSION,
    MOST_SHOWN,
    MOST_TYPED,
    WINDOW_SECONDS,
    count_wrong_try,
    demand_tries_left,
    source_of_address,
    source_of_session,
)
from concord.actions.installation import Installation
from concord.errors import TooManyTries
from concord.values import utc_now

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


def test_the_numbers_are_the_pages() -> None:
    """docs/sign-in.md."""
    assert (WINDOW_SECONDS, MOST_TYPED, MOST_OF_SESSION, MOST_SHOWN) == (300, 20, 10, 100)


def test_a_source_waits_when_it_was_wrong_too_often_until_its_window_ends(installation: Installation) -> None:
    source, other, at = secrets.token_bytes(32), secrets.token_bytes(32), utc_now()
    for _ in range(3):
        demand_tries_left(source, 3, at)
        count_wrong_try(source, at)
    for later, seconds in ((0, 300), (299, 1)):
        with pytest.raises(TooManyTries) as refused:
            demand_tries_left(source, 3, at + timedelta(seconds=later))
        assert refused.value.facts["seconds"] == seconds
    demand_tries_left(source, 4, at)
    demand_tries_left(other, 3, at)
    demand_tries_left(source, 3, at + timedelta(seconds=300))


@given(st.ip_addresses(v=6), st.integers(64, 127))
def test_another_network_of_ipv6_is_another_source(address: ipaddress.IPv6Address, bit: int) -> None:
    stranger = ipaddress.IPv6Address(int(address) ^ 1 << bit)
    assert source_of_address(KEY, "typed", str(address)) != source_of_address(KEY, "typed", str(stranger))


def test_the_hash_is_keyed_by_hmac_sha256() -> None:
    text = b"typed 192.0.2.7/32"
    assert source_of_address(KEY, "typed", "192.0.2.7") == hmac.digest(KEY, text, "sha256")
