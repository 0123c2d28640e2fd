import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from concord.database import embedded
from concord.database.terms import Terms
from tests.database.servers import OwnServer, own_server, skip_without, system_programs, wheel_programs


@pytest.fixture(scope="session")
def programs_of_the_wheel() -> Path:
    with tempfile.TemporaryDirectory(prefix="pg-") as state:
        folder = Path(state)
        folder.chmod(0o755 if os.geteuid() == 0 else 0o700)
        yield skip_without(wheel_programs(folder), "PostgreSQL programs in the wheel")  # type: ignore[misc]


@pytest.fixture(scope="session")
def own(request: pytest.FixtureRequest) -> Iterator[OwnServer]:
    """A server of one's own, the oldest of this machine that will do, else the wheel's; with its foundation laid."""
    programs = system_programs() or request.getfixturevalue("programs_of_the_wheel")
    with own_server(programs) as server:
        server.lay_foundation()
        yield server


@pytest.fixture
def terms(folder: Path) -> Terms:
    """Not durable: spares most tests the disk. It makes a difference only when something is killed."""
    return Terms(linger_seconds=5, patience_seconds=180, state=folder / "state", durable=False)


@pytest.fixture
def lasting(terms: Terms) -> Terms:
    return replace(terms, durable=True)


@pytest.fixture
def folder() -> Iterator[Path]:
    """Short, unlike tmp_path, and open to other accounts, as a folder for a server of root's should be."""
    path = Path(tempfile.mkdtemp(prefix="t-"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path)


@pytest.fixture
def home(folder: Path, terms: Terms) -> Iterator[Path]:
    path = folder / "home"
    yield path
    embedded.remove(path, terms)


@pytest.fixture(scope="module")
def running() -> Iterator[embedded.Lease]:
    with embedded.throwaway() as lease:
        yield lease
