"""What all tests share: the sample files, and one real installation for the whole session.

No test cleans up after itself: each makes countries' units, cases and contents of its own, as real users would.
"""

import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# Where Python may not keep what it compiled, half of the time of each of the hundreds of processes that tests start goes
# into compiling Django anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

from concord.config import Config, read_config  # noqa: E402
from concord.site import wiring  # noqa: E402

wiring.prepare_django(read_config({"CONCORD_HOME": "/nonexistent"}))  # before any test module imports a record

from concord.actions.installation import Installation  # noqa: E402
from concord.database import embedded  # noqa: E402
from concord.database.terms import THROWAWAY  # noqa: E402
from tests import processors  # noqa: E402
from tests.database.servers import own_server  # noqa: E402
from tests.desk import Desk, Desks  # noqa: E402
from tests.officers import Officers  # noqa: E402
from tests.serving import serving  # noqa: E402

ROOT = Path(__file__).parents[1]

# Begun first, in whatever order the others come: at the end one worker would be busy with one of them, the others idle.
LONGEST = frozenset(
    f"tests/{name}.py"
    for name in (
        *("benchmarks/test_main", "cli/test_bulk", "database/test_by_url", "database/test_embedded"),
        *("database/test_embedded_kills", "database/test_embedded_places", "database/test_rows_by_url"),
        *("docs/test_readme", "jail/test_hostile", "matching/test_hamming", "matching/test_index"),
        *("matching/test_native", "promises/test_crashes", "promises/test_freshness", "promises/test_secrecy"),
        *("site/test_wiring", "training/test_story", "web/test_in_a_browser"),
    )
)

# Nothing that a run says may hang on how busy its machine is, or on luck: the same examples every time and no stop-watch.
# The campaigns (--long) draw new ones at every run. Registered before any test module takes its settings from here.
settings.register_profile(
    "steady", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
settings.register_profile("campaign", settings.get_profile("steady"), derandomize=False)
settings.load_profile("steady")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--long", action="store_true", help="run the campaigns as well")
    parser.addoption("--postgresql", metavar="BIN", help="use a throw-away server of these programs, not the embedded")


def pytest_configure(config: pytest.Config) -> None:
    # Started in the background of a shell, this process ignores interrupts, and so would every program that it tests.
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if config.getoption("--long"):
        settings.load_profile("campaign")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    return processors.workers(processors.usable())


def pytest_make_parametrize_id(val: object) -> str | None:
    """Bytes are named by their length: packed ones hold the time, and all processes must find the same names."""
    return f"{len(val)} bytes" if isinstance(val, bytes) else None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.nodeid.partition("::")[0] not in LONGEST)
    if config.getoption("--long"):
        return
    for item in items:
        if item.get_closest_marker("long"):
            item.add_marker(pytest.mark.skip(reason="a campaign: ./run test --long"))


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Real benign pictures, videos and lists, which are not part of the repository."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the sample files (../shared/data) are not on this machine")
    return folder


@pytest.fixture(scope="session")
def config(request: pytest.FixtureRequest) -> Iterator[Config]:
    """A home of its own, without installation."""
    home = Path(tempfile.mkdtemp(prefix="concord-test-"))
    try:
        with _addresses(home, request.config.getoption("--postgresql")) as addresses:
            yield replace(read_config({"CONCORD_HOME": str(home), **addresses}), workers=2)
    finally:
        embedded.remove(home)
        shutil.rmtree(home, ignore_errors=True)


@contextmanager
def _addresses(home: Path, programs: str | None) -> Iterator[dict[str, str]]:
    """None for the embedded server, else the three of a server that runs until the end of the block."""
    if programs is None:
        with embedded.start(home, THROWAWAY):  # who comes later finds it running, and it does not wait for the disk
            yield {}
        return
    with own_server(Path(programs)) as server, pytest.MonkeyPatch.context() as patch:
        server.lay_foundation()
        for name, url in server.urls().items():
            patch.setenv(name, url)  # for the processes that tests start on this home
        yield server.urls()


@pytest.fixture(scope="session")
def installation(config: Config) -> Iterator[Installation]:
    """The one open installation of this process."""
    opened = wiring.create_installation(config)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def live_server_url(installation: Installation) -> Iterator[str]:
    """`concord serve` on the session's installation, ready."""
    with serving(installation.config.home) as port:
        yield f"http://127.0.0.1:{port}"


@pytest.fixture(scope="session")
def officers(installation: Installation) -> Officers:
    return Officers()


@pytest.fixture
def desks(installation: Installation, officers: Officers, tmp_path: Path) -> Desks:
    return Desks(installation, officers, tmp_path)


@pytest.fixture
def desk(desks: Desks) -> Desk:
    return desks.of("XA")
