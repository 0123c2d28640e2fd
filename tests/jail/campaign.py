"""`python -m tests.jail.campaign CORPUS COUNT SEED SHARE SHARES`: sends its share of a hostile corpus through a real jail of
one worker, and prints as JSON what became of it. A process of its own, so that its only children are workers."""

import resource
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import msgspec

from concord.config import Limits
from concord.errors import ConcordError, DecodingOverran, ItemError
from concord.jail.pool import Jail
from concord.jail.process import Process
from concord.media import Examination, is_archive, members
from concord.media.examine import Examiner

from .hostile import File, corpus
from .hostile_archives import archives

SLOW_SECONDS = 2.0  # of processor time; what takes longer is named


@dataclass
class Outcome:
    files: int = 0
    decoded: int = 0
    members: int = 0  # of archives, answered
    codes: dict[str, int] = field(default_factory=dict)  # of typed errors, how often each
    other: list[str] = field(default_factory=list)  # files that were answered by anything else
    overran: list[str] = field(default_factory=list)
    slow: dict[str, float] = field(default_factory=dict)
    worst_cpu_seconds: float = 0.0
    most_memory_bytes: int = 0  # resident, of any worker
    walls: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Campaign:
    files: Callable[[int, int], Iterator[File]]
    limits: Limits = field(default_factory=Limits)
    within: bool = True  # whether archives are looked into


CAMPAIGNS = {
    "files": Campaign(corpus, within=False),
    # What is only large is as good for being small, and quicker made, where the limits are small as well.
    "small-archives": Campaign(
        lambda count, seed: archives(count, seed, bomb_bytes=10 << 20),
        replace(Limits(), archive_ratio_from_bytes=8 << 20, archive_held_bytes=8 << 20),
    ),
    "archives": Campaign(lambda count, seed: archives(count, seed, bomb_bytes=80 << 20)),
}


def run(campaign: Campaign, count: int, seed: int, share: int, shares: int) -> Outcome:
    outcome = Outcome()
    with Jail(workers=1, limits=campaign.limits) as jail:
        examiner = Examiner(jail)
        for place, (name, data) in enumerate(campaign.files(count, seed)):
            if place % shares == share:
                jail.missing_walls()  # starts a worker where the last one was lost: that is nobody's processor time
                before = cpu_seconds(jail)
                tell(outcome, examiner, name, data, campaign.within)
                used = cpu_seconds(jail) - before
                outcome.worst_cpu_seconds = max(outcome.worst_cpu_seconds, used)
                if used > SLOW_SECONDS:
                    outcome.slow[name] = round(used, 2)
        outcome.walls = list(jail.walls())
    outcome.most_memory_bytes = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss << 10
    return outcome


def tell(outcome: Outcome, examiner: Examiner, name: str, data: bytes, within: bool) -> None:
    outcome.files += 1
    try:
        examination = examiner.examine_bytes(data, name)
    except ItemError as error:
        outcome.codes[error.code] = outcome.codes.get(error.code, 0) + 1
    except ConcordError as error:
        outcome.other.append(f"{name}: {error}")
    else:
        if examination.fault is None:
            outcome.decoded += 1
        else:
            code = examination.fault.code
            outcome.codes[code] = outcome.codes.get(code, 0) + 1
            if isinstance(examination.fault, DecodingOverran):
                outcome.overran.append(str(examination.fault))
        if within and is_archive(examination):
            tell_members(outcome, examiner, name, data)
        if (examination.fault is None) != bool(examination.fingerprints) or examination.size_bytes != len(data):
            outcome.other.append(f"{name}: {examination}")


def tell_members(outcome: Outcome, examiner: Examiner, name: str, data: bytes) -> None:
    """Each a result or a typed error, under a name of its own."""
    with tempfile.NamedTemporaryFile() as file:
        file.write(data)
        file.flush()
        names = set()
        try:
            for item, found in members(examiner, Path(file.name), name):
                outcome.members += 1
                error = found.fault if isinstance(found, Examination) else found
                outcome.decoded += isinstance(found, Examination) and bool(found.fingerprints)
                if error:
                    outcome.codes[error.code] = outcome.codes.get(error.code, 0) + 1
                if isinstance(error, DecodingOverran):
                    outcome.overran.append(str(error))
                if item in names or not item.startswith(f"{name}!"):
                    outcome.other.append(f"{item}: of {name}")
                names.add(item)
        except ConcordError as error:
            outcome.other.append(f"{name}: {error}")


def cpu_seconds(jail: Jail) -> float:
    """Of all workers, those that have ended and the one at work."""
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    at_work = sum(Process(process_id).cpu_seconds() or 0.0 for process_id in jail.process_ids)
    return ended.ru_utime + ended.ru_stime + at_work


if __name__ == "__main__":
    print(msgspec.json.encode(run(CAMPAIGNS[sys.argv[1]], *map(int, sys.argv[2:]))).decode())
