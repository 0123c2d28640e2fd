"""Attempts to escape, from within real workers: behind all walls each must fail, and without walls it must succeed
where this machine lets it, or it would prove nothing."""

import os
import secrets
import socket
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from concord.config import Limits
from concord.errors import DecodingOverran, WorkerUnavailable
from concord.jail.cell import ENVIRONMENT
from concord.jail.messages import Job
from concord.jail.pool import Jail
from concord.jail.walls import ALL_WALLS

from .probe_worker import ATTEMPTS

WORKER = str(Path(__file__).with_name("probe_worker.py"))
ATTEMPT = Job("attempt", str)
DEADLY = {
    *("exec", "ptrace", "the parent's memory", "the parent as a descriptor", "io_uring", "userfaultfd", "bpf", "perf"),
    *("keys", "a new namespace", "mount", "chroot", "a call of x32"),
}
ALLOWED = {"a thread"}  # HEIF's decoder works in one
# What a machine may refuse to anybody: a container, another user than root, a kernel built without it.
PERHAPS = DEADLY | {
    *("vsock", "netlink", "a POSIX message queue", "another personality", "clone3", "send by UDP"),
    *("signal the group", "lock the input", "open a device"),
} - {"exec"}
CHANGING = {"ptrace", "more rights", "another personality"}  # without walls the worker is another one afterwards
FORBIDDEN_BY_LANDLOCK = (
    *("open to read", "open to write", "open a device", "list a folder", "make a folder", "make a link"),
    *("remove a file", "rename a file", "open the own environment"),
)

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has these walls")


def jail_behind(walls: str) -> Jail:
    return Jail(workers=1, limits=Limits(), program=(WORKER, walls))


@pytest.fixture(scope="module")
def whole() -> Iterator[Jail]:
    with jail_behind("all") as jail:
        if jail.walls() != ALL_WALLS:
            pytest.skip(f"this system has not all walls: {jail.missing_walls()}")
        yield jail


@pytest.fixture(scope="module")
def open_jail() -> Iterator[Jail]:
    with jail_behind("none") as jail:
        yield jail


@pytest.fixture
def around(tmp_path: Path) -> Iterator[dict[str, Any]]:
    """Something to reach: files, sockets that listen, this process."""
    for name in ("file", "other", "another"):
        (tmp_path / name).write_bytes(b"words")
    abstract = f"concord-{secrets.token_hex(8)}"
    with ExitStack() as stack:
        by_tcp = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        for address in (str(tmp_path / "listening"), f"\0{abstract}"):
            listener = stack.enter_context(socket.socket(socket.AF_UNIX))
            listener.bind(address)
            listener.listen()
        yield {
            "place": str(tmp_path),
            "parent": os.getpid(),
            "port": by_tcp.getsockname()[1],
            "abstract": abstract,
            "queue": f"/{abstract}",
        }


def outcome(jail: Jail, name: str, around: dict[str, Any]) -> str:
    """`done`, an error's name, or why the worker is dead."""
    with (Path(around["place"]) / "file").open("rb") as file:
        try:
            return jail.run(ATTEMPT, file.fileno(), "item", name=name, around=around)
        except DecodingOverran as death:
            return str(death.facts["cause"])


@pytest.mark.parametrize("name", sorted(set(ATTEMPTS) - DEADLY - ALLOWED))
def test_what_a_library_may_try_is_refused(whole: Jail, around: dict[str, Any], name: str) -> None:
    before = sorted(path.name for path in Path(around["place"]).iterdir())
    assert outcome(whole, name, around) in ("EPERM", "EACCES", "ENOSYS", "EMFILE")
    assert sorted(path.name for path in Path(around["place"]).iterdir()) == before


@pytest.mark.parametrize("name", sorted(DEADLY))
def test_what_no_decoder_tries_ends_the_worker(whole: Jail, around: dict[str, Any], name: str) -> None:
    assert "SIGSYS" in outcome(whole, name, around)


@pytest.mark.parametrize("name", sorted(ATTEMPTS))
def test_without_walls_the_same_attempt_succeeds(open_jail: Jail, around: dict[str, Any], name: str) -> None:
    if name in CHANGING:
        with jail_behind("none") as changed:
            found = outcome(changed, name, around)
    else:
        found = outcome(open_jail, name, around)
    if found == "its worker ended with code 0" and name == "exec":
        found = "done"  # another program ran in its place
    if found != "done" and name in PERHAPS:
        pytest.skip(f"this machine refuses it to anybody here: {found}")
    assert found == "done"


@pytest.mark.parametrize("name", FORBIDDEN_BY_LANDLOCK)
def test_landlock_alone_keeps_from_every_path(lone_landlock: Jail, around: dict[str, Any], name: str) -> None:
    assert outcome(lone_landlock, name, around) == "EACCES"


@pytest.mark.parametrize("name", sorted(set(ATTEMPTS) - DEADLY - ALLOWED))
def test_the_filter_alone_refuses_as_much(lone_filter: Jail, around: dict[str, Any], name: str) -> None:
    assert outcome(lone_filter, name, around) in ("EPERM", "ENOSYS")


@pytest.fixture(scope="module")
def lone_landlock(whole: Jail) -> Iterator[Jail]:
    with jail_behind("landlock") as jail:
        yield jail


@pytest.fixture(scope="module")
def lone_filter(whole: Jail) -> Iterator[Jail]:
    with jail_behind("seccomp") as jail:
        yield jail


def test_a_worker_has_its_three_streams_its_channel_and_its_input_and_nothing_else(
    whole: Jail, around: dict[str, Any]
) -> None:
    with (Path(around["place"]) / "file").open("rb") as file:
        assert whole.run(Job("descriptors", list[int]), file.fileno(), "item") == [0, 1, 2, 3, 4]


def test_a_worker_knows_no_word_of_our_environment(
    whole: Jail, around: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CONCORD_DATABASE_URL", "postgresql://secret")
    with (Path(around["place"]) / "file").open("rb") as file, jail_behind("all") as jail:
        names = jail.run(Job("environment", list[str]), file.fileno(), "item")
    assert set(names) <= {*ENVIRONMENT, "LC_CTYPE"}
    assert "secret" not in "".join(ENVIRONMENT.values())


def test_a_worker_that_claims_walls_which_do_not_stand_is_not_used() -> None:
    with jail_behind("lies") as jail, pytest.raises(WorkerUnavailable, match=r"does not confirm.*rlimits, seccomp"):
        jail.walls()
