"""The benchmark of the hash index, run small beside a stand-in for faiss: what it prints, and when it prints nothing."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from benchmarks.figure import Figure
from benchmarks.hashes import Answer, Hashes, uniform
from benchmarks.memory import Pages

from benchmarks import __main__, hamming, memory, peers
from concord.matching import HammingIndex, ReferenceIndex

ENTRIES = 4000


class Exhaustive:
    """As much of a faiss index as is asked for."""

    def __init__(self, *shape: int) -> None:
        self._index = ReferenceIndex()

    def add(self, hashes: Hashes) -> None:
        self._index.add(np.arange(len(hashes), dtype=np.uint64), hashes)

    def range_search(self, questions: Hashes, radius: int) -> Answer:
        hits = self._index.search(questions, radius - 1)
        return hits.offsets, hits.distances, hits.ids.astype(np.int64)


@pytest.fixture(autouse=True)
def stand_in(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    faiss = SimpleNamespace(IndexBinaryFlat=Exhaustive, IndexBinaryMultiHash=Exhaustive)
    monkeypatch.setattr(peers, "load", lambda: faiss)
    monkeypatch.setattr(hamming, "_keep_to_one_core", lambda: None)  # it would hold for all tests that follow
    monkeypatch.setattr(hamming, "PICTURES", tmp_path / "none")
    monkeypatch.setattr(memory, "READ_BYTES", 1 << 20)
    monkeypatch.setattr(hamming, "BATCH", 64)


def run() -> dict[str, Figure]:
    return {f"{one.name} ~ {one.against}": one for one in hamming.measure(small=True, entries=ENTRIES)}


def test_each_kind_of_pages_has_its_figures_and_says_what_was_got() -> None:
    figures = run()
    for kind in memory.POSSIBLE:
        name = f"{ENTRIES:,} uniform, {kind} pages"
        assert f"{name}, one question: half within ~ {peers.FLAT}" in figures
        assert f"{name}, one question: half within ~ {peers.MULTIHASH}" in figures
        assert f"{name} asked for: huge ones got ~ None" in figures
    if Pages.SMALL in memory.POSSIBLE:
        assert figures[f"{ENTRIES:,} uniform, small pages asked for: huge ones got ~ None"].value == 0


def test_one_kind_of_pages_may_be_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    __main__.main(["hamming", "--small", "--n", "2000", "--pages", "huge", "--json"])
    said = capsys.readouterr().out
    assert "huge pages" in said
    assert "small pages" not in said


def test_a_run_that_misses_what_was_planted_prints_no_figure(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    found = hamming._ours

    def blind(index: Any) -> peers.Ask:
        def ask(questions: Hashes) -> Answer:
            offsets, ids, distances = found(index)(questions)
            near = distances <= 30
            return np.array([0, *(near[:end].sum() for end in offsets[1:])]), ids[near], distances[near]

        return ask

    monkeypatch.setattr(hamming, "_ours", blind)
    with pytest.raises(SystemExit, match=r"no figure: uniform: question \d+ misses"):
        __main__.main(["hamming", "--small", "--n", "2000"])
    assert capsys.readouterr().out == ""


def test_what_does_not_fit_into_memory_is_refused_before_it_begins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hamming, "_uniform", lambda *_: pytest.fail("it began"))
    with pytest.raises(SystemExit, match="bytes of memory"):
        list(hamming.measure(small=True, entries=10**12))


def test_options_of_this_benchmark_are_refused_for_others() -> None:
    for option in (["--n", "10"], ["--pages", "huge"]):
        with pytest.raises(SystemExit, match="2"):
            __main__.main(["ask", *option])


@pytest.mark.skipif(Pages.SMALL not in memory.POSSIBLE, reason="huge pages cannot be refused on this system")
def test_huge_pages_are_refused_for_a_while_only() -> None:
    def refused() -> str:
        status = Path("/proc/self/status").read_text()
        return status.split("THP_enabled:")[1].split()[0] if "THP_enabled:" in status else "?"

    before = refused()
    with memory.only(Pages.SMALL):
        assert refused() in ("0", "?")
    assert refused() == before


@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="the system does not tell of a peak")
def test_a_peak_is_what_was_taken_since_also_where_it_was_given_back() -> None:
    peak = memory.Peak()
    np.ones(1 << 28, np.uint8)
    assert (peak.bytes() or 0) >= 1 << 27


def test_the_index_is_the_one_that_serves() -> None:
    world = uniform(100, 4)
    with hamming._built(world) as built:
        assert isinstance(built.open(), HammingIndex)
        assert len(built.open()) == 100
        folder = Path(built.folder)
    assert not folder.exists()
