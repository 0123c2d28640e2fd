import errno
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from concord.config import Limits
from concord.errors import DecodingOverran, UnreadableFile, VaultUnavailable, WorkerUnavailable
from concord.jail import pool
from concord.jail.cell import ITEMS_BETWEEN_LOOKS
from concord.jail.findings import EXAMINE_PICTURE, PictureFindings
from concord.jail.messages import Job
from concord.jail.pool import WINDOW_PER_WORKER, Jail
from concord.jail.walls import ALL_WALLS
from tests.database.processes import gone, wait_until

from .conftest import Descriptor
from .scenes import greedy_png, jpeg, scene, slow_jpeg

SLOW = slow_jpeg()
PROBES = (str(Path(__file__).with_name("probe_worker.py")), "all")
COUNT, READ = Job("count", int), Job("read_back", bytes)


@pytest.fixture
def jail() -> Iterator[Jail]:
    with Jail(workers=1) as made:
        yield made


def examine(jail: Jail, descriptor: int, item: str = "item") -> PictureFindings:
    return jail.run(EXAMINE_PICTURE, descriptor, item)


def wait_until_busy(process_id: int) -> None:
    process = psutil.Process(process_id)
    idle_seconds = process.cpu_times().user
    wait_until(lambda: process.cpu_times().user >= idle_seconds + 0.2)


def test_a_worker_is_started_when_first_needed_and_kept(jail: Jail, descriptor_of: Descriptor) -> None:
    assert list(jail.process_ids) == []
    descriptor = descriptor_of(jpeg())
    first = examine(jail, descriptor)
    kept = jail.process_ids
    assert len(kept) == 1
    assert examine(jail, descriptor) == first
    assert jail.process_ids == kept


def test_no_more_workers_than_allowed_serve_many_threads(descriptor_of: Descriptor) -> None:
    descriptors = [descriptor_of(jpeg(scene(seed=number))) for number in range(12)]
    with Jail(workers=2) as jail, ThreadPoolExecutor(6) as threads:
        found = list(threads.map(lambda descriptor: examine(jail, descriptor), descriptors))
        assert len(jail.process_ids) <= 2
    assert len({one.digests.sha256 for one in found}) == 12
    assert all(one.fault is None for one in found)


@pytest.mark.parametrize("sign", [signal.SIGKILL, signal.SIGSEGV])
def test_a_worker_killed_at_work_fails_its_item_and_the_next_goes_on(
    jail: Jail, descriptor_of: Descriptor, sign: signal.Signals
) -> None:
    good, slow = descriptor_of(jpeg()), descriptor_of(SLOW)
    expected = examine(jail, good)
    (victim,) = jail.process_ids
    with ThreadPoolExecutor(1) as thread:
        working = thread.submit(examine, jail, slow, "slow.jpg")
        wait_until_busy(victim)
        os.kill(victim, sign)
        with pytest.raises(DecodingOverran, match=rf"slow\.jpg.*{sign.name}"):
            working.result()
    assert examine(jail, good) == expected
    assert victim not in jail.process_ids


def test_a_worker_killed_while_idle_costs_no_item(jail: Jail, descriptor_of: Descriptor) -> None:
    good = descriptor_of(jpeg())
    expected = examine(jail, good)
    (victim,) = jail.process_ids
    os.kill(victim, signal.SIGKILL)
    wait_until(lambda: gone(victim))
    assert examine(jail, good) == expected


def test_an_item_that_takes_too_much_processor_time_is_stopped(
    descriptor_of: Descriptor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "WALL_FACTOR", 600)  # on a busy machine the other limit may come first
    with Jail(workers=1, limits=Limits(decode_seconds=1)) as jail:
        with pytest.raises(DecodingOverran, match=r"slow\.jpg.*more than 1 seconds of processor time"):
            examine(jail, descriptor_of(SLOW), "slow.jpg")
        assert examine(jail, descriptor_of(jpeg())).fault is None


def test_an_item_that_never_ends_is_stopped(descriptor_of: Descriptor) -> None:
    with Jail(workers=1, limits=Limits(decode_seconds=1)) as jail:
        good = descriptor_of(jpeg())
        examine(jail, good)
        os.kill(jail.process_ids[0], signal.SIGSTOP)
        with pytest.raises(DecodingOverran, match=r"stuck\.jpg.*no answer within 8 seconds"):
            examine(jail, good, "stuck.jpg")
        assert examine(jail, good).fault is None


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits the address space")
def test_an_item_that_needs_too_much_memory_is_stopped(descriptor_of: Descriptor) -> None:
    with Jail(workers=1, limits=replace(Limits(), decode_memory_bytes=400 << 20)) as jail:
        with pytest.raises(DecodingOverran, match=r"greedy\.png.*more than 400 MiB"):
            examine(jail, descriptor_of(greedy_png()), "greedy.png")
        assert examine(jail, descriptor_of(jpeg())).fault is None


def test_every_wall_is_in_force_or_its_lack_is_told_with_the_reason(jail: Jail) -> None:
    missing = {wall.partition(" (")[0] for wall in jail.missing_walls()}
    for wall in ALL_WALLS:
        assert (wall in jail.walls()) is not (wall in missing)


def test_an_answer_names_the_walls_around_the_worker_that_made_it(jail: Jail, descriptor_of: Descriptor) -> None:
    answered = jail.answer(EXAMINE_PICTURE, descriptor_of(jpeg()), "item")
    assert answered.walls == jail.walls()
    assert answered.result.fault is None


# ---- jobs of the tests --------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def probes() -> Iterator[Jail]:
    with Jail(workers=1, program=PROBES) as made:
        yield made


def test_a_stream_comes_part_by_part(probes: Jail, descriptor_of: Descriptor) -> None:
    assert list(probes.stream(COUNT, descriptor_of(b"x"), "item", to=1000)) == list(range(1000))
    assert list(probes.stream(COUNT, descriptor_of(b"x"), "item", to=0)) == []


def test_what_fails_on_the_way_comes_after_the_parts_before_it(probes: Jail, descriptor_of: Descriptor) -> None:
    parts = probes.stream(Job("count_and_fail", int), descriptor_of(b"x"), "item", to=3)
    assert [next(parts), next(parts), next(parts)] == [0, 1, 2]
    with pytest.raises(UnreadableFile, match=r"item.*that was all"):
        next(parts)


def test_items_are_run_while_a_stream_is_read(probes: Jail, descriptor_of: Descriptor) -> None:
    outer, inner = descriptor_of(b"x"), descriptor_of(b"words")
    for number in probes.stream(COUNT, outer, "outer", to=5):
        assert probes.run(READ, inner, "inner", at=number, size=1) == b"words"[number : number + 1]
        assert list(probes.stream(COUNT, outer, "third", to=2)) == [0, 1]


def test_a_stream_that_is_left_ends_its_worker_and_no_other(probes: Jail, descriptor_of: Descriptor) -> None:
    before = set(probes.process_ids)
    parts = probes.stream(COUNT, descriptor_of(b"x"), "item", to=10_000_000)
    assert next(parts) == 0
    (streaming,) = {*probes.process_ids} - before or before
    parts.close()  # type: ignore[attr-defined]
    assert streaming not in probes.process_ids
    assert list(probes.stream(COUNT, descriptor_of(b"x"), "item", to=2)) == [0, 1]


def test_a_stream_that_takes_too_long_is_stopped(descriptor_of: Descriptor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "WALL_FACTOR", 600)
    with Jail(workers=1, limits=Limits(decode_seconds=1), program=PROBES) as jail:
        parts = jail.stream(Job("count_and_spin", int), descriptor_of(b"x"), "item", to=2)
        assert [next(parts), next(parts)] == [0, 1]
        with pytest.raises(DecodingOverran, match="more than 1 seconds of processor time"):
            next(parts)


def test_a_stream_is_no_answer_to_a_question_for_one_thing(probes: Jail, descriptor_of: Descriptor) -> None:
    with pytest.raises(DecodingOverran, match="no proper answer"):
        probes.run(COUNT, descriptor_of(b"x"), "item", to=2)
    assert list(probes.stream(COUNT, descriptor_of(b"x"), "item", to=2)) == [0, 1]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells the processor time of another process")
def test_a_worker_that_is_deaf_to_the_kernels_sign_is_stopped_from_outside(
    descriptor_of: Descriptor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "WALL_FACTOR", 600)
    with Jail(workers=1, limits=Limits(decode_seconds=1), program=PROBES) as jail:
        with pytest.raises(DecodingOverran, match="more than 1 seconds of processor time"):
            jail.run(Job("spin_deaf", type(None)), descriptor_of(b"x"), "item")
        assert jail.process_ids == ()


@pytest.mark.parametrize(("job", "cause"), [("give_up", "SIGABRT"), ("import_late", "ModuleNotFoundError")])
def test_a_worker_that_gives_up_says_how(probes: Jail, descriptor_of: Descriptor, job: str, cause: str) -> None:
    with pytest.raises(DecodingOverran, match=cause):
        probes.run(Job(job, type(None)), descriptor_of(b"x"), "item")


def test_a_worker_that_had_its_share_of_items_is_replaced(descriptor_of: Descriptor) -> None:
    descriptor = descriptor_of(b"words")
    with Jail(workers=1, limits=Limits(worker_items=3), program=PROBES) as jail:
        seen = []
        for _ in range(6):
            jail.run(READ, descriptor, "item", at=0, size=1)
            seen.append(jail.process_ids)
    first, second = seen[0], seen[3]
    assert seen == [first, first, (), second, second, ()]
    assert first != second


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux shows how large another process is")
def test_a_worker_that_keeps_memory_is_replaced(descriptor_of: Descriptor) -> None:
    descriptor = descriptor_of(b"words")
    with Jail(workers=1, limits=Limits(worker_growth_bytes=64 << 20), program=PROBES) as jail:
        for _ in range(ITEMS_BETWEEN_LOOKS):
            assert len(jail.process_ids) <= 1
            jail.run(Job("keep", type(None)), descriptor, "item", size=5 << 20)
        assert jail.process_ids == ()


class Held:
    """Bytes as a source; it fails where it is told to."""

    def __init__(self, data: bytes, error: Exception | None = None) -> None:
        self.data, self.error = data, error
        self.size_bytes = len(data)

    def read_at(self, offset_bytes: int, length_bytes: int) -> bytes:
        if self.error:
            raise self.error
        return self.data[offset_bytes : offset_bytes + length_bytes]


def test_ranges_and_a_file_give_the_same(jail: Jail, descriptor_of: Descriptor) -> None:
    assert examine(jail, descriptor_of(jpeg())) == jail.run(EXAMINE_PICTURE, Held(jpeg()), "item")


def test_a_source_larger_than_the_workers_memory_is_read_where_it_is_wanted(probes: Jail) -> None:
    class Endless(Held):
        def read_at(self, offset_bytes: int, length_bytes: int) -> bytes:
            return bytes([offset_bytes >> 32 & 255]) * length_bytes

    source = Endless(b"")
    source.size_bytes = 1 << 40
    assert probes.run(READ, source, "item", at=3 << 32, size=100) == bytes([3]) * 100


def test_what_a_source_raises_is_raised_and_not_what_the_worker_made_of_it(probes: Jail) -> None:
    with pytest.raises(VaultUnavailable, match="the line is cut"):
        probes.run(READ, Held(b"words", VaultUnavailable(cause="the line is cut")), "item", at=0, size=1)
    with pytest.raises(UnreadableFile, match=r"item.*Input/output error"):
        probes.run(READ, Held(b"words", OSError(errno.EIO, "")), "item", at=0, size=1)
    assert probes.run(READ, Held(b"words"), "item", at=1, size=2) == b"or"


@pytest.mark.parametrize(("program", "cause"), [("/nowhere/python", "No such file"), ("/bin/false", "does not answer")])
def test_a_worker_that_cannot_start_says_why(monkeypatch: pytest.MonkeyPatch, program: str, cause: str) -> None:
    monkeypatch.setattr(sys, "executable", program)
    with Jail(workers=1) as jail, pytest.raises(WorkerUnavailable, match=cause):
        jail.missing_walls()


def test_a_worker_that_fails_while_it_starts_leaves_its_last_words() -> None:
    limits = Limits(decode_memory_bytes="much")  # type: ignore[arg-type]
    with Jail(workers=1, limits=limits) as jail, pytest.raises(WorkerUnavailable, match="ValidationError"):
        jail.missing_walls()


def test_a_closed_jail_has_no_workers_left_and_takes_no_item(descriptor_of: Descriptor) -> None:
    descriptor = descriptor_of(jpeg())
    jail = Jail(workers=1)
    examine(jail, descriptor)
    (process_id,) = jail.process_ids
    jail.close()
    assert not psutil.pid_exists(process_id)
    with pytest.raises(WorkerUnavailable, match="closed"):
        examine(jail, descriptor)


def test_closing_ends_an_item_under_way(descriptor_of: Descriptor) -> None:
    jail, slow, good = Jail(workers=1), descriptor_of(SLOW), descriptor_of(jpeg())
    examine(jail, good)
    with ThreadPoolExecutor(1) as thread:
        working = thread.submit(examine, jail, slow)
        wait_until_busy(jail.process_ids[0])
        jail.close()
        with pytest.raises(DecodingOverran):
            working.result()


def test_results_come_in_the_order_of_the_inputs() -> None:
    def slow_when_even(number: int) -> int:
        time.sleep(0.003 * (number % 2 == 0))
        return number * number

    with Jail(workers=4) as jail:
        assert list(jail.map(slow_when_even, range(300))) == [number * number for number in range(300)]
        assert jail.process_ids == ()


def test_only_a_window_is_read_ahead_and_every_thread_is_used() -> None:
    taken, threads = 0, set()
    both = threading.Barrier(2)  # the first two are worked on side by side, or neither ends

    def inputs() -> Iterator[int]:
        nonlocal taken
        for number in range(1, 100_001):
            taken = number
            yield number

    def task(number: int) -> int:
        threads.add(threading.get_ident())
        if number <= 2:
            both.wait(timeout=180)
        time.sleep(0.002)
        return number

    results = Jail(workers=2).map(task, inputs())
    assert next(results) == 1
    assert taken <= 2 * WINDOW_PER_WORKER
    assert len(threads) == 2
    results.close()  # type: ignore[attr-defined]
    assert taken <= 2 * WINDOW_PER_WORKER


LEAVES_A_WORKER = """
import os, sys
from concord.jail.pool import Jail
jail = Jail(workers=1)
jail.missing_walls()
print(jail.process_ids[0], flush=True)
os.kill(os.getpid(), 9)
"""


def test_a_killed_parent_leaves_no_worker_behind() -> None:
    ended = subprocess.run([sys.executable, "-c", LEAVES_A_WORKER], capture_output=True, text=True, check=False)
    assert ended.returncode == -signal.SIGKILL
    process_id = int(ended.stdout)
    wait_until(lambda: gone(process_id))
