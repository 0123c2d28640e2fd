"""The compiled part by itself: what its face gives and refuses, and the same C++ run under sanitizers and on ARM."""

import shutil
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from .engines import ENGINES, Truth, native, relatives, truth

REPOSITORY = Path(__file__).parents[2]
WORDS = np.zeros((4, 8), np.uint64)
QUESTIONS = np.zeros((2, 32), np.uint8)
LEVELS = [name for name in ENGINES if name != "reference"]


def scan(*arguments: Any) -> tuple[bytes, bytes, bytes]:
    from concord.matching import _hamming

    return _hamming.scan(*arguments)


@native
def test_all_pairs_come_back_as_three_packed_columns() -> None:
    questions, positions, distances = scan(WORDS, 3, QUESTIONS, 0, "portable")
    pairs = zip(np.frombuffer(questions, np.int64).tolist(), np.frombuffer(positions, np.int64).tolist(), strict=True)
    assert sorted(pairs) == [(question, position) for question in range(2) for position in range(3)]
    assert distances == bytes(6)


@native
@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ((np.zeros((4, 8), np.int64), 1, QUESTIONS, 31, "portable"), "words: uint64"),
        ((np.zeros((4, 8), ">u8"), 1, QUESTIONS, 31, "portable"), "words: uint64"),
        ((np.zeros((4, 8)), 1, QUESTIONS, 31, "portable"), "words: uint64"),
        ((np.zeros((4, 16), np.uint64)[:, ::2], 1, QUESTIONS, 31, "portable"), "words: uint64"),
        ((np.asfortranarray(WORDS), 1, QUESTIONS, 31, "portable"), "words: uint64"),
        ((np.zeros(32, np.uint64), 1, QUESTIONS, 31, "portable"), "words: uint64"),
        ((np.zeros((3, 8), np.uint64), 1, QUESTIONS, 31, "portable"), "not 3 rows"),
        ((bytes(256), 1, QUESTIONS, 31, "portable"), "words: uint64"),
        ((memoryview(bytearray(257))[1:].cast("L", (4, 8)), 1, QUESTIONS, 31, "portable"), "aligned"),
        ((WORDS, 9, QUESTIONS, 31, "portable"), "capacity of 8"),
        ((WORDS, -1, QUESTIONS, 31, "portable"), "capacity of 8"),
        ((WORDS, 8, np.zeros((2, 31), np.uint8), 31, "portable"), "questions: uint8"),
        ((WORDS, 8, np.zeros((2, 32), np.int8), 31, "portable"), "questions: uint8"),
        ((WORDS, 8, np.zeros((32, 2), np.uint8).T, 31, "portable"), "questions: uint8"),
        ((WORDS, 8, QUESTIONS, -1, "portable"), "0 to 64"),
        ((WORDS, 8, QUESTIONS, 65, "portable"), "0 to 64"),
        ((WORDS, 8, QUESTIONS, 31, "abacus"), "cannot run 'abacus'.*portable"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused(arguments: tuple[Any, ...], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        scan(*arguments)


@native
@pytest.mark.parametrize(
    "arguments",
    [(), (None, 1, QUESTIONS, 31, "portable"), (WORDS, 1, 7, 31, "portable"), (WORDS, 1.5, QUESTIONS, 31, "portable")],
)
def test_what_is_no_array_or_number_at_all_is_refused(arguments: tuple[Any, ...]) -> None:
    with pytest.raises(TypeError):
        scan(*arguments)


@native
def test_other_threads_run_during_a_scan(monkeypatch: pytest.MonkeyPatch) -> None:
    """Threads are not switched by the interpreter here, so nobody could count unless the scan lets them."""
    words = np.random.default_rng(1).integers(0, 2**64, (4, 200_000), np.uint64)
    questions = np.zeros((100, 32), np.uint8)
    begun, ended, counted = threading.Event(), threading.Event(), 0

    def work() -> None:
        begun.set()
        for _ in range(100):  # on a busy machine nobody may come to count during a single one
            if counted <= 2:
                scan(words, 200_000, questions, 0, "portable")
        ended.set()

    interval = sys.getswitchinterval()
    sys.setswitchinterval(60)
    try:
        worker = threading.Thread(target=work)
        worker.start()
        begun.wait()
        while not ended.wait(0.001):
            counted += 1
        worker.join()
    finally:
        sys.setswitchinterval(interval)
    assert counted > 2


# ---- segments -------------------------------------------------------------------------------------------------------


def made(hashes: NDArray[np.uint8], chunks: int, ids: NDArray[np.uint64] | None = None) -> NDArray[np.uint8]:
    """A segment in memory that held something else before."""
    from concord.matching import _hamming

    memory = np.full(_hamming.shape(len(hashes), chunks)[1], 0x55, np.uint8)
    _hamming.build(memory, chunks, hashes, np.arange(len(hashes), dtype=np.uint64) if ids is None else ids)
    return memory


def search(*arguments: Any) -> tuple[bytes, bytes, bytes]:
    from concord.matching import _hamming

    return _hamming.search(*arguments)


@native
@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("method", ["automatic", "tables", "scan"])
@given(
    count=st.integers(0, 60),
    radius=st.integers(0, 64),
    chunks=st.sampled_from([0, 15, 16]),
    seed=st.integers(0, 1000),
    threads=st.integers(1, 4),
)
@settings(deadline=None, max_examples=10)
def test_a_segment_finds_what_plain_python_finds(
    level: str, method: str, count: int, radius: int, chunks: int, seed: int, threads: int
) -> None:
    hashes = relatives(count + 5, seed)
    entries, questions = hashes[:count], np.ascontiguousarray(hashes[::3])
    ids = np.random.default_rng(seed).integers(0, 2**64, count, np.uint64) >> np.uint64(seed % 64)  # some of them twice
    asked, found, distances = search(
        made(entries, chunks, ids), count, chunks, questions, radius, level, method, threads
    )
    pairs = zip(np.frombuffer(distances, np.uint8).tolist(), np.frombuffer(found, np.uint64).tolist(), strict=True)
    answers: Truth = [[] for _ in questions]
    for number, pair in zip(np.frombuffer(asked, np.int64).tolist(), pairs, strict=True):
        answers[number].append(pair)
    assert np.frombuffer(asked, np.int64).tolist() == sorted(np.frombuffer(asked, np.int64).tolist())
    entered, wanted = ([int.from_bytes(row.tobytes()) for row in rows] for rows in (entries, questions))
    assert answers == truth(zip(ids.tolist(), entered, strict=True), wanted, radius)


@native
def test_more_entries_have_fewer_and_wider_chunks() -> None:
    from concord.matching import _hamming

    chosen = [_hamming.shape(count)[0] for count in (0, 1000, 100_000, 1_000_000, 2_000_000, 5_000_000, 100_000_000)]
    assert chosen == [0, 0, 16, 16, 16, 13, 11]


@native
def test_large_segments_stay_within_their_bytes_an_entry() -> None:
    from concord.matching import _hamming

    assert _hamming.shape(10_000_000)[1] <= 124 * 10_000_000
    assert _hamming.shape(100_000_000)[1] <= 85 * 100_000_000


@native
def test_the_input_is_let_go_when_the_rows_are_in_place() -> None:
    from concord.matching import _hamming

    hashes = relatives(50, 3)
    intact = made(hashes, 16)
    memory = np.zeros_like(intact)

    def release() -> None:
        hashes[:] = 0

    _hamming.build(memory, 16, hashes, np.arange(50, dtype=np.uint64), release)
    assert not hashes.any()
    kept = relatives(50, 3)
    for arguments in ((kept, 31, "portable", "tables"), (kept, 31, "portable", "scan")):
        assert search(memory, 50, 16, *arguments) == search(intact, 50, 16, *arguments)


@native
def test_an_error_while_letting_go_is_raised() -> None:
    from concord.matching import _hamming

    def release() -> None:
        raise OSError("no")

    memory = np.zeros(_hamming.shape(5, 16)[1], np.uint8)
    with pytest.raises(OSError, match="no"):
        _hamming.build(memory, 16, relatives(5, 1), np.arange(5, dtype=np.uint64), release)


@native
def test_the_stored_order_of_bits_is_as_published() -> None:
    from concord.matching import _hamming

    hashes = relatives(100, 5)
    order = np.arange(256) * 159 % 256
    published = np.packbits(np.unpackbits(hashes, axis=1, bitorder="little")[:, order], axis=1, bitorder="little")
    stored = np.frombuffer(_hamming.permute(hashes), np.uint8).reshape(hashes.shape)
    assert (stored == published).all()
    assert _hamming.permute(stored, True) == hashes.tobytes()


@native
def test_a_bucket_that_cannot_be_is_refused() -> None:
    hashes = relatives(100, 7)
    memory = made(hashes, 16)
    rows = 100 * 8 + 100 * 32
    rows += -(100 * 8) % 64  # the sections begin at multiples of a cache line; 100 * 32 is one
    memory[rows : rows + 65537 * 4].view(np.uint32)[1000:] = 101
    with pytest.raises(RuntimeError, match="damaged"):
        search(memory, 100, 16, hashes, 31, "portable", "tables")
    assert search(memory, 100, 16, hashes, 31, "portable", "scan") == search(
        made(hashes, 0), 100, 0, hashes, 31, "portable"
    )


# Threads that search and build without pause while the process ends, which waits for none of them.
ENDING = """
import threading
import numpy as np
from concord.matching import _hamming

hashes, ids = np.zeros((20_000, 32), np.uint8), np.arange(20_000, dtype=np.uint64)
begun = threading.Semaphore(0)

def forever(work):
    memory = np.zeros(_hamming.shape(len(ids), 16)[1], np.uint8)
    work(memory)
    begun.release()
    while True:
        work(memory)

def build(memory):
    _hamming.build(memory, 16, hashes, ids, lambda: None)

def search(memory):
    _hamming.search(memory, len(ids), 0, hashes[:1], 31, "portable", "scan")

for work in (build, search):
    threading.Thread(target=forever, args=(work,), daemon=True).start()
for work in (build, search):
    begun.acquire()
"""


@native
def test_a_process_ends_well_whatever_its_threads_are_doing() -> None:
    """Python ends threads by unwinding them, through C++ that expects no such thing: it aborted the process."""
    done = subprocess.run([sys.executable, "-c", ENDING], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


HASHES, IDS = np.zeros((9, 32), np.uint8), np.zeros(9, np.uint64)


@native
@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ((np.zeros(8, np.uint8), 9, 0, QUESTIONS, 31, "portable"), "bytes are wanted, not 8"),
        ((np.zeros(1 << 24, np.uint8), 9, 10, QUESTIONS, 31, "portable"), "11 to 16 chunks"),
        ((np.zeros(1 << 24, np.uint8), 9, 17, QUESTIONS, 31, "portable"), "11 to 16 chunks"),
        ((np.zeros(1 << 24, np.uint8), -1, 0, QUESTIONS, 31, "portable"), "not possible"),
        ((np.zeros(1 << 24, np.uint8), 2**32, 0, QUESTIONS, 31, "portable"), "not possible"),
        ((np.zeros(1 << 24, np.uint8), 2**62, 0, QUESTIONS, 31, "portable"), "not possible"),
        ((np.zeros(1 << 24, np.uint8)[1:], 9, 0, QUESTIONS, 31, "portable"), "multiple of 8"),
        ((np.zeros(1 << 24, np.uint8)[::2], 9, 0, QUESTIONS, 31, "portable"), "memory: uint8"),
        ((np.zeros(1 << 20, np.uint64), 9, 0, QUESTIONS, 31, "portable"), "memory: uint8"),
        ((np.zeros(1 << 24, np.uint8), 9, 0, QUESTIONS[:, :31], 31, "portable"), "questions: uint8"),
        ((np.zeros(1 << 24, np.uint8), 9, 0, QUESTIONS, 65, "portable"), "0 to 64"),
        ((np.zeros(1 << 24, np.uint8), 9, 0, QUESTIONS, 31, "abacus"), "cannot run 'abacus'"),
        ((np.zeros(1 << 24, np.uint8), 9, 0, QUESTIONS, 31, "portable", "guess"), "not 'guess'"),
        ((np.zeros(1 << 24, np.uint8), 9, 0, QUESTIONS, 31, "portable", "scan", 0), "at least 1"),
    ],
)  # fmt: skip
def test_a_search_that_does_not_fit_is_refused(arguments: tuple[Any, ...], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        search(*arguments)


@native
@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ((np.zeros(1 << 24, np.uint8), 16, HASHES, IDS[:8]), "as many ids"),
        ((np.zeros(1 << 24, np.uint8), 16, HASHES[:, :16], IDS), "hashes: uint8"),
        ((np.zeros(1 << 24, np.uint8), 16, HASHES.astype(np.int8), IDS), "hashes: uint8"),
        ((np.zeros(1 << 24, np.uint8), 16, HASHES, IDS.astype(np.int64)), "ids: uint64"),
        ((np.zeros(1 << 24, np.uint8), 16, HASHES, IDS.reshape(3, 3)), "ids: uint64"),
        ((np.zeros(1 << 24, np.uint8), 5, HASHES, IDS), "11 to 16 chunks"),
        ((np.zeros(100, np.uint8), 16, HASHES, IDS), "bytes are wanted, not 100"),
    ],
)  # fmt: skip
def test_a_segment_that_does_not_fit_is_not_built(arguments: tuple[Any, ...], sentence: str) -> None:
    from concord.matching import _hamming

    with pytest.raises(ValueError, match=sentence):
        _hamming.build(*arguments)
    assert not arguments[0].any()


@native
def test_memory_that_must_not_be_written_to_is_not_built_in() -> None:
    from concord.matching import _hamming

    with pytest.raises((ValueError, BufferError)):
        _hamming.build(np.frombuffer(bytes(1 << 24), np.uint8), 16, HASHES, IDS)


@native
@pytest.mark.parametrize("count", [-1, 2**32])
def test_no_segment_has_an_impossible_number_of_entries(count: int) -> None:
    from concord.matching import _hamming

    with pytest.raises(ValueError, match="not possible"):
        _hamming.shape(count, 0)


# ---- the C++ without Python ---------------------------------------------------------------------------------------

SANITIZED = ["c++", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"]
ARM = ["aarch64-linux-gnu-g++", "-static"]


@pytest.mark.parametrize(
    ("compiler", "runner", "level"),
    [(SANITIZED, [], "portable"), (ARM, ["qemu-aarch64"], "neon")],
    ids=["under sanitizers", "on ARM"],
)
def test_every_level_equals_plain_counting_in_cpp(
    compiler: list[str], runner: list[str], level: str, tmp_path: Path
) -> None:
    for tool in (compiler[0], *runner):
        if shutil.which(tool) is None:
            pytest.skip(f"{tool} is not installed")
    parts = [path for path in (REPOSITORY / "native").glob("*.cpp") if "arrays.hpp" not in path.read_text()]  # Python's
    sources = [*parts, Path(__file__).with_name("selftest.cpp")]
    program = tmp_path / "selftest"
    flags = ["-std=c++17", "-O2", "-Wall", "-Wextra", "-Werror", "-pthread", "-I", str(REPOSITORY / "native")]
    subprocess.run([*compiler, *flags, *map(str, sources), "-o", str(program)], check=True)
    done = subprocess.run([*runner, str(program)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert level in done.stdout.split()
