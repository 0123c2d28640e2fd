"""A throw-away installation with one officer, and the processor time that its processes use."""

import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import psutil
import psycopg

from concord.access.actor import Actor, sign_in
from concord.actions.enrol import UnitFacts, enrol_unit, enrol_user
from concord.actions.installation import Installation
from concord.actions.say import open_case
from concord.config import read_config
from concord.database import embedded
from concord.database.cluster import Role
from concord.site import wiring
from concord.values import Basis, CountryCode, Purpose

CASE = "BENCH-1"
WORKERS = 2


@dataclass(frozen=True)
class Home:
    """An open installation; its database writes to the disk as a real one does."""

    installation: Installation
    actor: Actor
    folder: Path  # beside the installation, for material
    conninfo: str  # of the database's owner

    def database_seconds(self) -> float:
        """Processor time of the whole database server so far, its ended processes included."""
        with psycopg.connect(self.conninfo) as connection:
            server = psutil.Process(connection.info.backend_pid).parent()
        assert server is not None
        return tree_seconds(server)


@contextmanager
def home() -> Iterator[Home]:
    """Removed with all it holds at the end."""
    folder = Path(tempfile.mkdtemp(prefix="concord-bench-"))
    config = replace(read_config({"CONCORD_HOME": str(folder / "home")}), workers=WORKERS)
    try:
        with closing(wiring.create_installation(config)) as installation, embedded.start(config.home) as lease:
            facts = UnitFacts(CountryCode("XA"), "Ardovia", "Bench", "4101", "09-17", "UTC")
            actor = sign_in(enrol_user(enrol_unit(facts), "Bench", "officer", Purpose.TRAINING, Basis.TRAINING))
            open_case(installation, actor, CASE)
            yield Home(installation, actor, folder, lease.conninfo(Role.OWNER))
    finally:
        embedded.remove(config.home)
        shutil.rmtree(folder, ignore_errors=True)


def cpu_seconds(processes: Iterable[psutil.Process]) -> float:
    """User and system time of those that still run."""
    total = 0.0
    for process in processes:
        try:
            times = process.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += times.user + times.system
    return total


def reaped_seconds(process: psutil.Process) -> float:
    """Of its children that ended."""
    times = process.cpu_times()
    return float(times.children_user + times.children_system)


def tree_seconds(process: psutil.Process) -> float:
    """Of a process and everything below it, ended or not. It never falls."""
    while True:
        ended = reaped_seconds(process)
        total = cpu_seconds([process, *process.children(recursive=True)]) + ended
        if reaped_seconds(process) == ended:  # else one ended meanwhile, and was counted twice or not at all
            return total
