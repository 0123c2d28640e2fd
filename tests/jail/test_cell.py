"""What a stream may take. That a worker is held to it is tested in test_pool.py."""

from concord.jail.cell import Patience


def patience() -> Patience:
    """Of an item that began when its worker had used 100 seconds, and has waited for 3 of 32."""
    return Patience(cpu_seconds=4, deadline_seconds=32, end_cpu_seconds=104, left_seconds=29)


def test_each_part_may_take_as_much_as_an_item() -> None:
    one = patience()
    one.renew(105.5, most_cpu_seconds=1000)  # the first took 1.5 seconds
    assert (one.end_cpu_seconds, one.left_seconds) == (105.5, 32)


def test_all_parts_together_take_no_more_than_was_granted() -> None:
    one = patience()
    for end_cpu_seconds in (106.0, 109.0, 200.0, 300.0):
        one.renew(end_cpu_seconds, most_cpu_seconds=10)
    assert one.end_cpu_seconds == 110
    assert "more than 10 seconds" in one.cpu_spent


def test_all_parts_together_wait_in_proportion() -> None:
    one = patience()
    waited_seconds = 3.0
    while one.left_seconds > 0:
        one.left_seconds = 0.0 if one.left_seconds < 32 else 2.0  # of each part 30 seconds pass
        waited_seconds += 30
        one.renew(None, most_cpu_seconds=8)
        assert waited_seconds < 32 * 8
    assert one.waited_seconds >= 32 * 2


def test_where_the_system_tells_no_processor_time_only_the_wait_is_renewed() -> None:
    one = Patience(4, 32, None, 1)
    one.renew(None, most_cpu_seconds=1000)
    assert (one.end_cpu_seconds, one.left_seconds) == (None, 32)
