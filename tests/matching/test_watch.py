"""Looking between questions."""

import pytest

from concord.errors import DatabaseUnavailable
from concord.matching import upkeep, watch
from concord.matching.watch import keep_looking


def test_it_looks_until_it_is_ended_also_after_a_look_that_failed(caplog: pytest.LogCaptureFixture) -> None:
    looks = list[int]()

    def look() -> None:
        looks.append(len(looks))
        if len(looks) == 2:
            raise DatabaseUnavailable(cause="away")

    pauses = iter([True, True, True, False])
    keep_looking(look, lambda: next(pauses), "nothing was seen")
    assert looks == [0, 1, 2, 3]
    assert [record.message.split(":")[0] for record in caplog.records] == ["nothing was seen"]


def test_an_hour_is_kept_with_a_third_of_it_to_spare() -> None:
    """A look that learns of a removal, half an hour of collecting, the next look, which erases."""
    assert 2 * watch.PAUSE_SECONDS + upkeep.ERASE_AFTER.total_seconds() <= 40 * 60
