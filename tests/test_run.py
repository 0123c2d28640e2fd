"""`./run` where things are not as usual: no Python, a checkout of somebody else's, a path with a space."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import ROOT

TOOLS = ("sh", "dirname", "cat", "cut", "sed", "tr", "cksum", "mkdir", "rm", "mv", "tar", "chmod")
NOT_COPIED = (".git", ".venv", ".tools", "build", "*_cache", ".hypothesis", "__pycache__", "*.so", "*.egg-info")


def _checkout(folder: Path) -> Path:
    shutil.copytree(ROOT, folder, ignore=shutil.ignore_patterns(*NOT_COPIED))
    return folder


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """A PATH with the tools of every system and without Python."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in TOOLS:
        found = shutil.which(name)
        assert found
        (folder / name).symlink_to(found)
    return folder


def _run(run: Path, *arguments: str, **options: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run([run, *arguments], capture_output=True, text=True, check=False, **options)  # type: ignore[call-overload,no-any-return]


def test_an_unknown_word_is_refused_with_the_way_out() -> None:
    done = _run(ROOT / "run", "nonsense")
    assert (done.returncode, done.stdout) == (1, "")
    assert "there is no 'nonsense'" in done.stderr
    assert "./run help" in done.stderr


def test_help_and_an_unknown_word_need_no_python(bare: Path) -> None:
    assert _run(ROOT / "run", "help", env={"PATH": str(bare)}).returncode == 0
    assert "there is no 'nonsense'" in _run(ROOT / "run", "nonsense", env={"PATH": str(bare)}).stderr


def test_without_a_usable_python_it_says_which_is_needed(bare: Path) -> None:
    old = bare / "python3"
    old.write_text("#!/bin/sh\nexit 1\n")  # as one that is too old answers
    old.chmod(0o755)
    done = _run(ROOT / "run", "concord", "--version", env={"PATH": str(bare), "CONCORD_PYTHON": "/no such/python"})
    assert (done.returncode, done.stdout) == (1, "")
    assert "Python 3.11 to 3.14 is needed" in done.stderr
    assert "CONCORD_PYTHON" in done.stderr


def test_a_python_under_a_path_with_a_space_may_be_named(bare: Path, tmp_path: Path) -> None:
    named = tmp_path / "my python" / "python"
    named.parent.mkdir()
    named.write_text('#!/bin/sh\n[ "$1" = -c ] || [ "$1" = -VV ] || { echo "called: $*"; exit 1; }\n')
    named.chmod(0o755)
    checkout = _checkout(tmp_path / "checkout")
    done = _run(checkout / "run", "concord", env={"PATH": str(bare), "CONCORD_PYTHON": str(named)})
    assert done.returncode == 1
    assert f"called: -m venv {checkout}/.tools" in done.stderr
    assert "venv module does not work" in done.stderr


@pytest.fixture
def theirs() -> Iterator[Path]:
    """A folder that every account may go through, unlike tmp_path."""
    folder = Path(tempfile.mkdtemp(prefix="r-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.mark.long
@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to act as another account")
def test_a_checkout_of_somebody_else_runs_from_ones_own_cache(theirs: Path) -> None:
    checkout = _checkout(theirs / "with a space")
    home = theirs / "home"
    home.mkdir()
    shutil.chown(home, "nobody")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("CONCORD_", "XDG_", "UV_CACHE"))}
    environment = {**kept, "HOME": str(home), "PATH": "/usr/bin:/bin", "PYTHONDONTWRITEBYTECODE": "1"}

    def run(*arguments: str) -> str:
        done = _run(
            checkout / "run", *arguments, user="nobody", group="nogroup", extra_groups=[], env=environment, cwd="/"
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    before = sorted(checkout.rglob("*"))
    assert "concord" in run("concord", "--version")
    where = "import concord.matching as m; print(m.__file__, m.engine())"
    first = run("python", "-c", where).strip()
    assert first.startswith(str(home))
    assert sorted(checkout.rglob("*")) == before
    (checkout / "src" / "concord" / "fresh.py").write_text("WORD = 'seen'\n")
    assert run("python", "-c", "from concord.fresh import WORD; print(WORD)").strip() == "seen"
    assert len(list(home.glob(".cache/concord/*/source-*"))) == 1


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to act as another account")
def test_without_any_place_of_ones_own_it_says_so(theirs: Path, bare: Path) -> None:
    checkout = _checkout(theirs / "checkout")
    environment = {"PATH": "/usr/bin:/bin", "HOME": "/nonexistent"}
    done = _run(checkout / "run", "concord", user="nobody", group="nogroup", extra_groups=[], env=environment, cwd="/")
    if "Python 3.11" in done.stderr:
        pytest.skip("no Python that other accounts can run")
    assert done.returncode == 1
    assert "can be written to" in done.stderr
    assert "HOME" in done.stderr


# ---- what is installed, by stand-ins for Python and uv ---------------------------------------------------------------

FAKE_PYTHON = """#!/bin/sh
case $1 in -VV) echo "Python 3.11.0" ;; -m) echo "ran: $*" ;; esac
"""
FAKE_UV = """#!/bin/sh
for last in "$@"; do :; done
case $1 in
    venv) mkdir -p "$last/bin" && cp "$CONCORD_PYTHON" "$last/bin/python" ;;
    pip) echo "$*" >> "$FAKE_LOG" ;;
esac
"""


@dataclass(frozen=True)
class Prepared:
    """A checkout in which nothing is really installed, and what would have been."""

    checkout: Path
    environment: dict[str, str]
    log: Path

    def run(self, *arguments: str) -> list[str]:
        """The lock files that this installs."""
        self.log.write_text("")
        done = _run(self.checkout / "run", *arguments, env=self.environment)
        assert done.returncode == 0, done.stderr
        installed = [line for line in self.log.read_text().splitlines() if "--require-hashes" in line]
        return [Path(word).name for line in installed for word in line.split() if word.endswith(".lock")]


@pytest.fixture
def prepared(bare: Path, tmp_path: Path) -> Prepared:
    (bare / "cp").symlink_to(shutil.which("cp") or "cp")
    for name, script in (("uv", FAKE_UV), ("stand-in", FAKE_PYTHON)):
        (bare / name).write_text(script)
        (bare / name).chmod(0o755)
    log = tmp_path / "log"
    environment = {"PATH": str(bare), "CONCORD_PYTHON": str(bare / "stand-in"), "FAKE_LOG": str(log)}
    return Prepared(_checkout(tmp_path / "checkout"), environment, log)


RUN, DEV, BENCH = "requirements.lock", "requirements-dev.lock", "requirements-bench.lock"


def test_only_benchmarks_install_what_they_compare_with(prepared: Prepared) -> None:
    assert prepared.run("concord") == [RUN]
    assert prepared.run("bench", "hamming") == [RUN, BENCH]
    assert prepared.run("test") == [RUN, DEV]


def test_what_is_prepared_stays_so_for_every_word(prepared: Prepared) -> None:
    assert prepared.run("bench", "hamming") == [RUN, BENCH]
    assert prepared.run("concord") == [], "benchmarks hold all that runs"
    assert prepared.run("test") == [RUN, DEV]
    for words in (("bench", "hamming"), ("test",), ("python",), ("demo",)):
        assert prepared.run(*words) == []


def test_a_changed_lock_is_installed_by_those_who_need_it(prepared: Prepared) -> None:
    for word in ("bench", "test"):
        prepared.run(word)
    with (prepared.checkout / BENCH).open("a") as lock:
        lock.write("# newer\n")
    assert prepared.run("test") == prepared.run("concord") == []
    assert prepared.run("bench") == [RUN, BENCH]
    with (prepared.checkout / RUN).open("a") as lock:
        lock.write("# newer\n")
    assert prepared.run("bench") == [RUN, BENCH]
    assert prepared.run("test") == [RUN, DEV]
