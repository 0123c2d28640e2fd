"""The one file: standard library only, for every Python from 3.8 on that is here, the same bytes from the same source."""

import ast
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from concord.pocket.packing import pack
from tests.conftest import ROOT

FOLDER = ROOT / "src" / "concord" / "pocket"
MODULES = sorted(FOLDER.glob("*.py"))
OLDEST = (3, 8)
RELEASES = range(8, 15)
OTHER_SYSTEMS = {"fcntl", "msvcrt"}  # imported only where they are

REPORTS = "import sys; print('%d.%d' % sys.version_info[:2])"


def imported(tree: ast.AST) -> set[str]:
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    return names | {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_it_imports_the_standard_library_and_itself_only(path: Path) -> None:
    for name in imported(ast.parse(path.read_text())):
        assert name.startswith("concord.pocket.") or name.split(".")[0] in sys.stdlib_module_names | OTHER_SYSTEMS, name


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_it_is_written_in_the_language_of_the_oldest(path: Path) -> None:
    tree = ast.parse(path.read_text(), feature_version=OLDEST)
    assert "annotations" in {
        alias.name for node in tree.body if isinstance(node, ast.ImportFrom) for alias in node.names
    } or (path.name in ("__init__.py", "__main__.py"))


def test_the_same_source_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        pack(tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_it_holds_nothing_but_the_pocket(tmp_path: Path) -> None:
    pack(tmp_path / "a.pyz")
    with zipfile.ZipFile(tmp_path / "a.pyz") as archive:
        names = set(archive.namelist())
    assert names == {"__main__.py", "concord/__init__.py", *(f"concord/pocket/{path.name}" for path in MODULES)}


def pythons() -> list[str]:
    """Of the names under which interpreters are called, those that lead to one of that release."""
    found = []
    for release in RELEASES:
        name = f"python3.{release}"
        try:
            done = subprocess.run([name, "-I", "-c", REPORTS], capture_output=True, text=True, check=False)
        except OSError:
            continue
        if done.stdout.strip() == f"3.{release}":
            found.append(name)
    return found


def test_every_python_that_is_here_runs_it_from_anywhere(tmp_path: Path) -> None:
    pack(tmp_path / "ask.pyz")
    for python in {sys.executable, *pythons()}:
        command = [python, "-I", "-W", "error", str(tmp_path / "ask.pyz"), "--server", "http://far.invalid", "x"]
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd="/")
        assert (done.returncode, done.stdout) == (2, ""), (python, done.stderr)
        assert done.stderr.startswith("concord-ask: http://far.invalid: over plain http"), python
