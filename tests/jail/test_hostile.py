"""The promise about hostile files: each is answered, at a bounded cost, and nothing outside notices."""

import subprocess
import sys

import msgspec
import pytest

from concord.config import Limits
from concord.errors import (
    ArchiveLimit,
    DamagedArchive,
    DamagedMember,
    DamagedPicture,
    DecodingOverran,
    EmptyFile,
    EncryptedMember,
    LeftAlone,
    NotAPicture,
    TooManyPixels,
    UnreadArchive,
    UnreadMember,
)
from tests.conftest import ROOT

from .campaign import Outcome
from .hostile import corpus, lying
from .hostile_archives import archives

EVERY_DAY, CAMPAIGN = 2_200, 10_400
ARCHIVES_EVERY_DAY, ARCHIVES_CAMPAIGN = 600, 2_400
PROCESSES = 2
# The kernel looks at a worker's clock with every tick, and ends it with the next.
MOST_CPU_SECONDS, TICK_SECONDS = 5.0, 0.1
MOST_MEMORY_BYTES = 768 << 20


def outcomes(campaign: str, count: int, seed: int, processes: int = PROCESSES) -> list[Outcome]:
    command = [sys.executable, "-m", "tests.jail.campaign", campaign, str(count), str(seed)]
    running = [
        subprocess.Popen([*command, str(share), str(processes)], cwd=ROOT, stdout=subprocess.PIPE)
        for share in range(processes)
    ]
    said = [process.communicate()[0] for process in running]
    assert [process.returncode for process in running] == [0] * processes
    return [msgspec.json.decode(text, type=Outcome) for text in said]


def hold_the_promise(told: list[Outcome], count: int) -> set[str]:
    """And the codes of errors that came of it."""
    assert sum(outcome.files for outcome in told) == count
    assert [name for outcome in told for name in outcome.other] == []
    answered = sum(outcome.decoded + sum(outcome.codes.values()) for outcome in told)
    assert answered == count + sum(outcome.members for outcome in told)
    assert max(outcome.worst_cpu_seconds for outcome in told) <= MOST_CPU_SECONDS + TICK_SECONDS, told
    assert max(outcome.most_memory_bytes for outcome in told) <= MOST_MEMORY_BYTES
    assert sum(outcome.decoded for outcome in told) > count // 10  # it is not all rubbish
    return {code for outcome in told for code in outcome.codes}


def hold_it_of_pictures(told: list[Outcome], count: int) -> None:
    kinds = (EmptyFile, NotAPicture, DamagedPicture, TooManyPixels, DecodingOverran)
    # The corpus reaches all, and no other comes of it.
    assert hold_the_promise(told, count) == {kind.code for kind in kinds}


def hold_it_of_archives(told: list[Outcome], count: int) -> None:
    of_archives = (DamagedArchive, DamagedMember, ArchiveLimit, UnreadArchive, UnreadMember, EncryptedMember, LeftAlone)
    of_pictures = (EmptyFile, NotAPicture, DamagedPicture)
    reached = {kind.code for kind in (*of_archives, *of_pictures)}
    codes = hold_the_promise(told, count)
    assert reached <= codes <= reached | {TooManyPixels.code, DecodingOverran.code}
    assert sum(outcome.members for outcome in told) > count


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits the address space and tells others' clocks")
def test_2_000_hostile_files_are_each_answered_at_a_bounded_cost() -> None:
    hold_it_of_pictures(outcomes("files", EVERY_DAY, seed=1), EVERY_DAY)


@pytest.mark.long
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits the address space and tells others' clocks")
def test_10_000_hostile_files_are_each_answered_at_a_bounded_cost() -> None:
    hold_it_of_pictures(outcomes("files", CAMPAIGN, seed=20_000), CAMPAIGN)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits the address space and tells others' clocks")
def test_600_hostile_archives_are_each_answered_at_a_bounded_cost() -> None:
    told = outcomes("small-archives", ARCHIVES_EVERY_DAY, seed=1, processes=1)
    hold_it_of_archives(told, ARCHIVES_EVERY_DAY)


@pytest.mark.long
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits the address space and tells others' clocks")
def test_2_400_hostile_archives_are_each_answered_at_a_bounded_cost() -> None:
    hold_it_of_archives(outcomes("archives", ARCHIVES_CAMPAIGN, seed=20_000), ARCHIVES_CAMPAIGN)


def test_the_limits_in_use_are_within_the_promise() -> None:
    assert Limits().decode_memory_bytes <= MOST_MEMORY_BYTES
    assert Limits().decode_seconds + 1 <= MOST_CPU_SECONDS  # the kernel counts whole seconds


def test_the_corpus_is_the_same_every_time_and_another_with_another_seed() -> None:
    first, again, other = (list(corpus(800, seed)) for seed in (3, 3, 4))
    assert first == again
    assert first != other
    lies = [name for name, _ in lying()]
    assert len(lies) == len(set(lies)) > 100


def test_the_archives_are_the_same_every_time_and_another_with_another_seed() -> None:
    first, again, other = (list(archives(600, seed, bomb_bytes=9)) for seed in (3, 3, 4))
    assert first == again
    assert first != other
    assert len({name for name, _ in first}) > 500
