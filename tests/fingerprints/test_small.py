"""Compiled code reads off a small picture what NumPy does, to the last bit."""

import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from concord.fingerprints import small as module
from concord.fingerprints import tone
from concord.fingerprints.pdq import distance_bits, pdq_all
from concord.fingerprints.pdq_reference import SIDE, Floats
from concord.fingerprints.reduce import reduce_fast
from concord.fingerprints.small import (
    COSINES,
    ROUNDING,
    WAYS,
    cosines,
    is_close_call,
    lower_median,
    quality,
    quality_plain,
    turned_bits,
    values,
    values_plain,
)
from concord.fingerprints.tone import STEEPEST, evened, evened_plain
from concord.fingerprints.transform import has
from tests.pictures import picture

REPOSITORY = Path(__file__).parents[2]

compiled = pytest.mark.skipif(not module.COMPILED, reason="nothing was compiled here: NumPy serves")


@st.composite
def smalls(draw: st.DrawFn) -> Floats:
    """Noise or tiles, in fractions or in a few whole levels, flat or to the ends of what is taken, or mirrored, so that
    half of the coefficients crowd round zero."""
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    tile = draw(st.sampled_from([1, 2, 3, 16, 64]))
    tiles = random.random((SIDE // tile + 1, SIDE // tile + 1)) * draw(st.sampled_from([3, 60, 255.99])) - 0.5
    levels = np.kron(tiles, np.ones((tile, tile)))[:SIDE, :SIDE]
    if draw(st.booleans()):
        levels = np.rint(levels)
    if draw(st.booleans()):
        levels[:, SIDE // 2 :] = levels[:, : SIDE // 2][:, ::-1]
    small: Floats = levels.astype(np.float32).clip(-0.5, np.float32(255.49998))
    return small


@settings(max_examples=200)
@given(smalls())
def test_everything_is_as_numpy_has_it(small: Floats) -> None:
    assert quality(small) == quality_plain(small)
    assert evened(small).tobytes() == evened_plain(small).tobytes()


@compiled
@settings(max_examples=200)
@given(smalls())
def test_compiled_values_are_the_references_to_the_bit_however_close_the_call(small: Floats) -> None:
    coefficients = cosines(small)
    assert values(small) == (turned_bits(coefficients), is_close_call(coefficients))


@given(smalls())
def test_with_numpy_only_bits_near_the_median_may_differ(small: Floats) -> None:
    coefficients = cosines(small)
    (turned, _), exact = values_plain(small), turned_bits(coefficients)
    near = np.count_nonzero(np.abs(coefficients - lower_median(coefficients)) < ROUNDING)
    assert distance_bits(turned["none"], exact["none"]) <= near
    if near == 1:  # the median itself
        assert turned["none"] == exact["none"]


@pytest.mark.parametrize(("apart", "is_close"), [(0, True), (ROUNDING / 2, True), (ROUNDING * 2, False)])
def test_a_second_coefficient_within_rounding_of_the_median_is_a_close_call(apart: float, is_close: bool) -> None:
    coefficients = np.random.default_rng(2).permutation(256).astype(np.float32).reshape(16, 16)
    coefficients[coefficients == 128] = lower_median(coefficients) + np.float32(apart)
    assert is_close_call(coefficients) == is_close


def test_every_shared_photograph_is_read_alike(shared_data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = [path for path in sorted(shared_data.rglob("*.jpg")) if Image.open(path).size[0] <= 4000]
    assert len(found) >= 60
    lumas = [np.asarray(Image.open(path).convert("L")) for path in found]
    reduced = [reduce_fast(luma) for luma in lumas]
    ours = [pdq_all(luma) for luma in lumas]
    assert [evened(small).tobytes() for small in reduced] == [evened_plain(small).tobytes() for small in reduced]
    without_compiled_code(monkeypatch)
    for path, luma, (turned, seen) in zip(found, lumas, ours, strict=True):
        plain, plain_seen = pdq_all(luma)
        assert (seen, turned.keys()) == (plain_seen, plain.keys()), path
        for name, value in turned.items():
            assert distance_bits(value, plain[name]) <= (4 if has("tone", name) else 0), (path, name)


def without_compiled_code(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "COMPILED", False)
    monkeypatch.setattr(tone, "COMPILED", False)


def test_without_compiled_code_numpy_gives_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    luma = np.asarray(picture(43, 480, 360).convert("L"))
    as_it_is = pdq_all(luma)
    without_compiled_code(monkeypatch)
    assert pdq_all(luma) == as_it_is


@pytest.mark.parametrize("order", ["C", "F"])
def test_a_picture_of_this_very_size_is_taken_as_it_lies_in_memory(order: Any) -> None:
    luma = np.random.default_rng(3).integers(0, 256, (SIDE, SIDE), np.uint8)
    symmetric = np.hstack([luma[:, :32], luma[:, 31::-1]]).astype(np.float32)  # a close call: the referee is asked
    assert pdq_all(np.array(symmetric, order=order)) == pdq_all(symmetric)


@compiled
def test_compiled_code_refuses_what_does_not_fit() -> None:
    from concord.fingerprints import _small

    small, room = np.zeros((SIDE, SIDE), np.float32), np.empty((SIDE, SIDE), np.float32)
    misfits: list[Any] = [
        small[:, ::2],
        small[:32],
        small.T[::-1],
        small.astype(np.float64),
        np.zeros((65, SIDE), np.float32),
    ]
    last = np.arange(SIDE * SIDE).reshape(SIDE, SIDE) == SIDE * SIDE - 1
    levels = (-0.51, 255.5, 1e30, np.inf, -np.inf, np.nan)
    misfits += [np.where(last, np.float32(level), np.float32(0)) for level in levels]
    frozen = room.copy()
    frozen.flags.writeable = False
    refused: list[tuple[Any, tuple[Any, ...]]] = [
        *((_small.quality, (misfit,)) for misfit in misfits),
        *((_small.values, (misfit, COSINES, ROUNDING)) for misfit in misfits),
        *((_small.even, (misfit, STEEPEST, room)) for misfit in misfits),
        *((_small.values, (small, misfit, ROUNDING)) for misfit in (COSINES[:63], COSINES.T, COSINES[:, :8])),
        *((_small.even, (small, steepest, room)) for steepest in (0, -1, 257)),
        *(
            (_small.even, (small, STEEPEST, misfit))
            for misfit in (room[:63], room[:, :32], np.zeros((65, SIDE), np.float32))
        ),
    ]
    for function, arguments in refused:
        with pytest.raises(ValueError, match="wanted"):
            function(*arguments)
    with pytest.raises((ValueError, BufferError)):
        _small.even(small, STEEPEST, frozen)


# ---- the C++ without Python ---------------------------------------------------------------------------------------

SANITIZED = ["c++", "-fsanitize=address,undefined,float-cast-overflow", "-fno-sanitize-recover=all"]
ARM = ["aarch64-linux-gnu-g++", "-static"]
RESULT = np.dtype(
    [("facts", "i4", 2), ("coefficients", "f4", (16, 16)), ("values", "u1", (8, 32)), ("evened", "f4", (SIDE, SIDE))]
)


@pytest.mark.parametrize(
    ("compiler", "runner"), [(SANITIZED, []), (ARM, ["qemu-aarch64"])], ids=["under sanitizers", "on ARM"]
)
def test_the_cpp_by_itself_gives_what_numpy_gives(compiler: list[str], runner: list[str], tmp_path: Path) -> None:
    for tool in (compiler[0], *runner):
        if shutil.which(tool) is None:
            pytest.skip(f"{tool} is not installed")
    random = np.random.default_rng(11)
    pictures = [(random.random((SIDE, SIDE)) * most).astype(np.float32) for most in (0, 1, 9, 80, 255, 255)]
    pictures += [np.rint(each) for each in pictures] + [np.hstack([each[:, :32], each[:, 31::-1]]) for each in pictures]
    pictures += [np.full((SIDE, SIDE), level, np.float32) for level in (-0.5, 255.49998, 255.5, 1e30, np.inf, np.nan)]
    program = tmp_path / "selftest"
    flags = ["-std=c++17", "-O2", "-ffp-contract=off", "-Wall", "-Wextra", "-Werror", "-I", str(REPOSITORY / "native")]
    subprocess.run([*compiler, *flags, str(Path(__file__).with_name("selftest.cpp")), "-o", str(program)], check=True)
    given_bytes = COSINES.tobytes() + b"".join(each.tobytes() for each in pictures)
    done = subprocess.run([*runner, str(program)], input=given_bytes, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    results = np.frombuffer(done.stdout, RESULT)
    assert len(results) == len(pictures)
    for small, result in zip(pictures[:-4], results, strict=False):
        coefficients = cosines(small)
        assert result["facts"].tolist() == [quality_plain(small), is_close_call(coefficients)]
        assert np.array_equal(result["coefficients"], coefficients)
        assert [value.tobytes() for value in result["values"]] == [turned_bits(coefficients)[name] for name in WAYS]
        assert np.array_equal(result["evened"], evened_plain(small))
    assert (results["facts"][-4:] == -1).all()
