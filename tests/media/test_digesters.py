"""Digests by the batch: as hashlib makes them, in order, and nothing is made up for what cannot be read."""

import bz2
import gzip
import hashlib
import lzma
import os
import tarfile
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from concord.errors import WorkerUnavailable
from concord.jail.archive_format import ARCHIVES, sniff_archive
from concord.media import digesters as module
from concord.media.digester import BUFFER_BYTES, READ, RECORD, digested
from concord.media.digesters import Batch, Digested, Digesters
from tests.pictures import jpeg


def all_of(batch: Batch) -> list[Digested | None]:
    found: list[Digested | None] = []
    while len(found) < len(batch.paths):
        found += batch.take()
    return found


def written(folder: Path, contents: Sequence[bytes]) -> list[bytes]:
    paths = [folder / f"{number:04}" for number in range(len(contents))]
    for path, content in zip(paths, contents, strict=True):
        path.write_bytes(content)
    return [os.fsencode(path) for path in paths]


@pytest.mark.parametrize("every_kind", [False, True])
def test_digests_are_those_of_the_files_in_their_order(tmp_path: Path, every_kind: bool) -> None:
    contents = [os.urandom(size) for size in (1, 2047, 2048, 70_000, BUFFER_BYTES, BUFFER_BYTES + 1, 3 * BUFFER_BYTES)]
    paths = written(tmp_path, contents)
    with Digesters(2, every_kind=every_kind) as digesters:
        batches = [digesters.submit(paths), digesters.submit(paths[::-1])]
        found = all_of(batches[0]) + all_of(batches[1])[::-1]
    for one, path, content in zip(found, paths * 2, contents * 2, strict=True):
        assert one is not None
        assert (one.size_bytes, one.modified_ns) == (len(content), Path(os.fsdecode(path)).stat().st_mtime_ns)
        assert one.sha256 == hashlib.sha256(content).digest()
        assert one.sha1 == (hashlib.sha1(content).digest() if every_kind else None)
        assert one.md5 == (hashlib.md5(content).digest() if every_kind else None)


def test_what_cannot_be_digested_is_left_and_the_others_are_not(tmp_path: Path) -> None:
    (good,) = written(tmp_path, [b"good"])
    (tmp_path / "empty").touch()
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to("loop")
    bad = [os.fsencode(tmp_path / name) for name in ("empty", "pipe", "loop", "missing", ".")]
    with Digesters(1) as digesters:
        found = all_of(digesters.submit([b"", good, *bad, b"", good]))
        alone = all_of(digesters.submit([b""]))
    assert [one is not None for one in found] == [False, True, *[False] * 6, True]
    assert alone == [None]


def test_a_name_of_any_bytes_is_found(tmp_path: Path) -> None:
    path = os.fsencode(tmp_path) + b"/\xff\n \\x"
    Path(os.fsdecode(path)).write_bytes(b"content")
    with Digesters(1) as digesters:
        (one,) = all_of(digesters.submit([path]))
    assert one is not None
    assert one.sha256 == hashlib.sha256(b"content").digest()


def test_what_begins_as_an_archive_is_marked_and_a_picture_is_not(tmp_path: Path) -> None:
    member = tmp_path / "member"
    member.write_bytes(os.urandom(2000))
    contents = {
        "gzip": gzip.compress(b"x"),
        "bzip2": bz2.compress(b"x"),
        "xz": lzma.compress(b"x"),
        "7z": b"7z\xbc\xaf\x27\x1c",
    }
    with zipfile.ZipFile(tmp_path / "zip", "w") as file:
        file.write(member)
    for name, form in (("pax", tarfile.PAX_FORMAT), ("gnu", tarfile.GNU_FORMAT), ("ustar", tarfile.USTAR_FORMAT)):
        with tarfile.open(tmp_path / name, "w", format=form) as file:
            file.add(member)
        contents[name] = (tmp_path / name).read_bytes()
    contents["old tar"] = contents["ustar"][:257] + bytes(8) + contents["ustar"][265:]  # without a sign of its own
    contents["zip"], contents["empty zip"] = (tmp_path / "zip").read_bytes(), b"PK\5\6" + bytes(18)
    plain = {"jpeg": jpeg(1), "short": b"P", "zeros": bytes(600)}
    with Digesters(1) as digesters:
        found = all_of(digesters.submit(written(tmp_path, [*contents.values(), *plain.values()])))
    marked = dict(zip([*contents, *plain], [one and one.may_be_archive for one in found], strict=True))
    assert marked == dict.fromkeys(contents, True) | dict.fromkeys(plain, False)
    assert {sniff_archive(content) for content in contents.values()} | {"tar"} >= ARCHIVES


def test_a_file_that_changes_while_it_is_read_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (path,) = written(tmp_path, [bytes(100)])
    readv = os.readv

    def write_meanwhile(descriptor: int, buffers: list[bytearray]) -> int:
        (tmp_path / "0000").write_bytes(bytes(101))
        return readv(descriptor, buffers)

    buffer = bytearray(BUFFER_BYTES)
    assert RECORD.unpack(digested(path, buffer, False))[0]
    monkeypatch.setattr(os, "readv", write_meanwhile)
    assert not RECORD.unpack(digested(path, buffer, False))[0]


def test_what_is_another_file_when_it_is_opened_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, other = written(tmp_path, [b"looked at", b"put there"])
    for one in (path, other):  # of the same size, kind and time
        os.utime(one, ns=(0, 10**18))
    opened = os.open
    monkeypatch.setattr(os, "open", lambda _, flags: opened(other, flags))
    assert not RECORD.unpack(digested(path, bytearray(BUFFER_BYTES), False))[0]


def test_a_killed_process_is_replaced_and_nothing_is_lost(tmp_path: Path) -> None:
    paths = written(tmp_path, [bytes([number]) * 1000 for number in range(200)])
    with Digesters(1) as digesters:
        assert all(all_of(digesters.submit(paths)))
        (process,) = digesters._processes
        process.kill()
        process.wait()
        assert all(all_of(digesters.submit(paths)))
        assert digesters.process_ids != (process.pid,)


def test_where_no_process_can_be_kept_that_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PROGRAM", tmp_path / "nothing.py")
    with Digesters(1) as digesters, pytest.raises(WorkerUnavailable):
        digesters.submit([b"/x"]).take()


def test_closing_ends_every_process_also_in_the_middle(tmp_path: Path) -> None:
    paths = written(tmp_path, [bytes(50_000)] * 300)
    digesters = Digesters(2)
    for _ in range(5):
        batch = digesters.submit(paths)
    digesters.submit(paths[:1])
    digesters.close()
    assert digesters.process_ids == ()
    assert not any(thread.is_alive() for thread in digesters._threads)
    assert batch.paths == paths


@given(st.binary(max_size=100), st.integers(0, 2**62), st.integers(-(2**62), 2**62))
def test_a_record_holds_what_was_put_into_it(content: bytes, size_bytes: int, modified_ns: int) -> None:
    digest = hashlib.sha256(content).digest()
    packed = RECORD.pack(READ, size_bytes, modified_ns, digest, b"", b"")
    assert RECORD.unpack(packed)[:4] == (READ, size_bytes, modified_ns, digest)
