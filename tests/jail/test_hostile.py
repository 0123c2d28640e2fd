"""The promise about hostile files: each is answered, at a bounded cost, and nothing outside notices."""

import subprocess
import sys

import msgspec
import pytest

from concord.config import Limits
from concord.errors import DamagedPicture, DecodingOverran, EmptyFile, NotAPicture, TooManyPixels
from tests.conftest import ROOT

from .campaign import Outcome
from .hostile import corpus, lying

EVERY_DAY, CAMPAIGN = 2_200, 10_400
PROCESSES = 2
# The kernel looks at a worker's clock with every tick, and ends it with the next.
MOST_CPU_SECONDS, TICK_SECONDS = 5.0, 0.1
MOST_MEMORY_BYTES = 768 << 20


def outcomes(count: int, seed: int) -> list[Outcome]:
    command = [sys.executable, "-m", "tests.jail.campaign", str(count), str(seed)]
    running = [
        subprocess.Popen([*command, str(share), str(PROCESSES)], cwd=ROOT, stdout=subprocess.PIPE)
        for share in range(PROCESSES)
    ]
    said = [process.communicate()[0] for process in running]
    assert [process.returncode for process in running] == [0] * PROCESSES
    return [msgspec.json.decode(text, type=Outcome) for text in said]


def hold_the_promise(told: list[Outcome], count: int) -> None:
    assert sum(outcome.files for outcome in told) == count
    assert [name for outcome in told for name in outcome.other] == []
    assert sum(outcome.decoded + sum(outcome.codes.values()) for outcome in told) == count
    assert max(outcome.worst_cpu_seconds for outcome in told) <= MOST_CPU_SECONDS + TICK_SECONDS, told
    assert max(outcome.most_memory_bytes for outcome in told) <= MOST_MEMORY_BYTES
    codes = {code for outcome in told for code in outcome.codes}
    kinds = (EmptyFile, NotAPicture, DamagedPicture, TooManyPixels, DecodingOverran)
    assert codes == {kind.code for kind in kinds}  # the corpus reaches all, and no other comes of it
    assert sum(outcome.decoded for outcome in told) > count // 10  # nor is it all rubbish


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits the address space and tells others' clocks")
def test_2_000_hostile_files_are_each_answered_at_a_bounded_cost() -> None:
    hold_the_promise(outcomes(EVERY_DAY, seed=1), EVERY_DAY)


@pytest.mark.long
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits the address space and tells others' clocks")
def test_10_000_hostile_files_are_each_answered_at_a_bounded_cost() -> None:
    hold_the_promise(outcomes(CAMPAIGN, seed=20_000), CAMPAIGN)


def test_the_limits_in_use_are_within_the_promise() -> None:
    assert Limits().decode_memory_bytes <= MOST_MEMORY_BYTES
    assert Limits().decode_seconds + 1 <= MOST_CPU_SECONDS  # the kernel counts whole seconds


def test_the_corpus_is_the_same_every_time_and_another_with_another_seed() -> None:
    first, again, other = (list(corpus(800, seed)) for seed in (3, 3, 4))
    assert first == again
    assert first != other
    lies = [name for name, _ in lying()]
    assert len(lies) == len(set(lies)) > 100
