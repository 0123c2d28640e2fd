"""Contenders that do the same work in turn, how fast each was, and what it cost; and the peer of whatever decodes pictures."""

import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from statistics import median

import psutil
from PIL import Image

from benchmarks.figure import Figure, cheaper, faster
from benchmarks.home import WORKERS, Home, tree_seconds

OURS = "ours"
PROCESSES = {"1 process": 1, f"{WORKERS} processes": WORKERS}  # of a peer

Contenders = Mapping[str, Callable[[], int]]  # how many items it did


@dataclass
class Measured:
    """One contender, a value a round."""

    rate: list[float] = field(default_factory=list)  # items a second
    cost: list[float] = field(default_factory=list)  # microseconds of processor time an item


def contest(
    here: Home, contenders: Contenders, rounds: int, last: Callable[[], AbstractContextManager[None]] = nullcontext
) -> dict[str, Measured]:
    """In alternating rounds after one that warms up; the last one of ours runs within `last`."""
    measured = {name: Measured() for name in contenders}
    for turn in range(1 + rounds):
        for name, run in contenders.items():
            with last() if name == OURS and turn == rounds else nullcontext():
                rate, cost = _timed(here, run)
            if turn:
                measured[name].rate.append(rate)
                measured[name].cost.append(cost)
    return measured


def _timed(here: Home, run: Callable[[], int]) -> tuple[float, float]:
    """Items a wall second, and microseconds of processor time of all processes an item."""
    everything = psutil.Process()
    cpu, began = tree_seconds(everything) + here.database_seconds(), time.perf_counter()
    count = run()
    wall = time.perf_counter() - began
    return count / wall, 1e6 * (tree_seconds(everything) + here.database_seconds() - cpu) / count


def figures(what: str, items: str, measured: Mapping[str, Measured]) -> Iterator[Figure]:
    """Of `items` of one sort: ours against each peer, and each peer."""
    ours, cost = measured[OURS], f"us/{items.removesuffix('s')}"
    for peer, theirs in measured.items():
        if peer != OURS:
            yield faster(what, ours.rate, f"{items}/s", peer, theirs.rate)
            yield cheaper(f"{what}, processor time", ours.cost, cost, peer, theirs.cost)
            yield Figure(f"{what}: {peer}", median(theirs.rate), f"{items}/s")
            yield Figure(f"{what}: {peer}, processor time", median(theirs.cost), cost)


def pool(processes: int) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(processes, mp_context=get_context("spawn"))


def decode(path: Path) -> int:
    with Image.open(path) as image:
        image.convert("RGB").load()
    return 1
