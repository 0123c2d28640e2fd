"""Search with its files: what is committed is found at once, whoever sealed what, whichever database it is by now."""

import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from concord.database.feed import adopt
from concord.errors import ForeignFeed, IndexBusy
from concord.matching import cursor, upkeep
from concord.matching.catch_up import meet
from concord.matching.cursor import Cursor
from concord.matching.search import Search, State
from concord.matching.watch import keep_looking
from concord.values import utc_now

from .servers import Cluster, insert, remove, value_of

Opened = Callable[..., Search]


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """Short, for the sockets, and open to other accounts."""
    path = Path(tempfile.mkdtemp(prefix="s-"))
    yield path
    shutil.rmtree(path)


@pytest.fixture(scope="module")
def primary(folder: Path) -> Iterator[Cluster]:
    cluster = Cluster.made(folder, "primary", 6001)
    yield cluster
    cluster.crash()


@pytest.fixture
def writer(primary: Cluster) -> Iterator[psycopg.Connection]:
    with primary.connect() as connection:
        connection.execute("truncate fingerprint, fingerprint_removal")
        yield connection


@pytest.fixture
def opened(primary: Cluster, tmp_path: Path) -> Iterator[Opened]:
    searches = list[Search]()

    def opened(connect: Callable[[], psycopg.Connection] = primary.reader, **more: object) -> Search:
        searches.append(Search(connect, tmp_path, **more))  # type: ignore[arg-type]
        return searches[-1]

    yield opened
    for search in searches:
        search.close()


def found(search: Search, seed: int) -> list[int]:
    """The numbers found under a value."""
    (numbers,) = search.near([value_of(seed)])
    assert set(numbers.values()) <= {0}
    return sorted(numbers)


def end(search: Search) -> None:
    """However long what is under way takes; a process that ends waits for some seconds only."""
    search._tending.wait()
    search.close()


def files(folder: Path) -> list[Path]:
    return list((folder / "pdq").glob("*.segment"))


# ---- sealed by one, read by all -----------------------------------------------------------------------------------


def test_who_opens_sealed_files_reads_only_what_came_later(writer: psycopg.Connection, opened: Opened) -> None:
    numbers = insert(writer, 100, 50)
    opened().seal()
    late = opened()
    assert late.catch_up() == 0
    assert found(late, 120) == [numbers[20]]
    (number,) = insert(writer, 1)
    assert late.catch_up() == 1
    assert found(late, 1) == [number]
    assert len(late) == 51


def test_readers_switch_to_what_another_has_sealed(writer: psycopg.Connection, opened: Opened) -> None:
    one, other = opened(), opened()
    first, second, third = insert(writer, 1)[0], insert(writer, 2)[0], insert(writer, 3)[0]
    assert len(one) == len(other) == 0
    other.catch_up()
    remove(writer, first)
    one.seal()
    remove(writer, second)
    assert [found(other, seed) for seed in (1, 2, 3)] == [[], [], [third]]
    assert other.status().segments == 1
    assert len(other) == 1


def test_files_sealed_many_transactions_after_connecting_are_of_the_same_database(
    writer: psycopg.Connection, opened: Opened, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(cursor, "LOST_BY_A_CRASH", 0)  # many are one, then
    one, other = opened(), opened()
    assert len(one) == one.catch_up() == other.catch_up() == 0
    insert(writer, 1, 5)
    one.seal()
    for search in (one, other):
        status = search.status()
        assert (status.entries, status.unsealed, status.segments) == (5, 0, 1)
    assert not caplog.records


def test_a_removal_read_before_switching_to_files_that_do_not_know_of_it_is_not_forgotten(
    writer: psycopg.Connection, opened: Opened
) -> None:
    """A slow sealer: its files are older than what the reader has read already."""
    slow, reader = opened(), opened()
    (number,) = insert(writer, 1)
    slow.catch_up()
    remove(writer, number)
    assert found(reader, 1) == []
    with slow._store.locked():
        slow._store.seal(slow._state.view, slow._state.cursor)
    assert found(reader, 1) == []
    assert reader.status().removed == 1


def test_a_transaction_left_open_through_everything_is_found_when_it_ends(
    primary: Cluster, writer: psycopg.Connection, opened: Opened
) -> None:
    search = opened()
    with primary.connect() as open_one:
        open_one.execute("begin")
        (waiting,) = insert(open_one, 1)
        for seed in range(10, 40):
            (number,) = insert(writer, seed)
            assert found(search, seed) == [number]
            if seed % 10 == 0:
                search.seal()
            if seed % 15 == 0:
                search.compact()
        assert found(search, 1) == []
        open_one.execute("commit")
    assert found(search, 1) == found(opened(), 1) == [waiting]
    search.seal()
    assert found(opened(), 1) == [waiting]
    assert len(search) == 31


def test_a_full_tail_is_sealed_by_whoever_notices(
    writer: psycopg.Connection, opened: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upkeep, "SEAL_ENTRIES", 20)
    search = opened()
    insert(writer, 0, 19)
    search.catch_up()
    end(search)
    assert files(tmp_path) == []
    insert(writer, 19)
    search.catch_up()
    end(search)
    assert len(files(tmp_path)) == 1
    late = opened()
    assert late.catch_up() == 0
    assert len(late) == 20


def test_who_finds_another_at_work_leaves_it_to_him_and_a_command_says_so(
    writer: psycopg.Connection, opened: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upkeep, "SEAL_ENTRIES", 1)
    (number,) = insert(writer, 1)
    search = opened()
    with opened()._store.locked():
        assert found(search, 1) == [number]
        search._tending.wait()
        for command in (search.seal, search.compact, search.rebuild):
            with pytest.raises(IndexBusy):
                command()
    assert files(tmp_path) == []
    assert found(search, 1) == [number]


def test_a_disk_that_is_full_hinders_no_question_and_is_not_tried_at_every_one(
    writer: psycopg.Connection, opened: Opened, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(upkeep, "SEAL_ENTRIES", 1)
    now = [utc_now()]
    search = opened(clock=lambda: now[0])
    tried = list[int]()

    def full(*_: object) -> None:
        tried.append(1)
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("concord.matching.disk.create", full)
        for seed in range(3):
            numbers = insert(writer, seed)
            assert found(search, seed) == numbers
            search._tending.wait()
        assert len(tried) == 1
        assert "No space left" in caplog.text
    now[0] += timedelta(minutes=2)
    search.catch_up()
    search._tending.wait()
    search.catch_up()
    assert search.status().segments == 1


# ---- erased ---------------------------------------------------------------------------------------------------------


def test_what_was_removed_is_gone_from_the_files_within_the_hour(
    writer: psycopg.Connection, opened: Opened, tmp_path: Path
) -> None:
    now = [utc_now()]
    search = opened(clock=lambda: now[0])
    numbers = insert(writer, 1, 3)
    search.seal()
    remove(writer, numbers[1])
    assert found(search, 2) == []
    assert search.status().removed == 1
    now[0] += upkeep.ERASE_AFTER
    search.catch_up()
    search._tending.wait()
    search.catch_up()
    assert search.status().removed == 0
    assert value_of(2)[:8] not in b"".join(path.read_bytes() for path in files(tmp_path))
    assert [found(search, seed) for seed in (1, 2, 3)] == [[numbers[0]], [], [numbers[2]]]
    (segment,) = files(tmp_path)
    assert search.status().entries == 2
    now[0] += upkeep.ERASE_AFTER
    search.catch_up()
    search._tending.wait()
    assert files(tmp_path) == [segment], "there was nothing to erase any more"


def test_what_was_removed_is_erased_though_nobody_asks(
    writer: psycopg.Connection, opened: Opened, tmp_path: Path
) -> None:
    now = utc_now()
    search = opened(clock=lambda: now)
    numbers = insert(writer, 1, 3)
    search.seal()
    remove(writer, numbers[1])

    def minutes_pass() -> Iterator[bool]:
        nonlocal now
        for _ in range(9):
            now += timedelta(minutes=5)
            yield True
            search._tending.wait()
        yield False

    pauses = minutes_pass()
    keep_looking(search.catch_up, lambda: next(pauses), "nothing was erased")
    assert value_of(2)[:8] not in b"".join(path.read_bytes() for path in files(tmp_path))
    assert (len(search), search.status().removed) == (2, 0)


def test_who_comes_after_an_hour_counts_from_when_the_files_were_sealed(
    writer: psycopg.Connection, opened: Opened
) -> None:
    """Nobody knows when the removal was made: at the earliest right after the sealing."""
    numbers = insert(writer, 1, 3)
    opened().seal()
    remove(writer, numbers[0])
    late = opened(clock=lambda: utc_now() + timedelta(hours=1))
    late.catch_up()
    end(late)
    status = opened().status()
    assert (status.removed, status.entries) == (0, 2)


# ---- damaged --------------------------------------------------------------------------------------------------------


def test_files_that_are_removed_under_a_running_process_are_made_anew_by_it(
    writer: psycopg.Connection, opened: Opened, tmp_path: Path
) -> None:
    search = opened()
    (number,) = insert(writer, 1)
    search.seal()
    shutil.rmtree(tmp_path / "pdq")
    assert found(search, 1) == [number]
    search.seal()
    assert len(files(tmp_path)) == 1
    assert found(search, 1) == found(opened(), 1) == [number]


@pytest.mark.parametrize("name", ["*.segment", "manifest"])
@pytest.mark.parametrize("how", ["flipped", "cut", "gone"])
def test_damaged_files_are_named_and_everything_is_found_and_they_are_made_anew(
    writer: psycopg.Connection, opened: Opened, tmp_path: Path, caplog: pytest.LogCaptureFixture, name: str, how: str
) -> None:
    numbers = insert(writer, 1, 40)
    opened().seal()
    (path,) = (tmp_path / "pdq").glob(name)
    content = path.read_bytes()
    if how == "flipped":
        path.write_bytes(content[:50] + bytes([content[50] ^ 1]) + content[51:])
    elif how == "cut":
        path.write_bytes(content[:-1])
    else:
        path.unlink()
    search = opened()
    assert [found(search, seed) for seed in (1, 40)] == [[numbers[0]], [numbers[39]]]
    if (name, how) != ("manifest", "gone"):  # which is as if nobody had sealed yet
        assert path.name in caplog.text
        end(search)
        late = opened()
        assert late.catch_up() == 0
        assert len(late) == 40


# ---- rebuilt --------------------------------------------------------------------------------------------------------


def test_a_rebuild_holds_what_the_database_holds(
    writer: psycopg.Connection, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In several segments, which are then merged, and several parts of the stream."""
    monkeypatch.setattr("concord.matching.store.REBUILT_ENTRIES", 300)
    monkeypatch.setattr("concord.matching.catch_up.ROWS_AT_ONCE", 100)
    numbers = insert(writer, 0, 1000)
    remove(writer, *numbers[::10])
    writer.execute("insert into fingerprint (kind, value) values ('other', '\\x00')")
    search = opened()
    search.rebuild()
    late = opened()
    assert late.catch_up() == 0
    assert len(late) == 900
    assert [found(late, seed) for seed in (0, 1, 999)] == [[], [numbers[1]], [numbers[999]]]
    assert late.status().segments == 1


def test_the_first_reading_of_a_large_feed_is_right_in_every_part(
    writer: psycopg.Connection, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("concord.matching.catch_up.ROWS_AT_ONCE", 7)
    numbers = insert(writer, 0, 100)
    search = opened()
    assert search.catch_up() == 100
    assert [found(search, seed) for seed in range(100)] == [[number] for number in numbers]


# ---- another database ------------------------------------------------------------------------------------------------


def test_after_a_crash_of_the_server_nothing_is_lost_or_found_twice(
    primary: Cluster, writer: psycopg.Connection, opened: Opened
) -> None:
    numbers = insert(writer, 1, 3)
    search = opened()
    search.seal()
    remove(writer, numbers[0])
    search.catch_up()
    primary.crash()
    primary.start()
    with primary.connect() as again:
        numbers += insert(again, 4)
        for one in (search, opened()):
            assert [found(one, seed) for seed in (1, 2, 3, 4)] == [[], *([number] for number in numbers[1:])]
            assert len(one) == 3
            end(one)
        assert opened().catch_up() == 0, "sealed anew, so that not every process reads so far back"


def test_transaction_ids_given_out_again_after_a_crash_are_read(writer: psycopg.Connection, opened: Opened) -> None:
    """What a crash can do, done by hand: the last ids of a snapshot were of transactions that never reached the disk."""
    search = opened()
    (known,) = insert(writer, 1)
    search.catch_up()
    (number,) = insert(writer, 2)
    server, view = search._server, search._state.view
    assert server is not None
    later = f"{server.newest + 100}:{server.newest + 100}:"  # of the row's transaction this says: read, if at all
    for started, expected in ((server.started, []), ("before the crash", [number])):
        search._disconnect()
        search._state = State(view, Cursor(later, server.origin, started, utc_now()))
        assert found(search, 2) == expected
    assert found(search, 1) == [known]
    assert len(search) == 2


def test_after_dump_and_restore_it_refuses_until_the_rows_are_adopted_and_then_finds_them_all(
    primary: Cluster, writer: psycopg.Connection, opened: Opened, folder: Path
) -> None:
    numbers = insert(writer, 1, 5)
    search = opened()
    search.seal()
    dump = folder / "dump"
    where = ["-h", primary.sockets, "-p", primary.port, "-U", "tester"]
    dump.write_text(primary.run("pg_dump", *where, "concord"))
    restored = Cluster.made(folder, "restored", 6002)  # younger: its transaction ids are far below those of the rows
    try:
        with restored.connect() as connection:
            connection.execute("drop table fingerprint, fingerprint_removal")
        restored.run("psql", "-q", "-h", restored.sockets, "-p", restored.port, "-U", "tester", "-f", dump, "concord")
        with restored.connect() as connection:
            connection.execute("update fingerprint set xid = (xid::text::bigint + 1000000)::text::xid8")
            late = opened(restored.reader)
            with pytest.raises(ForeignFeed, match="rebuild"):
                late.near([value_of(1)])
            assert adopt(connection) == 5
            assert adopt(connection) == 0
            numbers += insert(connection, 6)
            assert [found(late, seed) for seed in range(1, 7)] == [[number] for number in numbers]
            assert len(late) == 6
            late.rebuild()
            assert opened(restored.reader).catch_up() == 0
    finally:
        restored.crash()
    assert found(search, 3) == [numbers[2]], "its own database, beside files of another one"


def test_a_table_that_was_made_anew_in_place_is_another_feed(
    primary: Cluster, writer: psycopg.Connection, opened: Opened
) -> None:
    insert(writer, 1, 5)
    opened().seal()
    writer.execute("alter table fingerprint rename to old")
    writer.execute("create table fingerprint (like old including all)")
    (number,) = insert(writer, 9)
    late = opened()
    assert [found(late, 1), found(late, 9)] == [[], [number]]
    writer.execute("drop table old")


def test_a_standby_finds_what_was_committed_while_other_transactions_were_open_and_after_promotion_begins_anew(
    primary: Cluster, writer: psycopg.Connection, opened: Opened
) -> None:
    numbers = insert(writer, 1, 3)
    standby = primary.followed("standby", 6003)
    try:
        search = opened(standby.reader)
        standby.caught_up_with(primary)
        with primary.connect() as open_one:
            open_one.execute("begin")
            (waiting,) = insert(open_one, 50)
            for seed in range(4, 10):
                numbers += insert(writer, seed)
                standby.caught_up_with(primary)
                assert found(search, seed) == [numbers[-1]]
                if seed == 6:
                    search.seal()
            assert len(search) == 9
            assert found(search, 50) == []
            open_one.execute("commit")
        remove(writer, numbers[0], numbers[-1])
        standby.caught_up_with(primary)
        assert [found(search, seed) for seed in (1, 9, 50, 5)] == [[], [], [waiting], [numbers[4]]]
        assert len(search) == opened(standby.reader).status().entries == 8
        before = search._server
        standby.run("pg_ctl", "-D", standby.data, "-w", "promote")
        with standby.connect() as connection:
            (lone,) = insert(connection, 60)
            search._disconnect()
            assert [found(search, seed) for seed in (60, 5, 1)] == [[lone], [numbers[4]], []]
            assert before is not None
            assert (before.standby, meet(connection).standby) == (True, False)
            assert meet(connection).origin.timeline == before.origin.timeline + 1
    finally:
        standby.crash()


def test_two_threads_that_ask_while_a_third_seals_miss_nothing(
    primary: Cluster, writer: psycopg.Connection, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upkeep, "SEAL_ENTRIES", 10)
    search = opened()
    faults = list[str]()

    def work(first: int) -> None:
        with primary.connect() as connection:
            for seed in range(first, first + 80):
                numbers = insert(connection, seed)
                if found(search, seed) != numbers:
                    faults.append(f"{seed}")

    threads = [threading.Thread(target=work, args=(first,)) for first in (1000, 2000, 3000)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    assert len(search) == 240
