"""An intake is its unit's alone, and nothing of it is lost.

Two worlds, each an installation with a process of its own, under the same keys and with the same officers. In the first
a unit of XA works on a seizure; in the second it does not. Another unit of XA and one of XB do the same in both, step by
step, and everything that they are told is compared byte by byte. Random ids are numbered in the order in which they are
met, and times of the clock left out; the ids of the first world's intake are asked for in both.
"""

import re
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import md5
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from concord.actions.installation import Installation
from concord.database import embedded
from concord.database.cluster import Role
from concord.vault.keys import make_keys
from tests.cli.terminal import Clerk, Said, command, environment
from tests.database.processes import wait_until
from tests.pictures import jpeg
from tests.promises.seat import Seat

RANDOM_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d\.\d+Z| UTC)")
NEVER = "00000000-0000-4000-8000-000000000000"


@dataclass(frozen=True)
class World:
    """One installation, seen from the seats of two units of XA and one of XB."""

    ours: Clerk
    colleague: Clerk
    theirs: Clerk

    @classmethod
    def at(cls, seat: Seat) -> "World":
        return cls(*(Clerk.enrolled(seat, name, name[:2].upper()) for name in ("xa-ours", "xa-other", "xb-theirs")))


@pytest.fixture(scope="module")
def disk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("seized") / "disk"
    folder.mkdir()
    for number in range(4):
        (folder / f"{number}.jpg").write_bytes(jpeg(91_000 + number))
    (folder / "part.dll").write_bytes(b"a program's part")
    (folder.parent / "system.txt").write_text(md5(b"a program's part").hexdigest())
    return folder


@pytest.fixture(scope="module")
def worlds(disk: Path) -> Iterator[tuple[World, World, str]]:
    """And the id of the intake that there is in the first."""
    folder = Path(tempfile.mkdtemp(prefix="concord-test-"))
    homes = folder / "with", folder / "without"
    make_keys(homes[0] / "keys")
    shutil.copytree(homes[0] / "keys", homes[1] / "keys")
    try:
        with Seat(homes[0], hash_seed=1) as one, Seat(homes[1], hash_seed=2) as other:
            first, second = World.at(one), World.at(other)
            for world in (first, second):
                world.theirs.enter(disk / "1.jpg")
            yield first, second, _seize(first.ours, disk, homes[0])
    finally:
        for home in homes:
            embedded.remove(home)
        shutil.rmtree(folder)


def _seize(ours: Clerk, disk: Path, home: Path) -> str:
    """Beside the one whose id is given there is one whose time is over, and which nobody has erased yet."""
    assert ours.run("ordinary", "add", "system", disk.parent / "system.txt").status == 0
    expired = ours.run("intake", "open", disk / "0.jpg", "--case", "C-1", "--json").objects[0]["intake"]
    opened = ours.run("intake", "open", disk, "--case", "C-1", "--json").objects[0]
    assert opened["items"] == {"NEW": 3, "KNOWN": 1, "ORDINARY": 1}
    with embedded.start(home) as lease, psycopg.connect(lease.conninfo(Role.OWNER)) as owner:
        owner.execute("update intake set expires_at = now() - interval '1 second' where id = %s", [expired])
    return str(opened["intake"])


Told = tuple[str, Said]


def _steps(clerk: Clerk, disk: Path, hidden: str) -> Iterator[Told]:
    yield "intakes", clerk.run("intake", "list", "--json")
    yield "intakes in words", clerk.run("intake", "list")
    yield "lists", clerk.run("ordinary", "list", "--json")
    for intake in (hidden, NEVER):
        yield f"show {intake}", clerk.run("intake", "show", intake, "--json")
        yield f"its new ones {intake}", clerk.run("intake", "show", intake, "--answer", "NEW")
        yield f"ask {intake}", clerk.run("intake", "ask", intake, "--json")
        yield f"enter {intake}", clerk.run("enter", "--intake", intake, "--select", "*", "--json")
        yield f"close {intake}", clerk.run("intake", "close", intake, "--yes")
    yield "expired", clerk.run("intake", "erase", "--expired")
    yield "files", clerk.run("ask", disk, "--json")
    yield "files in words", clerk.run("ask", *sorted(disk.iterdir()))
    yield "remove the list", clerk.run("ordinary", "remove", "system")
    yield "the same seizure", clerk.run("intake", "open", disk, "--case", "C-1", "--json")
    yield "again", clerk.run("intake", "open", disk, "--case", "C-1")
    yield "the own", clerk.run("intake", "list", "--json")
    yield "a list of the same name", clerk.run("ordinary", "add", "system", disk.parent / "system.txt", "--json")
    yield "what is in the other's", clerk.run("intake", "show", hidden)
    yield "enter it", clerk.run("enter", disk, "--case", "C-1", "--json")


def _transcript(clerk: Clerk, disk: Path, hidden: str) -> list[str]:
    numbers = {hidden: hidden, NEVER: NEVER}

    def number(found: re.Match[str]) -> str:
        return numbers.setdefault(found[0], f"#{len(numbers)}")

    return [TIME.sub("TIME", RANDOM_ID.sub(number, f"{step}: {told}")) for step, told in _steps(clerk, disk, hidden)]


@pytest.mark.parametrize("who", ["colleague", "theirs"])
def test_nothing_that_another_unit_is_told_depends_on_an_intake(
    worlds: tuple[World, World, str], disk: Path, who: str
) -> None:
    with_intake, without, hidden = worlds
    first = _transcript(getattr(with_intake, who), disk, hidden)
    second = _transcript(getattr(without, who), disk, hidden)
    for told, told_without in zip(first, second, strict=True):
        assert told == told_without
    shown = with_intake.ours.run("intake", "show", hidden, "--json").objects
    assert len(shown) == 6  # it was there all the time


# ---- killed in the middle ---------------------------------------------------------------------------------------------

FILES = 1500
HOLD_AT = 700  # beyond what is written at once, so that something was written before; never reached by other tests
LOCK = 0x696E74616B65
# Whoever writes an item at that position waits until the test lets go.
HOLD = f"""
create function hold_intake() returns trigger language plpgsql as $$
begin
    if new.position >= {HOLD_AT} then perform pg_advisory_xact_lock_shared({LOCK}); end if;
    return new;
end $$;
create trigger hold before insert on intake_item for each row execute function hold_intake();
grant execute on function hold_intake() to concord_app"""
RELEASE = "drop trigger hold on intake_item; drop function hold_intake()"
WAITING = "select exists (select from pg_locks where locktype = 'advisory' and not granted and mode = 'ShareLock')"
ITEMS = """
select i.path, i.asked_at from intake_item i join intake t on t.id = i.intake_id join unit n on n.id = t.owner_unit_id
where n.name = %s order by i.position"""


@pytest.fixture
def owner(installation: Installation) -> Iterator[psycopg.Connection]:
    with (
        embedded.start(installation.config.home) as lease,
        psycopg.connect(lease.conninfo(Role.OWNER), autocommit=True) as connection,
    ):
        yield connection


def test_killed_while_it_looks_at_a_seizure_the_same_command_goes_on_and_repeats_nothing(
    clerk: Clerk, installation: Installation, owner: psycopg.Connection, tmp_path: Path
) -> None:
    folder = tmp_path / "disk"
    folder.mkdir()
    for number in range(FILES):
        (folder / f"{number:04}.txt").write_text(f"no picture {uuid4()}")
    opening = ("intake", "open", folder, "--case", "C-1", "--json")
    _kill_in_the_middle(clerk, installation, owner, opening)
    unit = [f"Unit of {clerk.profile}"]
    before = owner.execute(ITEMS, unit).fetchall()
    assert 0 < len(before) < HOLD_AT
    assert [Path(path).name for path, _ in before] == [f"{number:04}.txt" for number in range(len(before))]
    said = clerk.run(*opening)
    assert said.objects[0]["items"] == {"NEW": FILES}
    assert said.objects[0]["state"] == "FILLED"
    after = owner.execute(ITEMS, unit).fetchall()
    assert after[: len(before)] == before  # the time of the answer as well
    assert [Path(path).name for path, _ in after] == [f"{number:04}.txt" for number in range(FILES)]


def _kill_in_the_middle(
    clerk: Clerk, installation: Installation, owner: psycopg.Connection, opening: tuple[str | Path, ...]
) -> None:
    owner.execute(HOLD)
    try:
        owner.execute("select pg_advisory_lock(%s)", [LOCK])
        process = subprocess.Popen(
            command(*opening, "--as", clerk.profile),
            stdout=subprocess.DEVNULL,  # what it complains of is shown with the test's failure
            env=environment(installation.config.home),
        )
        try:
            wait_until(lambda: process.poll() is not None or owner.execute(WAITING).fetchone() == (True,))
        finally:
            process.kill()
        assert process.wait() == -signal.SIGKILL
    finally:
        owner.execute("select pg_advisory_unlock(%s)", [LOCK])
        wait_until(lambda: owner.execute(WAITING).fetchone() == (False,))
        owner.execute(RELEASE)
