"""The compiled scan by itself: what its face refuses, and the same C++ run under sanitizers and on ARM."""

import shutil
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from .engines import native

REPOSITORY = Path(__file__).parents[2]
WORDS = np.zeros((4, 8), np.uint64)
QUESTIONS = np.zeros((2, 32), np.uint8)


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
    questions = np.zeros((500, 32), np.uint8)
    begun, ended, counted = threading.Event(), threading.Event(), 0

    def work() -> None:
        begun.set()
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
    parts = [path for path in (REPOSITORY / "native").glob("*.cpp") if path.name != "module.cpp"]
    sources = [*parts, Path(__file__).with_name("selftest.cpp")]
    program = tmp_path / "selftest"
    flags = ["-std=c++17", "-O2", "-Wall", "-Wextra", "-Werror", "-pthread", "-I", str(REPOSITORY / "native")]
    subprocess.run([*compiler, *flags, *map(str, sources), "-o", str(program)], check=True)
    done = subprocess.run([*runner, str(program)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert level in done.stdout.split()
