import io

from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from concord.jail.frames import MOST_FRAMES, claimed, counted, gif_frames, tiff_frames

from .scenes import coarse_scene


def gif(pictures: int) -> bytes:
    file = io.BytesIO()
    first, *rest = (coarse_scene(seed) for seed in range(pictures))
    first.save(file, "GIF", save_all=True, append_images=rest)
    return file.getvalue()


def test_the_pictures_of_a_gif_are_counted_as_pillow_counts_them() -> None:
    for pictures in (1, 2, 7):
        data = gif(pictures)
        assert gif_frames(data) == Image.open(io.BytesIO(data)).n_frames == pictures  # type: ignore[attr-defined]


def test_a_gif_cut_short_counts_what_is_there() -> None:
    data = gif(4)
    assert [gif_frames(data[: len(data) * part // 8]) for part in (0, 1, 8)] == [1, 1, 4]


@given(st.binary(max_size=300))
def test_any_bytes_are_counted(rest: bytes) -> None:
    assert 1 <= gif_frames(b"GIF89a" + rest) <= 301
    assert 1 <= tiff_frames(b"II*\0" + rest) <= 301


def test_counting_stops() -> None:
    empty = b"\x2c" + bytes(9) + b"\2\0"
    assert gif_frames(b"GIF89a" + bytes(7) + empty * (MOST_FRAMES + 5)) == MOST_FRAMES
    assert counted(range(MOST_FRAMES + 5)) == claimed(2**32) == MOST_FRAMES
    assert counted([]) == claimed(0) == 1
