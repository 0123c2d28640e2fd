import io
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from concord.jail.notes import notes_in
from concord.jail.quantisation import BRIGHTNESS, COLOUR, ZIGZAG, digest, read_quantisation, scaled

from .exifs import saved
from .scenes import coarse_scene, jpeg


def said(data: bytes) -> dict[str, str]:
    segments = [content for kind, content in notes_in("jpeg", data) if kind == "tables"]
    return {kind: text for kind, text, _ in read_quantisation(segments)}


def segment(*tables: tuple[int, tuple[int, ...]], wide: bool = False) -> bytes:
    """In the order of a file, which is along the diagonals."""
    made = b""
    for number, steps in tables:
        along = [0] * 64
        for place, step in zip(ZIGZAG, steps, strict=True):
            along[place] = step
        made += bytes([wide << 4 | number]) + struct.pack(">64H" if wide else ">64B", *along)
    return made


@pytest.mark.parametrize("quality", [1, 10, 49, 50, 51, 75, 92, 99, 100])
def test_the_quality_of_the_common_library_is_told_exactly(quality: int) -> None:
    assert said(jpeg(coarse_scene(), quality=quality))["quantisation.quality"] == str(quality)


def test_the_tables_are_read_row_by_row_as_pillow_has_them() -> None:
    assert {ZIGZAG[0], ZIGZAG[1], ZIGZAG[8], ZIGZAG[63]} == {0, 1, 2, 63}
    data = jpeg(coarse_scene(), quality=90)
    tables = {number: tuple(steps) for number, steps in Image.open(io.BytesIO(data)).quantization.items()}
    assert said(data)["quantisation.tables"] == digest(tables)


def test_grey_pictures_have_one_table() -> None:
    assert said(jpeg(coarse_scene().convert("L"), quality=80))["quantisation.quality"] == "80"


def test_tables_made_otherwise_have_a_digest_and_no_quality() -> None:
    odd = saved("JPEG", qtables=[[3] * 64, [4] * 64])
    assert said(odd).keys() == {"quantisation.tables"}
    mixed = saved("JPEG", qtables=[list(scaled(BRIGHTNESS, 90)), list(scaled(COLOUR, 80))])
    assert said(mixed).keys() == {"quantisation.tables"}


def test_the_digest_is_the_same_however_the_tables_are_packed() -> None:
    first, second = (0, scaled(BRIGHTNESS, 77)), (1, scaled(COLOUR, 77))
    packed = [
        [segment(first, second)],
        [segment(first), segment(second)],
        [segment(second, first)],
        [segment(first, second, wide=True)],
    ]
    assert len({tuple(read_quantisation(segments)) for segments in packed}) == 1
    assert len({tuple(read_quantisation([segment(one)])) for one in (first, second)}) == 2


def test_the_digest_does_not_change_from_release_to_release() -> None:
    tables = {0: scaled(BRIGHTNESS, 90), 1: scaled(COLOUR, 90)}
    assert digest(tables) == "80c7e0d75b6e65490a36519d643fee7f"


def test_a_table_cut_short_is_none() -> None:
    assert list(read_quantisation([segment((0, BRIGHTNESS))[:-1]])) == []
    assert list(read_quantisation([])) == []


def test_the_standard_tables_are_those_of_the_library() -> None:
    assert scaled(BRIGHTNESS, 50) == BRIGHTNESS
    assert (min(scaled(COLOUR, 100)), max(scaled(COLOUR, 1))) == (1, 255)
    assert np.array(BRIGHTNESS).sum() == 3_688


@given(st.lists(st.binary(max_size=200), max_size=4))
def test_any_bytes_are_tables_or_none(segments: list[bytes]) -> None:
    assert len(list(read_quantisation(segments))) <= 2
