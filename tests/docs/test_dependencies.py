"""docs/dependencies.md names what pyproject.toml asks for; the lock files hold it, with hashes and without addresses."""

import re
import tomllib

import pytest

from tests.conftest import ROOT

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


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_locks_have_hashes_and_no_addresses(lock: str) -> None:
    text = (ROOT / lock).read_text()
    assert "://" not in text
    assert "index" not in text
    pinned = re.findall(r"^[A-Za-z0-9_.-]+(?:\[.*\])?==", text, re.MULTILINE)
    assert pinned
    for block in re.split(r"\n(?=[A-Za-z0-9])", text.strip()):
        assert "--hash=sha256:" in block, block.splitlines()[0]


def test_everything_asked_for_is_locked() -> None:
    locked = (ROOT / "requirements.lock").read_text().lower()
    for name in _names(PROJECT["dependencies"]):
        assert re.search(rf"^{name}(\[|==)", locked, re.MULTILINE), name
