"""The vault when it is cut off, raced and filled: in this process at every single step, and with real processes."""

import contextlib
import hashlib
import io
import random
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import obstore
import pytest
from obstore.store import LocalStore

from concord.errors import UnknownRecord
from concord.values import CountryCode
from concord.vault import shelf as shelf_module
from concord.vault.keys import Keys, make_keys
from concord.vault.objects import Vault
from concord.vault.shelf import Shelf

FR, DE = CountryCode("FR"), CountryCode("DE")
OWNERS = [CountryCode(code) for code in ("AT", "BE", "CH", "DE", "ES", "FR", "IT", "JP")]
SMALL = b"benign test content, short"
LARGE = bytes(range(256)) * 3 + b"end"

# What a child process runs: CONTENT(n) is the same in every process, of one byte to about six mebibytes.
CHILD = """
import hashlib, io, random, resource, sys
from pathlib import Path
from concord.config import read_config
from concord.values import CountryCode
from concord.vault.keys import make_keys
from concord.vault.objects import Vault

def content(n):
    return random.Random(n).randbytes([1, 3000, 1 << 20, (4 << 20) + 1, 6_000_000][n % 5] + n)

def say(*words):
    print(*words, flush=True)

config = read_config({"CONCORD_HOME": sys.argv[1]})
vault = Vault.open(config, make_keys(config.keys))
"""


def content(number: int) -> bytes:
    return random.Random(number).randbytes([1, 3000, 1 << 20, (4 << 20) + 1, 6_000_000][number % 5] + number)


def sha256(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()


def put(vault: Vault, content: bytes, owner: CountryCode) -> bool:
    return vault.put(io.BytesIO(content), sha256(content), owner).created


def read(vault: Vault, content: bytes, owner: CountryCode) -> bytes:
    return b"".join(vault.read(sha256(content), owner))


def count(folder: Path, kind: str) -> int:
    return sum(path.is_file() for path in (folder / kind).rglob("*"))


def child(home: Path, code: str, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", CHILD + code, str(home), *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def opened(home: Path) -> Vault:
    return Vault(Shelf(LocalStore(home / "objects")), make_keys(home / "keys"))


# ---- cut off ----


class PowerCut(BaseException):
    pass


def cut_after(steps: int) -> Any:
    """The store's functions, of which the calls after so many never happen."""
    done = 0

    def guarded(name: str) -> Any:
        def call(*positional: Any, **named: Any) -> Any:
            nonlocal done
            if done >= steps:
                raise PowerCut
            done += 1
            return getattr(obstore, name)(*positional, **named)

        return call

    names = ("put", "rename", "delete", "head", "get", "get_range", "list_with_delimiter")
    return SimpleNamespace(**{name: guarded(name) for name in names})


@pytest.mark.parametrize("content", [SMALL, LARGE], ids=["small", "large"])
@pytest.mark.parametrize("present", [False, True], ids=["new", "joining"])
def test_cut_off_after_any_step_nothing_half_done_is_visible_and_the_next_put_succeeds(
    tmp_path: Path, keys: Keys, monkeypatch: pytest.MonkeyPatch, content: bytes, present: bool
) -> None:
    finished = False
    steps = 0
    while not finished:
        folder = tmp_path / str(steps)
        folder.mkdir()
        vault = Vault(Shelf(LocalStore(folder)), keys, frame_bytes=64)
        if present:
            put(vault, content, DE)
        with monkeypatch.context() as patch, contextlib.suppress(PowerCut):
            patch.setattr(shelf_module, "obstore", cut_after(steps))
            put(vault, content, FR)
            finished = True
        try:
            seen = read(vault, content, FR)
        except UnknownRecord:
            seen = None
        assert seen == content or (seen is None and not finished)
        assert vault.holds(sha256(content), FR) == (seen is not None)
        assert put(vault, content, FR) == (not present and seen is None)
        assert not put(vault, content, DE)
        assert read(vault, content, FR) == read(vault, content, DE) == content
        assert count(folder, "objects") == 1
        steps += 1
    assert steps > 4


STALLING_PUT = """
class Stalling(io.BytesIO):
    def read(self, size=-1):
        if self.tell() > 20 << 20:
            say("midway")
            sys.stdin.readline()
        return super().read(size)

vault.put(Stalling(bytes(40 << 20)), hashlib.sha256(bytes(40 << 20)).digest(), CountryCode("FR"))
"""


def test_killed_in_the_middle_of_a_put_the_object_does_not_exist_and_can_be_put_again(tmp_path: Path) -> None:
    killed = child(tmp_path, STALLING_PUT)
    assert killed.stdout.readline() == "midway\n"
    assert any("#" in path.name for path in (tmp_path / "objects/frames").rglob("*"))  # it was at work
    killed.kill()
    killed.communicate()
    assert count(tmp_path / "objects", "objects") == 0
    vault, whole = opened(tmp_path), bytes(40 << 20)
    assert not vault.holds(sha256(whole), FR)
    assert put(vault, whole, FR)
    assert read(vault, whole, FR) == whole


ENDLESS_PUTS = """
say("ready")
for n in range(int(sys.argv[2]), 10**6):
    vault.put(io.BytesIO(content(n)), hashlib.sha256(content(n)).digest(), CountryCode("FR"))
    say(n)
"""


def test_killed_at_any_moment_what_was_acknowledged_is_there_and_what_is_there_is_whole(tmp_path: Path) -> None:
    """Seven kills, spread over the steps by chance; the test of every step above is the systematic one."""
    chance = random.Random(5)
    following = 0
    for _ in range(7):
        killed = child(tmp_path, ENDLESS_PUTS, str(following))
        assert killed.stdout.readline() == "ready\n"
        time.sleep(chance.uniform(0.01, 0.4))
        killed.kill()
        said, _ = killed.communicate()
        acknowledged = [int(line) for line in said.splitlines(keepends=True) if line.endswith("\n")]
        first, following = following, acknowledged[-1] + 1 if acknowledged else following
        vault = opened(tmp_path)
        there = sum(vault.holds(sha256(content(number)), FR) for number in range(first, following + 1))
        assert following - first <= there == count(tmp_path / "objects", "objects") - first
        for number in range(first, following + 1):
            assert put(vault, content(number), FR) == (number == following and there == following - first)
            assert read(vault, content(number), FR) == content(number)
        following += 1


# ---- raced ----


RACING_PUTS = """
say("ready")
sys.stdin.readline()
for n in range(10):
    say(vault.put(io.BytesIO(content(n)), hashlib.sha256(content(n)).digest(), CountryCode(sys.argv[2])).created)
"""


def test_processes_racing_for_the_same_contents_make_one_object_that_every_owner_reads(tmp_path: Path) -> None:
    racers = [child(tmp_path, RACING_PUTS, owner) for owner in OWNERS]
    for racer in racers:
        assert racer.stdout.readline() == "ready\n"
    for racer in racers:
        racer.stdin.write("\n")
        racer.stdin.flush()
    said = [racer.communicate(timeout=300)[0].split() for racer in racers]
    assert all(len(words) == 10 for words in said)
    vault = opened(tmp_path)
    for number in range(10):
        assert [words[number] for words in said].count("True") == 1
        for owner in OWNERS:
            assert read(vault, content(number), owner) == content(number)
    assert count(tmp_path / "objects", "objects") == 10
    assert count(tmp_path / "objects", "frames") == 4  # of the four larger than four frames; the losers' are gone
    assert count(tmp_path / "objects", "wraps") == 10 * len(OWNERS)
    assert count(tmp_path / "objects", "drafts") == 0


@pytest.mark.parametrize("content", [SMALL, LARGE], ids=["small", "large"])
def test_threads_racing_for_the_same_content_make_one_object(any_vault: Vault, content: bytes) -> None:
    with ThreadPoolExecutor(len(OWNERS)) as pool:
        for number in range(20):
            each = content + str(number).encode()
            created = list(pool.map(lambda owner, each=each: put(any_vault, each, owner), OWNERS))
            assert created.count(True) == 1
            assert all(read(any_vault, each, owner) == each for owner in OWNERS)


# ---- filled ----


LARGE_PUT = """
class Generated(io.RawIOBase):
    left = int(sys.argv[2]) << 20
    def read(self, size=-1):
        size = min(size, self.left)
        self.left -= size
        return bytes(size)

def peak_bytes():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)

digest = hashlib.sha256()
for _ in range(int(sys.argv[2])):
    digest.update(bytes(1 << 20))
owner = CountryCode("FR")
before = peak_bytes()
vault.put(Generated(), digest.digest(), owner)
again = hashlib.sha256()
for part in vault.read(digest.digest(), owner):
    again.update(part)
vault.put(Generated(), digest.digest(), CountryCode("DE"))
say(again.digest() == digest.digest(), peak_bytes() - before)
"""


def test_a_large_file_goes_in_and_out_in_little_memory(tmp_path: Path) -> None:
    said, _ = child(tmp_path, LARGE_PUT, "300").communicate(timeout=300)
    equal, grown_bytes = said.split()
    assert equal == "True"
    assert int(grown_bytes) < 100_000_000


@pytest.mark.long
def test_a_file_of_five_gibibytes_needs_no_more_memory(tmp_path: Path) -> None:
    said, _ = child(tmp_path, LARGE_PUT, "5120").communicate(timeout=1200)
    equal, grown_bytes = said.split()
    assert equal == "True"
    assert int(grown_bytes) < 100_000_000
