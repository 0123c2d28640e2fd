"""What the keeper decides, without any server."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from concord.database.keeper import Idleness, bound_log, watch_pause

looks = st.lists(st.tuples(st.floats(0, 5), st.booleans(), st.booleans()), max_size=40)


@given(linger=st.floats(0, 20), looks=looks)
def test_the_server_is_idle_only_when_a_whole_linger_has_passed_without_any_use(
    linger: float, looks: list[tuple[float, bool, bool]]
) -> None:
    idleness, now, mark, last_use = Idleness(linger, since=0.0, last_mark=1), 0.0, 1, 0.0
    for pause, used, visited in looks:
        now += pause
        mark += visited
        if used or visited:
            last_use = now
        assert idleness.over(now, used=used, mark=mark) == (not used and not visited and now - last_use >= linger)


@given(st.floats(0, 3600))
def test_the_keeper_looks_neither_too_often_nor_too_seldom(linger: float) -> None:
    assert 0.05 <= watch_pause(linger) <= 1.0


def test_a_short_linger_is_kept_more_closely() -> None:
    assert watch_pause(0.4) < watch_pause(2.0) < watch_pause(10.0) == watch_pause(100.0)


def test_a_log_that_has_grown_too_large_is_cut_and_its_writers_go_on(tmp_path: Path) -> None:
    log = tmp_path / "server.log"
    with log.open("ab", buffering=0) as writer:
        writer.write(b"x" * 11)
        bound_log(log, limit_bytes=10)
        writer.write(b"after")
    assert log.read_bytes() == b"after"
    assert (tmp_path / "server.log.1").read_bytes() == b"x" * 11


@pytest.mark.parametrize("size_bytes", [0, 10])
def test_a_log_within_its_bound_is_left_alone(tmp_path: Path, size_bytes: int) -> None:
    log = tmp_path / "server.log"
    log.write_bytes(b"x" * size_bytes)
    bound_log(log, limit_bytes=10)
    assert log.stat().st_size == size_bytes
    assert list(tmp_path.iterdir()) == [log]
