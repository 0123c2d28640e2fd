"""Which engine is chosen, that all read the same segments, and that one installs with and without a compiler."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from concord.matching import HammingIndex, engine

from .engines import ENGINES, native

REPOSITORY = Path(__file__).parents[2]

NEVER_BUILT = "sys.modules['concord.matching._hamming'] = None"  # importing it is then a ModuleNotFoundError
BROKEN = """
class Loader:
    def find_spec(self, name, path, target=None):
        if name == 'concord.matching._hamming':
            raise ImportError('undefined symbol: abacus')
sys.meta_path.insert(0, Loader())
"""


def engine_where(situation: str) -> str:
    script = f"import sys\n{situation}\nfrom concord.matching import engine, engines\n"
    script += "print(type(engines.best).__name__, engine())"
    return subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.strip()


@native
def test_the_best_level_of_this_processor_is_chosen() -> None:
    best = list(ENGINES)[1]
    assert engine() == HammingIndex().stats().engine == f"native ({best})"


def test_without_the_native_part_the_reference_serves_and_says_so() -> None:
    assert engine_where(NEVER_BUILT) == "PlainEngine NumPy reference (no compiler at installation)"


def test_a_native_part_that_does_not_load_is_told_from_one_never_built() -> None:
    expected = "PlainEngine NumPy reference (the native part does not load: undefined symbol: abacus)"
    assert engine_where(BROKEN) == expected


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    copy = tmp_path / "checkout"
    no_products = shutil.ignore_patterns("*.so", "*.pyd", "__pycache__", "*.egg-info")
    for folder in ("src", "native"):
        shutil.copytree(REPOSITORY / folder, copy / folder, ignore=no_products)
    for name in ("pyproject.toml", "setup.py", "README.md", "LICENSE"):
        shutil.copy(REPOSITORY / name, copy)
    return copy


def build(checkout: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "setup.py", "build_ext", "--build-lib", "built", "--build-temp", "objects"]
    return subprocess.run(
        command, cwd=checkout, env=os.environ | environment, capture_output=True, text=True, check=False
    )


def extensions(checkout: Path) -> list[Path]:
    return [path for path in checkout.rglob("_hamming.*") if path.suffix in (".so", ".pyd")]


def test_an_installation_without_a_compiler_succeeds_and_has_no_native_part(checkout: Path) -> None:
    false = shutil.which("false")
    if false is None:
        pytest.skip("needs a program that always fails to stand for the compiler")
    done = build(checkout, CC=false, CXX=false)
    assert done.returncode == 0, done.stderr
    assert "_hamming" in done.stderr, "nothing was said about what is missing"
    assert extensions(checkout) == []


@pytest.mark.skipif(shutil.which("c++") is None, reason="needs a C++ compiler")
def test_an_installation_with_a_compiler_has_a_native_part_built_without_a_warning(checkout: Path) -> None:
    done = build(checkout)
    assert done.returncode == 0, done.stderr
    assert "warning" not in done.stderr
    (extension,) = extensions(checkout)
    assert extension.name in ("_hamming.abi3.so", "_hamming.pyd"), "one build serves every later Python"
    seen = subprocess.run(
        [sys.executable, "-c", "import _hamming; print(*_hamming.levels())"],
        cwd=extension.parent, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert seen.stdout.split()[-1] == "portable"
