"""Whether one may go on from a cursor, and where."""

import pytest
from msgspec.structs import replace

from concord.matching.cursor import BEGINNING, LOST_BY_A_CRASH, Cursor, Origin, Server
from concord.values import utc_now

HERE = Origin("7001", 1, "5/16400")
SERVER = Server(HERE, started="monday", standby=False, newest=50_000, adopted=True)
CURSOR = Cursor("40000:40010:40000,40003", HERE, "monday")


def test_in_the_same_run_of_the_server_it_goes_on_where_it_was() -> None:
    assert CURSOR.resumed(SERVER) == CURSOR


@pytest.mark.parametrize(
    "origin",
    [
        Origin("7002", 1, "5/16400"),
        Origin("7001", 2, "5/16400"),
        Origin("7001", 1, "6/16400"),
        Origin("7001", 1, "5/9"),
    ],
    ids=["another cluster", "promoted or recovered to a time", "another database", "another table"],
)
def test_in_another_database_it_begins_anew(origin: Origin) -> None:
    anew = CURSOR.resumed(replace(SERVER, origin=origin))
    assert anew == Cursor(BEGINNING, origin, "monday")


def test_transaction_ids_far_behind_are_of_an_older_copy_and_it_begins_anew() -> None:
    older = replace(SERVER, newest=40_010 - LOST_BY_A_CRASH - 1, started="tuesday")
    assert CURSOR.resumed(older).snapshot == BEGINNING


def test_after_a_restart_it_reads_again_what_a_crash_may_have_given_other_transactions() -> None:
    resumed = CURSOR.resumed(replace(SERVER, started="tuesday", newest=40_009))
    assert resumed == Cursor("30010:30010:40000,40003", HERE, "tuesday", repeats=True)
    assert resumed.resumed(replace(SERVER, started="tuesday")) == resumed


def test_shortly_after_the_beginning_there_is_nothing_before_transaction_one() -> None:
    young = replace(CURSOR, snapshot="5:9:")
    assert young.resumed(replace(SERVER, started="tuesday", newest=9)).snapshot == "1:1:"


def test_who_has_read_nothing_yet_begins_at_the_beginning_after_any_restart() -> None:
    fresh = Cursor(origin=HERE, started="monday")
    assert fresh.resumed(replace(SERVER, started="tuesday")) == Cursor(origin=HERE, started="tuesday")


def test_a_primary_goes_on_from_the_snapshot_itself() -> None:
    now = utc_now()
    assert CURSOR.moved("5:9:5,7", SERVER, now) == Cursor("5:9:5,7", HERE, "monday", now)


def test_a_standby_lists_no_open_transactions_so_that_all_from_its_oldest_on_are_read_again() -> None:
    now = utc_now()
    moved = CURSOR.moved("5:9:", replace(SERVER, standby=True), now)
    assert moved == Cursor("5:5:", HERE, "monday", now, repeats=True)
