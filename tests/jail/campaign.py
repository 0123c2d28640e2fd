"""`python -m tests.jail.campaign COUNT SEED SHARE SHARES`: sends its share of the hostile corpus through a real jail of one
worker, and prints as JSON what became of it. A process of its own, so that its only children are workers."""

import resource
import sys
from dataclasses import dataclass, field

import msgspec

from concord.errors import ConcordError, DecodingOverran, ItemError
from concord.jail.pool import Jail
from concord.jail.process import Process
from concord.media.examine import Examiner

from .hostile import corpus

SLOW_SECONDS = 2.0  # of processor time; what takes longer is named


@dataclass
class Outcome:
    files: int = 0
    decoded: int = 0
    codes: dict[str, int] = field(default_factory=dict)  # of typed errors, how often each
    other: list[str] = field(default_factory=list)  # files that were answered by anything else
    overran: list[str] = field(default_factory=list)
    slow: dict[str, float] = field(default_factory=dict)
    worst_cpu_seconds: float = 0.0
    most_memory_bytes: int = 0  # resident, of any worker
    walls: list[str] = field(default_factory=list)


def run(count: int, seed: int, share: int, shares: int) -> Outcome:
    outcome = Outcome()
    with Jail(workers=1) as jail:
        examiner = Examiner(jail)
        for place, (name, data) in enumerate(corpus(count, seed)):
            if place % shares == share:
                jail.missing_walls()  # starts a worker where the last one was lost: that is nobody's processor time
                before = cpu_seconds(jail)
                tell(outcome, examiner, name, data)
                used = cpu_seconds(jail) - before
                outcome.worst_cpu_seconds = max(outcome.worst_cpu_seconds, used)
                if used > SLOW_SECONDS:
                    outcome.slow[name] = round(used, 2)
        outcome.walls = list(jail.walls())
    outcome.most_memory_bytes = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss << 10
    return outcome


def tell(outcome: Outcome, examiner: Examiner, name: str, data: bytes) -> None:
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
        if (examination.fault is None) != bool(examination.fingerprints) or examination.size_bytes != len(data):
            outcome.other.append(f"{name}: {examination}")


def cpu_seconds(jail: Jail) -> float:
    """Of all workers, those that have ended and the one at work."""
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    at_work = sum(Process(process_id).cpu_seconds() or 0.0 for process_id in jail.process_ids)
    return ended.ru_utime + ended.ru_stime + at_work


if __name__ == "__main__":
    print(msgspec.json.encode(run(*map(int, sys.argv[1:]))).decode())
