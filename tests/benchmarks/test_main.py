"""Every benchmark runs, and says what it found as agreed."""

import importlib.util
import subprocess
import sys

import msgspec
import pytest
from benchmarks.__main__ import BENCHMARKS
from benchmarks.figure import Figure, cheaper, faster

from tests.conftest import ROOT


class Printed(msgspec.Struct, forbid_unknown_fields=True):
    bench: str
    machine: dict[str, str | int | float]
    figures: list[Figure]


@pytest.mark.parametrize("name", BENCHMARKS)
def test_a_small_run_prints_one_object_of_the_agreed_shape(name: str) -> None:
    if name == "hamming" and importlib.util.find_spec("faiss") is None:
        pytest.skip("the peer, faiss-cpu, is not installed: ./run bench brings it")
    command = [sys.executable, "-m", "benchmarks", name, "--json", "--small"]
    said = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    printed = msgspec.json.decode(said, type=Printed, strict=True)
    assert printed.bench == name
    assert {"processor", "cores", "load_average", "python"} <= printed.machine.keys()
    assert all(one.value >= 0 for one in printed.figures)
    assert any(one.ratio for one in printed.figures)
    for one in printed.figures:
        assert (one.against is None) == (one.ratio is None)


def test_a_ratio_above_one_is_better_for_us_whatever_the_unit() -> None:
    assert faster("x", [20.0, 30.0], "a second", "peer", [10.0, 10.0]).ratio == 2.5
    assert cheaper("x", [2.0, 2.0], "ms", "peer", [4.0, 8.0]).ratio == 3.0


def test_the_ratio_is_taken_round_by_round() -> None:
    assert faster("x", [10.0, 100.0, 20.0], "a second", "peer", [10.0, 100.0, 10.0]).ratio == 1.0
