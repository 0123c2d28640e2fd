"""docs/dependencies.md names what pyproject.toml asks for; the lock files hold it, with hashes and without addresses."""

import re
import tomllib
from itertools import combinations

import pytest

from tests.conftest import ROOT

LOCKS = {  # and the extras that each holds besides what runs
    "requirements.lock": ["build"],
    "requirements-dev.lock": ["build", "dev"],
    "requirements-bench.lock": ["build", "bench"],
}
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def _names(requirements: list[str]) -> set[str]:
    return {re.match(r"[A-Za-z0-9_-]+", line)[0].lower() for line in requirements}  # type: ignore[index]


def _listed(section: str) -> set[str]:
    text = (ROOT / "docs" / "dependencies.md").read_text()
    part = text.split(f"## {section}\n")[1].split("\n## ")[0]
    rows = [line.split("|")[1] for line in part.splitlines() if line.startswith("| ") and "package" not in line]
    return {name.strip().lower() for row in rows for name in row.split(",")}


def test_what_runs_is_listed() -> None:
    assert _listed("To run") == _names(PROJECT["dependencies"])


def test_what_checks_is_listed() -> None:
    extras = PROJECT["optional-dependencies"]
    assert _listed("To build, check and test") == _names(extras["build"]) | _names(extras["dev"])


def test_what_is_compared_with_is_listed() -> None:
    assert _listed("To compare with") == _names(PROJECT["optional-dependencies"]["bench"])


@pytest.mark.parametrize("lock", LOCKS)
def test_locks_have_hashes_and_no_addresses(lock: str) -> None:
    text = (ROOT / lock).read_text()
    assert "://" not in text
    assert "index" not in text
    pinned = re.findall(r"^[A-Za-z0-9_.-]+(?:\[.*\])?==", text, re.MULTILINE)
    assert pinned
    for block in re.split(r"\n(?=[A-Za-z0-9])", text.strip()):
        assert "--hash=sha256:" in block, block.splitlines()[0]


@pytest.mark.parametrize(("lock", "extras"), LOCKS.items())
def test_everything_asked_for_is_locked(lock: str, extras: list[str]) -> None:
    locked = (ROOT / lock).read_text().lower()
    wanted = _names(PROJECT["dependencies"]).union(*(_names(PROJECT["optional-dependencies"][one]) for one in extras))
    for name in wanted:
        assert re.search(rf"^{name}(\[|==)", locked, re.MULTILINE), name


def test_the_locks_agree_so_that_one_environment_can_hold_them_all() -> None:
    """Where a version depends on the Python, a lock names all of them."""
    pinned = [re.findall(r"^([A-Za-z0-9_.-]+)==(\S+)", (ROOT / lock).read_text(), re.MULTILINE) for lock in LOCKS]
    for one, other in combinations(pinned, 2):
        for name in {name for name, _ in one} & {name for name, _ in other}:
            assert {pin for pin in one if pin[0] == name} == {pin for pin in other if pin[0] == name}
