import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import psutil
import pytest

from concord.config import Limits
from concord.errors import DecodingOverran, WorkerUnavailable
from concord.jail.findings import EXAMINE_PICTURE, PictureFindings
from concord.jail.pool import WINDOW_PER_WORKER, Jail

from .conftest import Descriptor
from .scenes import greedy_png, jpeg, scene, slow_jpeg

SLOW = slow_jpeg()


@pytest.fixture
def jail() -> Iterator[Jail]:
    with Jail(workers=1) as made:
        yield made


def examine(jail: Jail, descriptor: int, item: str = "item") -> PictureFindings:
    return jail.run(EXAMINE_PICTURE, descriptor, item)


def wait_until_busy(process_id: int) -> None:
    process = psutil.Process(process_id)
    idle_seconds = process.cpu_times().user
    while process.cpu_times().user < idle_seconds + 0.2:
        time.sleep(0.01)


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
    psutil.wait_procs([psutil.Process(victim)], timeout=0.5)
    assert examine(jail, good) == expected


def test_an_item_that_takes_too_much_processor_time_is_stopped(descriptor_of: Descriptor) -> None:
    with Jail(workers=1, limits=Limits(decode_seconds=1)) as jail:
        with pytest.raises(DecodingOverran, match=r"slow\.jpg.*more than 1 seconds of processor time"):
            examine(jail, descriptor_of(SLOW), "slow.jpg")
        assert examine(jail, descriptor_of(jpeg())).fault is None


def test_an_item_that_never_ends_is_stopped(descriptor_of: Descriptor) -> None:
    with Jail(workers=1, limits=Limits(decode_seconds=1)) as jail:
        good = descriptor_of(jpeg())
        examine(jail, good)
        os.kill(jail.process_ids[0], signal.SIGSTOP)
        with pytest.raises(DecodingOverran, match=r"stuck\.jpg.*no answer within 4 seconds"):
            examine(jail, good, "stuck.jpg")
        assert examine(jail, good).fault is None


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits the address space")
def test_an_item_that_needs_too_much_memory_is_stopped(descriptor_of: Descriptor) -> None:
    with Jail(workers=1, limits=replace(Limits(), decode_memory_bytes=400 << 20)) as jail:
        with pytest.raises(DecodingOverran, match=r"greedy\.png.*more than 400 MiB"):
            examine(jail, descriptor_of(greedy_png()), "greedy.png")
        assert examine(jail, descriptor_of(jpeg())).fault is None


def test_the_walls_that_are_missing_are_told(jail: Jail) -> None:
    assert jail.missing_walls() == () or sys.platform != "linux"


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
            both.wait(timeout=60)
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
    for _ in range(200):
        if not psutil.pid_exists(process_id) or psutil.Process(process_id).status() == psutil.STATUS_ZOMBIE:
            return
        time.sleep(0.05)
    pytest.fail("the worker still runs")
