"""Restricted in silence and not there take the same time: nobody learns by a stop-watch what no answer tells.

A campaign: its result hangs on the clock, so it never stands in the suite. Questions go in threes, one about what is held in
silence and two about what is not there, each three in an order of its own: what drifts, and whoever else is at work on the
machine, falls on all of them. Beside the clock on the wall stands the processor time of the program and of its server
process, which waiting does not move. The second of what is not there shows what the method itself finds where there is nothing.
docs/rights.md has figures.
"""

import gc
import random
import time
from collections.abc import Callable, Sequence
from functools import partial
from hashlib import sha256
from pathlib import Path
from statistics import median

import pytest
from django.db import connections

from concord.actions.ask import ask_bytes
from concord.actions.enrol import OWNER
from concord.actions.enter import Terms, enter_digests
from concord.values import Category
from tests.desk import Desk, Desks
from tests.pictures import jpeg
from tests.promises.samples import Shift, kolmogorov_smirnov, mann_whitney, shift

QUESTIONS = 2000  # of each of the three, no two the same: what is odd about one of them counts once
WARM = 300  # threes that are not counted: kept plans, caches
EACH = WARM + QUESTIONS
LEVEL = 0.01
OPERATION = "a running operation"
# Within which silence may differ (us of processor time a question, with 99 %), as docs/rights.md publishes it.
PUBLISHED_US = {"digest": 15.0, "value": 60.0, "picture": 60.0}

Times = tuple[float, float]  # us: by the clock on the wall; of processors, here and in the server
Ask = Callable[[], object]


def test_the_tests_tell_what_differs_from_what_does_not() -> None:
    chance = random.Random(2)
    same, alike, other = ([chance.gauss(mean, 1) for _ in range(500)] for mean in (0, 0, 0.3))
    for test in (mann_whitney, kolmogorov_smirnov):
        assert test(same, alike) > LEVEL > test(same, other)


def test_of_pairs_the_shift_is_found_whatever_drifts() -> None:
    chance = random.Random(3)
    drift = [chance.gauss(0, 50) for _ in range(400)]
    one, alike, other = ([at + chance.gauss(mean, 1) for at in drift] for mean in (0, 0, 0.5))
    nothing, something = shift(alike, one), shift(other, one)
    assert nothing.low < 0 < nothing.high
    assert nothing.p > LEVEL > something.p
    assert 0 < something.low < 0.5 < something.high
    assert mann_whitney(one, other) > LEVEL  # which the drift hides from whoever does not pair
    assert kolmogorov_smirnov(one, other) > LEVEL


class Server:
    """The process at the other end of the program's connection."""

    def __init__(self) -> None:
        connection = connections["default"].connection
        self._folder = Path(f"/proc/{connection.info.backend_pid}")
        if not (self._folder / "schedstat").exists():
            pytest.skip("the server's processor time cannot be read here")

    def spent_us(self) -> float:
        """As soon as it waits for the next question."""
        while (self._folder / "stat").read_text().rpartition(")")[2].split()[0] == "R":
            pass
        return int((self._folder / "schedstat").read_text().split()[0]) / 1e3


def _measured(server: Server, ask: Ask) -> Times:
    before, own, began = server.spent_us(), time.process_time_ns(), time.perf_counter_ns()
    ask()
    ended, spent = time.perf_counter_ns(), time.process_time_ns() - own
    return (ended - began) / 1e3, spent / 1e3 + server.spent_us() - before


def _times(kinds: Sequence[Sequence[Ask]]) -> list[list[Times]]:
    """Of each kind, one a turn."""
    chance = random.Random()
    found: list[list[Times]] = [[] for _ in kinds]
    orders = [chance.sample(kind, len(kind)) for kind in kinds]
    kinds[0][0]()  # there is a connection now
    server = Server()
    gc.disable()
    try:
        for turn in range(WARM + QUESTIONS):
            if turn % 100 == 0:
                gc.collect()
            for kind in chance.sample(range(len(kinds)), len(kinds)):
                taken = _measured(server, orders[kind][turn])
                if turn >= WARM:
                    found[kind].append(taken)
    finally:
        gc.enable()
    return found


def _kinds(ours: Desk, theirs: Desk, how: str) -> list[list[Ask]]:
    """What is held in silence, and twice what is not there."""
    if how == "digest":
        texts = [sha256(f"{ours.actor.unit} {number}".encode()).hexdigest() for number in range(3 * EACH)]
        terms = Terms("C-1", Category.CATEGORY_1, own_country_only=OPERATION)
        enter_digests(ours.installation, ours.actor, texts[:EACH], terms)
        return _in_threes([partial(theirs.ask_texts, [text]) for text in texts])
    seeds = [random.randrange(2**62) for _ in range(3 * EACH)]
    pictures = [ours.picture(f"{number}.jpg", seed) for number, seed in enumerate(seeds)]
    ours.enter(*pictures[:EACH], own_country_only=OPERATION)
    if how == "value":
        return _in_threes([partial(theirs.ask_texts, [_value(theirs, path)]) for path in pictures])
    copies = [jpeg(seed, quality=40) for seed in seeds]
    return _in_threes([partial(ask_bytes, theirs.installation, theirs.actor, "a.jpg", data) for data in copies])


def _in_threes(asks: Sequence[Ask]) -> list[list[Ask]]:
    return [list(asks[start : start + EACH]) for start in range(0, 3 * EACH, EACH)]


def _value(desk: Desk, path: Path) -> str:
    found = desk.installation.examiner.examine_bytes(path.read_bytes(), path.name)  # in a jail that is there already
    (plain,) = (one for one in found.fingerprints if one.transform == "none")
    return f"pdq:{plain.value.hex()}"


@pytest.mark.long
@pytest.mark.parametrize("how", ["digest", "value", "picture"])
def test_silence_takes_as_long_as_absence(desks: Desks, how: str) -> None:
    kinds = _kinds(desks.of("XA"), desks.of("XB"), how)
    with connections[OWNER].cursor() as cursor:
        cursor.execute("analyze")
    silent, absent, other = _times(kinds)
    shifts: list[tuple[Shift, float]] = []
    for which, name in enumerate(("wall", "processor")):
        one, two, three = ([times[which] for times in found] for found in (silent, absent, other))
        shifts.append((shift(one, two), min(mann_whitney(one, two), kolmogorov_smirnov(one, two))))
        print(f"{how}, {name} us: {median(two):.0f}, in silence {shifts[-1][0]}; two samples p {shifts[-1][1]:.2g};")
        nothing = min(mann_whitney(three, two), kolmogorov_smirnov(three, two))
        print(f"    not there against not there {shift(three, two)}; two samples p {nothing:.2g}")  # with -s
    (wall, apart), (processor, _) = shifts
    published = PUBLISHED_US[how]
    assert -published <= processor.low <= processor.high <= published
    assert apart > LEVEL or (wall.low <= published and wall.high >= -published)  # no more than what is published
