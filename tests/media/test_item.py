import os
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from concord.media.item import item_of


def test_a_common_name_stays_as_it_is() -> None:
    assert item_of(Path("/disk/été/图.jpg")) == "/disk/été/图.jpg"


def test_bytes_that_are_not_utf_8_are_written_out() -> None:
    assert item_of(Path(os.fsdecode(b"/disk/\xe9t\xe9.jpg"))) == "/disk/\\xe9t\\xe9.jpg"


@given(st.binary(min_size=1, max_size=40).filter(lambda name: b"\0" not in name))
def test_any_name_can_be_stored_as_text(name: bytes) -> None:
    item_of(Path(os.fsdecode(name))).encode()
