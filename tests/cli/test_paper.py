"""What is shown to somebody who watches a terminal, and that nothing of it is where nobody does."""

import json
import os
import pty
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import IO, Self

import psycopg
import pytest

from concord.cli import paper
from concord.database import embedded
from concord.database.cluster import Role
from tests.cli.seized import new_digest
from tests.cli.terminal import Clerk, Terminal, command, environment
from tests.database.processes import PATIENCE_SECONDS

RATE = re.compile(r"[0-9,.]+/s")
REMAINING = re.compile(r"[0-9-]+:[0-9-]{2}(:[0-9-]{2})?")


class Screen:
    """A terminal that keeps everything it was ever told to show."""

    def __init__(self) -> None:
        self._master, self.inside = pty.openpty()
        self._shown, self._changed = b"", threading.Condition()
        self._reader = threading.Thread(target=self._read)

    def __enter__(self) -> Self:
        self._reader.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.inside >= 0:
            self.let_go()
        self._reader.join()
        os.close(self._master)

    def let_go(self) -> None:
        """Only the program has it from now on, and its end is that of the screen."""
        os.close(self.inside)
        self.inside = -1

    @property
    def shown(self) -> str:
        return self._shown.decode(errors="replace")  # what has come so far may end within a sign

    def wait_for(self, seen: Callable[[str], object]) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: seen(self.shown), timeout=PATIENCE_SECONDS), self.shown

    def _read(self) -> None:
        while data := self._some():
            with self._changed:
                self._shown += data
                self._changed.notify()

    def _some(self) -> bytes:
        try:
            return os.read(self._master, 1 << 16)
        except OSError:  # how Linux says that nobody has the other end any more
            return b""


@contextmanager
def hand_on_the_door(home: Path) -> Iterator[Callable[[], None]]:
    """Nothing is answered, as no audit entry can be written, until what this gives is called."""
    with embedded.start(home) as lease, psycopg.connect(lease.conninfo(Role.OWNER)) as connection:
        connection.execute("lock table audit_entry in exclusive mode")
        yield connection.rollback


def test_what_takes_longer_has_a_bar_with_rate_and_remaining_time(clerk: Clerk, terminal: Terminal) -> None:
    digests = [new_digest() for _ in range(200)]
    home = terminal.config.home
    with Screen() as screen, hand_on_the_door(home) as take_away:
        process = subprocess.Popen(
            command("ask", *digests, "--json", "--as", clerk.profile),
            stdout=subprocess.PIPE,
            stderr=screen.inside,
            env=environment(home, TERM="xterm", COLUMNS="100"),
        )
        screen.let_go()
        screen.wait_for(lambda shown: "asking" in shown and "0/200" in shown)
        take_away()
        out, _ = process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == 0
    assert "200/200" in screen.shown
    assert RATE.search(screen.shown)
    assert REMAINING.search(screen.shown)
    # What is written to a file goes there all the same.
    assert [json.loads(line)["item"] for line in out.decode().split("\n")[:-1]] == digests
    assert "sha256" not in screen.shown


@contextmanager
def watched(monkeypatch: pytest.MonkeyPatch, appears_after_seconds: float) -> Iterator[Screen]:
    """As if this process's complaints went to a terminal."""
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(paper, "APPEARS_AFTER_SECONDS", appears_after_seconds)
    with Screen() as screen:
        stream: IO[str] = os.fdopen(os.dup(screen.inside), "w")
        monkeypatch.setattr(sys, "stderr", stream)
        with stream:
            yield screen
        monkeypatch.undo()


def test_what_is_done_sooner_shows_no_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    with watched(monkeypatch, appears_after_seconds=3600) as screen, paper.progress("asking", ["x"]) as counted:
        assert list(counted(iter("abc"))) == ["a", "b", "c"]
    assert screen.shown == ""


def test_the_bar_appears_also_when_the_first_item_takes_long_and_is_gone_at_the_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with watched(monkeypatch, appears_after_seconds=0) as screen, paper.progress("asking", ["x", "y"]) as counted:
        screen.wait_for(lambda shown: "0/2" in shown)
        assert list(counted(iter("ab"))) == ["a", "b"]
    assert "2/2" in screen.shown
    assert screen.shown.endswith("\x1b[1A\x1b[2K")  # up and wiped


def test_the_bar_goes_with_what_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    with watched(monkeypatch, appears_after_seconds=0) as screen:
        with pytest.raises(OSError, match="gone"), paper.progress("asking", ["x"]):
            screen.wait_for(lambda shown: "0/1" in shown)
            raise OSError("gone")
        threads = [thread for thread in threading.enumerate() if "Timer" in thread.name or "Refresh" in thread.name]
    assert threads == []
    assert screen.shown.endswith("\x1b[1A\x1b[2K")


def test_without_a_terminal_a_stream_passes_untouched(capfd: pytest.CaptureFixture[str]) -> None:
    stream = iter("abc")
    with paper.progress("asking", ["x"]) as counted:
        assert counted(stream) is stream
    assert capfd.readouterr() == ("", "")
