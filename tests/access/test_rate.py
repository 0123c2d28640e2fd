"""How many requests there may be: never more than a bucket holds, for all processes together."""

import itertools
from pathlib import Path
from types import SimpleNamespace

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


@pytest.mark.parametrize(
    ("full_at", "found"),
    [
        (0, 11_000),  # long full: counted from now
        (9_999, 11_000),
        (10_000, 11_000),
        (10_001, 11_001),  # not yet: from then
        (10_000 + 10**10 - 1_000, 10_000 + 10**10),  # the last that fits
        (10_001 + 10**10, 11_000),  # further ahead than a bucket can be
    ],
)
def test_each_request_fills_the_bucket_by_its_share(full_at: int, found: int) -> None:
    """At a million a second one is a thousand nanoseconds; a bucket holds ten seconds."""
    assert after(full_at, 10_000, 1_000_000) == found


@pytest.mark.parametrize("beyond", [1, 1_000])
def test_a_full_bucket_says_in_whole_seconds_when_to_come_back(beyond: int) -> None:
    with pytest.raises(TooManyRequests) as refused:
        after(10_000 + 10**10 - 1_000 + beyond, 10_000, 1_000_000)
    assert refused.value.facts["seconds"] == 1


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "rates"


def _most(demand: object) -> int:
    for count in range(1000):
        try:
            demand()  # type: ignore[operator]
        except TooManyRequests:
            return count
    raise AssertionError("no end")


def test_a_token_a_session_and_an_address_have_buckets_of_their_own(path: Path) -> None:
    rates = Rates(path, b"key", 3, ticks=lambda: 1)
    assert _most(lambda: rates.demand_of_token("one")) == 30
    assert _most(lambda: rates.demand_of_token("another")) == 30
    assert _most(lambda: rates.demand_of_session("one")) == 30
    assert _most(lambda: rates.demand_of_address("192.0.2.1")) == 300
    rates.close()


def test_one_household_is_one_source_and_a_proxy_on_this_machine_none(path: Path) -> None:
    rates = Rates(path, b"key", 1, ticks=lambda: 1)
    assert _most(lambda: rates.demand_of_address("2001:db8::1")) == BURST_SECONDS * ADDRESS_FACTOR
    with pytest.raises(TooManyRequests):
        rates.demand_of_address("2001:db8::ffff:ffff:ffff:ffff")
    rates.demand_of_address("2001:db8:0:1::1")
    rates.demand_of_address("2001:db8:0:8000::1")
    for _ in range(200):
        rates.demand_of_address("no address")
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


def test_a_request_is_one_number_in_the_file_and_half_a_mebibyte_holds_all(path: Path) -> None:
    rates = Rates(path, b"key", 4, ticks=lambda: 7)
    for number in range(50):
        rates.demand_of_token(str(number))
    numbers = memoryview(path.read_bytes()).cast("Q").tolist()
    assert len(numbers) == 65_536
    held = [int.from_bytes(one.to_bytes(8, "little"), "big") for one in numbers if one]
    assert set(held) <= {7 + NANOSECONDS // 4 * share for share in (1, 2, 3)}  # two may have met
    assert sum(one - 7 for one in held) == 50 * NANOSECONDS // 4
    rates.close()


def test_nobody_else_reads_or_writes_a_number_meanwhile(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said = list[tuple[int, ...]]()

    def ticks() -> int:
        said.append(())
        return 1

    def lock(_: int, how: int, length: int, start: int) -> None:
        said.append((how, length, start))

    monkeypatch.setattr("concord.access.rate.fcntl", SimpleNamespace(LOCK_EX=1, LOCK_UN=2, lockf=lock))
    rates = Rates(path, b"key", 1, ticks)
    rates.demand_of_token("one")
    (taken, length, start), (), (left, *same) = said
    assert (taken, length, left, same) == (1, 8, 2, [length, start])
    assert start % 8 == 0
    assert any(path.read_bytes()[start : start + 8])
    rates.close()


def test_what_is_closed_holds_nothing(path: Path) -> None:
    rates = Rates(path, b"key", 1, ticks=lambda: 1)
    rates.close()
    assert str(path) not in Path("/proc/self/maps").read_text()
    assert path not in {Path(one).resolve() for one in Path("/proc/self/fd").iterdir()}
