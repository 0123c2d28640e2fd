"""What goes by the clock goes on after the database was away."""

import threading

import pytest

from concord.actions.installation import Installation
from concord.actions.watching import watching
from concord.database.acting import before_anybody, rows

PATIENCE_SECONDS = 120.0  # a bound against hanging


def test_a_watch_goes_on_after_its_connection_was_lost(
    installation: Installation, caplog: pytest.LogCaptureFixture
) -> None:
    looks, went_on = list[int](), threading.Event()

    def look() -> None:
        looks.append(1)
        with before_anybody():
            if len(looks) == 1:
                rows("select pg_terminate_backend(pg_backend_pid())", [])
            rows("select 1", [])
        went_on.set()

    watch = watching(look, "nobody looked", pause_seconds=0.01)
    try:
        assert went_on.wait(PATIENCE_SECONDS)
    finally:
        watch.end()
    assert [record.getMessage().partition(":")[0] for record in caplog.records] == ["nobody looked"]
