import os
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from concord.media.item import item_of, paths_of


def test_a_zero_byte_is_written_out() -> None:
    assert item_of("/disk/a\0b") == "/disk/a\\x00b"


def test_a_common_name_stays_as_it_is() -> None:
    assert item_of(Path("/disk/été/图.jpg")) == "/disk/été/图.jpg"


def test_bytes_that_are_not_utf_8_are_written_out() -> None:
    assert item_of(Path(os.fsdecode(b"/disk/\xe9t\xe9.jpg"))) == "/disk/\\xe9t\\xe9.jpg"


@given(st.binary(min_size=1, max_size=40).filter(lambda name: b"\0" not in name))
def test_any_name_can_be_stored_as_text(name: bytes) -> None:
    item_of(Path(os.fsdecode(name))).encode()


@given(st.binary(min_size=1, max_size=40).filter(lambda name: not set(name) & set(b"\0/.\\")))
def test_a_path_is_found_again_by_what_it_is_called(name: bytes) -> None:
    path = Path(os.fsdecode(name))
    assert path in paths_of(item_of(path))


def test_all_paths_that_may_be_meant_are_called_so() -> None:
    written, plain = paths_of("/disk/\\xe9")
    assert (os.fsencode(written), os.fsencode(plain)) == (b"/disk/\xe9", b"/disk/\\xe9")
    assert paths_of("/disk/\\xc3\\xa9") == [Path("/disk/\\xc3\\xa9")]  # together they would be UTF-8
