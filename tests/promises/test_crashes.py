"""Killed in the middle of entering, at whatever moment: nothing half-done is visible, and entering again completes it."""

import json
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import psutil
import psycopg
import pytest

from concord.actions.installation import Installation
from concord.database import embedded
from concord.database.cluster import Role
from concord.values import CountryCode
from tests.cli.seized import seeds
from tests.cli.terminal import Clerk, command, environment
from tests.database.processes import gone, wait_until
from tests.pictures import jpeg

FILES = 500
INSTANCES = """
select i.path, encode(m.sha256, 'hex'), i.material_id,
       exists (select from fingerprint f where f.material_id = m.id),
       exists (select from audit_entry a where a.items @> array[m.id::text] and a.verb = 'ENTER' and a.outcome = 'DONE'
                                         and a.unit = i.owner_unit_id)
from instance i join material m on m.id = i.material_id join unit n on n.id = i.owner_unit_id
where n.name = %s order by i.path"""
ORPHANS = """
select count(*) from material m
where m.sha256 = any(%s) and not exists (select from instance i where i.material_id = m.id)"""
EMPTY_CONTRIBUTIONS = """
select count(*) from contribution c join unit n on n.id = c.owner_unit_id
where n.name = %s and not exists (select from instance i where i.contribution_id = c.id)"""
WAITING_FOR_THE_AUDIT = """
select count(*) from pg_locks where relation = 'audit_entry'::regclass and not granted"""


@dataclass(frozen=True)
class Seizure:
    """A folder of pictures, the unit that enters it, and a look into the database from outside."""

    folder: Path
    contents: dict[str, bytes]  # by path
    clerk: Clerk
    installation: Installation
    owner: psycopg.Connection  # autocommit

    @property
    def unit(self) -> str:
        return f"Unit of {self.clerk.profile}"

    def entered(self) -> int:
        query = "select count(*) from instance i join unit n on n.id = i.owner_unit_id where n.name = %s"
        return self._one(query, self.unit)

    def in_the_vault(self, count: int) -> bool:
        """Whether the first `count` files' bytes are there."""
        contents = list(self.contents.values())[:count]
        return all(self.installation.vault.holds(sha256(data).digest(), CountryCode("XA")) for data in contents)

    def begin(self, out: Path) -> subprocess.Popen[bytes]:
        arguments = command("enter", self.folder, "--case", "C-1", "--json", "--as", self.clerk.profile)
        with out.open("wb") as file:
            return subprocess.Popen(arguments, stdout=file, env=environment(self.installation.config.home))

    def check(self, acknowledged: list[dict[str, str]]) -> None:
        """That whatever is there is there whole, and that all that was acknowledged is there."""
        rows = self.owner.execute(INSTANCES, [self.unit]).fetchall()
        assert len({path for path, *_ in rows}) == len({material for *_, material, _, _ in rows}) == len(rows)
        for path, digest, _, has_fingerprint, has_entry in rows:
            assert (digest, has_fingerprint, has_entry) == (sha256(self.contents[path]).hexdigest(), True, True)
        assert {line["material"] for line in acknowledged} <= {str(material) for *_, material, _, _ in rows}
        digests = [sha256(data).digest() for data in self.contents.values()]
        assert self._one(ORPHANS, digests) == 0
        assert self._one(EMPTY_CONTRIBUTIONS, self.unit) == 0

    def _one(self, query: str, *values: object) -> int:
        row = self.owner.execute(query, values).fetchone()
        assert row
        return int(row[0])


@pytest.fixture
def seizure(clerk: Clerk, installation: Installation, tmp_path: Path) -> Iterator[Seizure]:
    folder = tmp_path / "seized"
    folder.mkdir()
    contents = {str(folder / f"{number:03}.jpg"): jpeg(next(seeds), width=96, height=96) for number in range(FILES)}
    for path, data in contents.items():
        Path(path).write_bytes(data)
    home = installation.config.home
    with (
        embedded.start(home) as lease,
        psycopg.connect(lease.conninfo(Role.OWNER), autocommit=True) as owner,
    ):
        yield Seizure(folder, contents, clerk, installation, owner)


Moment = Callable[[Seizure], None]


def before_a_row(count: int) -> Moment:
    """So many files' bytes are in the vault; rows of the last ones may not be written yet."""
    return lambda seizure: wait_until(lambda: seizure.in_the_vault(count))


def after(count: int) -> Moment:
    """So many are entered."""
    return lambda seizure: wait_until(lambda: seizure.entered() >= count)


@contextmanager
def holding_back_the_audit(seizure: Seizure) -> Iterator[None]:
    with seizure.owner.transaction():
        seizure.owner.execute("lock table audit_entry in exclusive mode")
        yield


def test_killed_at_any_moment_nothing_is_half_done_and_entering_again_completes_it(
    seizure: Seizure, tmp_path: Path
) -> None:
    _kill(seizure, tmp_path / "first", before_a_row(10))
    _kill(seizure, tmp_path / "second", after(60))
    _kill_within_a_transaction(seizure, tmp_path / "third", more=100)
    _complete(seizure)


@pytest.mark.long
@pytest.mark.parametrize("count", [1, 31, 32, 33, 130, 222, 301, 380])
def test_killed_once_before_or_within_any_batch(seizure: Seizure, tmp_path: Path, count: int) -> None:
    _kill(seizure, tmp_path / "first", before_a_row(count))
    _kill_within_a_transaction(seizure, tmp_path / "second", more=20)
    _complete(seizure)


def _kill(seizure: Seizure, out: Path, moment: Moment) -> None:
    process = seizure.begin(out)
    moment(seizure)
    _strike(seizure, process, out)


def _kill_within_a_transaction(seizure: Seizure, out: Path, more: int) -> None:
    """So many more are entered, and of the next batch everything but its audit entry, for which it is made to wait."""
    enough = seizure.entered() + more
    process = seizure.begin(out)
    wait_until(lambda: seizure.entered() >= enough)
    with holding_back_the_audit(seizure):
        wait_until(lambda: seizure.owner.execute(WAITING_FOR_THE_AUDIT).fetchone() == (1,))
        process.kill()
        process.wait()
    _strike(seizure, process, out)


def _strike(seizure: Seizure, process: subprocess.Popen[bytes], out: Path) -> None:
    workers = (
        [one.pid for one in psutil.Process(process.pid).children(recursive=True)] if process.poll() is None else []
    )
    process.kill()
    assert process.wait() == -signal.SIGKILL
    wait_until(lambda: all(gone(pid) for pid in workers))
    *lines, _ = out.read_text().split("\n")  # the last one may be cut off
    seizure.check([json.loads(line) for line in lines])


def _complete(seizure: Seizure) -> None:
    assert seizure.entered() < FILES
    said = seizure.clerk.run("enter", seizure.folder, "--case", "C-1", "--json")
    assert said.status == 0
    assert [line["item"] for line in said.objects] == list(seizure.contents)
    assert {line["result"] for line in said.objects} == {"entered", "duplicate"}
    assert seizure.entered() == FILES
    seizure.check([])
    vault = seizure.installation.vault
    for data in seizure.contents.values():
        assert b"".join(vault.read(sha256(data).digest(), CountryCode("XA"))) == data
    answers = seizure.clerk.ask(seizure.folder)
    assert {(answer["answer"], answer["match"]) for answer in answers} == {("KNOWN", "exact")}
