"""The engine without anything compiled: as exact by tables as by scan, whatever the data, whoever wrote the segment."""

import logging
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from concord.matching import ReferenceIndex, plain, probe
from concord.matching.engines import Engine
from concord.matching.layout import layout_of
from concord.matching.plain import MEASURED, PlainEngine
from concord.matching.plan import Costs
from concord.matching.probe import Prober, usual
from concord.matching.rows import rows_bytes, stored

from .engines import SCAN_ALWAYS, TABLES_ALWAYS, listed, native, relatives

Hashes = NDArray[np.uint8]


def unrelated(count: int, seed: int) -> Hashes:
    return np.random.default_rng(seed).integers(0, 256, (count, 32), np.uint8)


def alike(count: int, seed: int) -> Hashes:
    """All the same."""
    return np.repeat(unrelated(1, seed), count, axis=0)


def skewed(count: int, seed: int) -> Hashes:
    """Half of them share most of their bits, so that many tables are crowded for who asks near these."""
    hashes, random = unrelated(count, seed), np.random.default_rng(seed)
    template = np.unpackbits(hashes[:1])
    bits = np.unpackbits(hashes[: count // 2], axis=1)
    hashes[: count // 2] = np.packbits(np.where(random.random(bits.shape) < 0.9, template, bits), axis=1)
    return hashes


LAWS: dict[str, Callable[[int, int], Hashes]] = {
    "unrelated": unrelated, "relatives": relatives, "alike": alike, "skewed": skewed,
}  # fmt: skip
# What a plan costs is nothing to these: they plan anew as soon as there is anything to gain.
KEEN = Costs(question=0, bucket=1, entry=1e4, plan=0, compared=1e12)
COSTS = {"tables": TABLES_ALWAYS, "scan": SCAN_ALWAYS, "keen": KEEN, "either": Costs(0, 1, 100, 0, 60)}


def _not_expected(sentence: str) -> None:
    """What goes wrong at the tables is made good by a scan, and would not show in the answer."""
    raise AssertionError(sentence)


def filled(engine: PlainEngine | Engine, chunks: int, hashes: Hashes, ids: NDArray[np.uint64]) -> NDArray[np.uint8]:
    memory = np.zeros(layout_of(len(ids), chunks).size_bytes, np.uint8)
    engine.fill(memory, chunks, hashes, ids, lambda: None)
    return memory


@pytest.mark.parametrize("costs", COSTS.values(), ids=COSTS.keys())
@pytest.mark.parametrize("law", LAWS.values(), ids=LAWS.keys())
@given(
    count=st.integers(0, 400),
    radius=st.integers(0, 64),
    chunks=st.sampled_from([0, 14, 15, 16]),
    seed=st.integers(0, 1000),
    at_once=st.sampled_from([1, 7, 1 << 16]),
)
@settings(deadline=None, max_examples=12)
def test_it_finds_what_the_reference_finds(
    law: Callable[[int, int], Hashes], costs: Costs, count: int, radius: int, chunks: int, seed: int, at_once: int
) -> None:
    hashes = law(count + 5, seed)
    entries, questions = hashes[:count], np.concatenate([hashes[:: max(1, count // 9)], unrelated(2, seed + 1)])
    ids = np.random.default_rng(seed).integers(0, 2**64, count, np.uint64) >> np.uint64(seed % 64)  # some of them twice
    exact, engine = ReferenceIndex(), PlainEngine(costs)
    exact.add(ids, entries)
    memory = filled(engine, chunks, entries, ids)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(probe, "CANDIDATES_AT_ONCE", at_once if count < 100 else 1 << 16)
        patch.setattr(plain.log, "exception", _not_expected)
        found = engine.search(memory, count, chunks, questions, radius)
    assert listed(found) == listed(exact.search(questions, radius))


@pytest.mark.parametrize("law", LAWS.values(), ids=LAWS.keys())
def test_at_the_size_of_tables_it_finds_what_the_reference_finds(
    law: Callable[[int, int], Hashes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As it serves: with the costs as measured, and as many chunks as it chooses."""
    monkeypatch.setattr(plain.log, "exception", _not_expected)
    count = 60_000
    hashes, ids = law(count, 5), np.arange(count, dtype=np.uint64)
    if law is alike:
        hashes[::2] = unrelated(count // 2, 6)
    exact, engine = ReferenceIndex(), PlainEngine()
    exact.add(ids, hashes)
    chunks, size = engine.shape(count)
    memory = filled(engine, chunks, hashes, ids)
    assert (chunks, len(memory)) == (16, size)
    assert usual(count, chunks, 31, MEASURED) is not None, "tables are never asked at this size"
    for radius in (0, 15, 31, 33, 64):
        found = engine.search(memory, count, chunks, hashes[::9_001], radius)
        assert listed(found) == listed(exact.search(hashes[::9_001], radius))


@native
@pytest.mark.parametrize("chunks", [0, 14, 16])
@pytest.mark.parametrize("law", LAWS.values(), ids=LAWS.keys())
def test_each_engine_reads_what_the_other_wrote(law: Callable[[int, int], Hashes], chunks: int) -> None:
    from concord.matching.tables import TablesEngine

    hashes, ids = law(700, 1), np.arange(700, dtype=np.uint64)
    questions, exact = hashes[::50].copy(), ReferenceIndex()
    exact.add(ids, hashes)
    engines = (PlainEngine(TABLES_ALWAYS), PlainEngine(), TablesEngine())
    for radius in (0, 31, 64):
        expected = listed(exact.search(questions, radius))
        for writer in engines:
            memory = filled(writer, chunks, hashes, ids)
            for reader in engines:
                assert listed(reader.search(memory, 700, chunks, questions, radius)) == expected


# ---- the choice between tables and scan -------------------------------------------------------------------------------


def prober(hashes: Hashes, costs: Costs, chunks: int = 16) -> Prober:
    asked = usual(len(hashes), chunks, 31, costs)
    assert asked is not None
    memory = filled(PlainEngine(), chunks, hashes, np.arange(len(hashes), dtype=np.uint64))
    return Prober(memory, asked)


def words(hashes: Hashes, number: int) -> NDArray[np.uint64]:
    return stored(hashes[number : number + 1]).view("<u8")[0]


def test_a_question_whose_buckets_hold_everything_is_left_to_a_scan() -> None:
    hashes = np.concatenate([alike(30_000, 1), unrelated(30_000, 2)])
    asked = prober(hashes, MEASURED)
    assert asked.near(words(hashes, 0)) is None
    assert asked.near(words(hashes, 40_000)) is not None


def test_crowded_tables_are_left_out_where_others_serve() -> None:
    """All entries share three chunks, so that the radius must be shared out among the others."""
    hashes = unrelated(60_000, 3)
    bits = np.unpackbits(stored(hashes), axis=1, bitorder="little")
    bits[:, :48] = bits[0, :48]
    back = PlainEngine().restored(np.packbits(bits, axis=1, bitorder="little"))
    costs = Costs(question=0, bucket=1, entry=10, plan=0, compared=10)
    found = prober(back, costs).near(words(back, 5))
    assert found is not None, "three chunks asked for their key alone hold three times all entries"
    assert len(found[0]) >= 1
    assert found[1].min() == 0


def test_no_tables_are_asked_where_a_scan_is_expected_to_cost_less() -> None:
    assert usual(60_000, 16, 31, SCAN_ALWAYS) is None
    assert usual(60_000, 16, 64, MEASURED) is None
    assert usual(60_000, 0, 31, TABLES_ALWAYS) is None


# ---- damaged ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("law", ["random", "all ones", "falling"])
def test_tables_that_point_nowhere_are_scanned_around(law: str, caplog: pytest.LogCaptureFixture) -> None:
    hashes, ids = relatives(500, 3), np.arange(500, dtype=np.uint64)
    engine = PlainEngine(TABLES_ALWAYS)
    memory = filled(engine, 16, hashes, ids)
    expected = listed(engine.search(memory, 500, 16, hashes[:20], 31))
    tables = memory[rows_bytes(500) :]
    if law == "random":
        tables[:] = np.random.default_rng(1).integers(0, 256, len(tables), np.uint8)
    else:
        tables.view("<u4")[:] = 0xFFFFFFFF if law == "all ones" else np.arange(len(tables) // 4, 0, -1) % 500
    with caplog.at_level(logging.ERROR):
        assert listed(engine.search(memory, 500, 16, hashes[:20], 31)) == expected
    assert "damaged" in caplog.text


def test_a_posting_beyond_the_last_entry_is_scanned_around(caplog: pytest.LogCaptureFixture) -> None:
    hashes, ids = alike(50, 3), np.arange(50, dtype=np.uint64)
    engine = PlainEngine(TABLES_ALWAYS)
    memory = filled(engine, 16, hashes, ids)
    table = layout_of(50, 16).tables[3]
    memory.view("<u4")[table.postings + 7] = 50
    assert engine.search(memory, 50, 16, hashes[:1], 31).ids.tolist() == list(range(50))
    assert "damaged" in caplog.text
