from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from concord.database.postmaster import PidFile, parse, read

WHOLE = "4711\n/home/data\n1700000000\n5432\n/home/with a space/socket\n\n  123456     7\nready   \n"


def test_a_whole_file_is_read() -> None:
    assert parse(WHOLE) == PidFile(4711, Path("/home/with a space/socket"), "ready")


def test_only_ready_is_ready() -> None:
    states = [parse(WHOLE.replace("ready", state)) for state in ("ready", "starting", "stopping", "standby")]
    assert [claim and claim.ready for claim in states] == [True, False, False, False]


def test_a_file_still_being_written_has_no_status() -> None:
    assert parse("4711\n/home/data\n") == PidFile(4711, None, None)


def test_an_empty_file_claims_nothing() -> None:
    assert parse("") is None


def test_no_file_claims_nothing(tmp_path: Path) -> None:
    assert read(tmp_path) is None


@given(st.text())
def test_any_text_is_read_without_an_error(text: str) -> None:
    claim = parse(text)
    assert claim is None or claim.pid >= 0


@given(st.integers(0, len(WHOLE)))
def test_a_file_cut_anywhere_is_never_ready_too_early(length: int) -> None:
    claim = parse(WHOLE[:length])
    assert not (claim and claim.ready) or WHOLE[:length].rstrip() == WHOLE.rstrip()
