"""How many requests there may be: never more than a bucket holds, for all processes together."""

import itertools
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from concord.access.rate import ADDRESS_FACTOR, BURST_SECONDS, NANOSECONDS, Rates, after
from concord.errors import TooManyRequests


@given(st.integers(1, 1000), st.lists(st.integers(0, 2 * NANOSECONDS), max_size=200), st.integers(0, 2**63))
def test_never_more_than_a_burst_and_the_rate_since(per_second: int, pauses: list[int], begin: int) -> None:
    full_at, let_through = 0, 0
    for now in itertools.accumulate(pauses, initial=begin):
        try:
            full_at = after(full_at, now, per_second)
            let_through += 1
        except TooManyRequests as refused:
            assert refused.facts["seconds"] >= 1
            after(full_at, now + refused.facts["seconds"] * NANOSECONDS, per_second)  # as it says
    assert let_through <= per_second * (BURST_SECONDS + sum(pauses) / NANOSECONDS) + 1


def test_what_an_earlier_start_of_the_machine_left_counts_for_nothing() -> None:
    assert after(10**18, 5, 100) == 5 + NANOSECONDS // 100


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "rates"


def _most(demand: object) -> int:
    for count in itertools.count():
        try:
            demand()  # type: ignore[operator]
        except TooManyRequests:
            return count
    raise AssertionError


def test_a_token_a_session_and_an_address_have_buckets_of_their_own(path: Path) -> None:
    rates = Rates(path, b"key", 3, ticks=lambda: 1)
    assert _most(lambda: rates.demand_of_token("one")) == 3 * BURST_SECONDS
    assert _most(lambda: rates.demand_of_token("another")) == 3 * BURST_SECONDS
    assert _most(lambda: rates.demand_of_session("one")) == 3 * BURST_SECONDS
    assert _most(lambda: rates.demand_of_address("192.0.2.1")) == 3 * BURST_SECONDS * ADDRESS_FACTOR
    rates.close()


def test_one_household_is_one_source_and_a_proxy_on_this_machine_none(path: Path) -> None:
    rates = Rates(path, b"key", 1, ticks=lambda: 1)
    assert _most(lambda: rates.demand_of_address("2001:db8::1")) == BURST_SECONDS * ADDRESS_FACTOR
    with pytest.raises(TooManyRequests):
        rates.demand_of_address("2001:db8::2")
    for _ in range(2 * BURST_SECONDS * ADDRESS_FACTOR):
        rates.demand_of_address("127.0.0.1")
        rates.demand_of_address("::1")
    rates.close()


def test_processes_share_the_file_and_it_names_nobody(path: Path) -> None:
    first, second = Rates(path, b"key", 2, ticks=lambda: 1), Rates(path, b"key", 2, ticks=lambda: 1)
    shared = itertools.cycle([first, second])
    assert _most(lambda: next(shared).demand_of_token("a secret")) == 2 * BURST_SECONDS
    assert b"secret" not in path.read_bytes()
    assert path.stat().st_mode & 0o077 == 0
    first.close()
    second.close()
