import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from concord.database import embedded
from concord.database.place import settle
from concord.database.terms import Terms
from tests.database.servers import OwnServer, own_server, skip_without, system_programs, wheel_programs


@pytest.fixture(scope="session")
def programs_of_the_wheel() -> Path:
    with tempfile.TemporaryDirectory(prefix="pg-") as state:
        folder = Path(state)
        folder.chmod(0o755 if os.geteuid() == 0 else 0o700)
        yield skip_without(wheel_programs(folder), "PostgreSQL programs in the wheel")  # type: ignore[misc]


@pytest.fixture(params=["of this machine", pytest.param("of the wheel", marks=pytest.mark.long)])
def programs(request: pytest.FixtureRequest) -> Path:
    if request.param == "of the wheel":
        folder: Path = request.getfixturevalue("programs_of_the_wheel")
        return folder
    return skip_without(system_programs(), "PostgreSQL server programs")


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
def new_home(folder: Path, terms: Terms) -> Iterator[Path]:
    """Where nothing has been made yet."""
    path = folder / "home"
    yield path
    embedded.remove(path, terms)


@pytest.fixture(scope="session")
def mould() -> Iterator[Path]:
    """What a first start leaves after a clean stop. To copy it takes a tenth of making it."""
    with tempfile.TemporaryDirectory(prefix="t-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        terms = Terms(patience_seconds=180, state=folder / "state", durable=False)
        embedded.start(folder / "home", terms).close()
        embedded.stop(folder / "home", terms)
        yield settle(folder / "home", terms).base
        embedded.remove(folder / "home", terms)


@pytest.fixture
def home(new_home: Path, terms: Terms, mould: Path) -> Path:
    """Whose data have been made already; no server has run there."""
    place = settle(new_home, terms)
    subprocess.run(["cp", "-a", mould / "data", mould / "foundation", place.base], check=True)
    place.made.touch(mode=0o600)
    return new_home


@pytest.fixture(scope="module")
def running() -> Iterator[embedded.Lease]:
    with embedded.throwaway() as lease:
        yield lease
