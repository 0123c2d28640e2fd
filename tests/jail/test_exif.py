import io
import struct
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from concord.jail.exif import MOST_DIRECTORIES, read_exif

from .exifs import ASCII, RATIONAL, block, directory, number, text


def said(data: bytes) -> dict[str, str]:
    return {kind: text for kind, text, _ in read_exif(data)}


def rationals(*pairs: tuple[int, int], order: str = "<") -> bytes:
    return b"".join(struct.pack(f"{order}II", *pair) for pair in pairs)


def place(latitude: bytes, side: str = "N") -> bytes:
    east = (4, RATIONAL, rationals((2, 1), (21, 1), (0, 1)))
    return block(gps=[text(1, side), (2, RATIONAL, latitude), text(3, "E"), east])


@pytest.mark.parametrize("order", ["<", ">"])
def test_every_text_that_has_a_word_is_read(order: str) -> None:
    tags = {0x010F: "Maker", 0x0110: "Model", 0x0131: "Program"}
    inner = {0xA420: "abc", 0xA431: "1", 0xA433: "Lensmaker", 0xA434: "Lens", 0xA435: "2"}
    data = block([text(*one) for one in tags.items()], [text(*one) for one in inner.items()], order=order)
    assert said(data) == {
        "camera.make": "Maker",
        "camera.model": "Model",
        "software": "Program",
        "picture.id": "abc",
        "camera.serial": "1",
        "lens.make": "Lensmaker",
        "lens.model": "Lens",
        "lens.serial": "2",
    }


def test_names_of_people_are_left_in_the_file() -> None:
    names = [text(0x013B, "An Artist"), text(0x8298, "A Holder")]
    assert said(block(names, [text(0xA430, "An Owner")])) == {}


def test_the_heading_may_be_there_or_not() -> None:
    data = block([text(0x010F, "Maker")])
    assert said(b"Exif\0\0" + data) == said(data) == {"camera.make": "Maker"}


def test_a_time_without_an_offset_is_local() -> None:
    local = block(inner=[text(0x9003, "2026:03:01 10:20:30"), text(0x9012, "+01:00")])
    assert said(local) == {"time.taken": "2026-03-01T10:20:30"}
    placed = block(inner=[text(0x9003, "2026:03:01 10:20:30"), text(0x9011, "+01:00")])
    assert said(placed) == {"time.taken": "2026-03-01T10:20:30+01:00"}


def test_a_place_is_decimal_degrees() -> None:
    assert said(place(rationals((48, 1), (51, 1), (2376, 100)))) == {"gps.position": "48.8566000,2.3500000"}
    assert said(place(rationals((48, 1), (51, 1), (2376, 100)), "S")) == {"gps.position": "-48.8566000,2.3500000"}


@pytest.mark.parametrize(
    "latitude",
    [
        rationals((91, 1), (0, 1), (0, 1)),
        rationals((48, 0), (0, 1), (0, 1)),
        rationals((48, 1), (0, 0), (0, 0)),
        b"\0" * 8,
    ],
    ids=["out of range", "without a denominator", "0/0", "0/0 alone"],
)
def test_nonsense_is_no_place(latitude: bytes) -> None:
    assert said(place(latitude)) == {}


def test_nought_and_nought_is_no_place() -> None:
    zero = rationals((0, 1), (0, 1), (0, 1))
    data = block(gps=[text(1, "N"), (2, RATIONAL, zero), text(3, "E"), (4, RATIONAL, zero)])
    assert said(data) == {}


def test_below_the_sea_is_below_it() -> None:
    data = block(gps=[(5, 1, b"\1"), (6, RATIONAL, rationals((125, 10)))])
    assert said(data) == {"gps.altitude": "-12.5"}


def test_a_directory_that_leads_to_itself_ends() -> None:
    loop = b"II*\0\x08\0\0\0" + directory(8, [text(0x010F, "A"), number(0x8769, 8)], following=8)
    assert said(loop) == {"camera.make": "A"}


def test_a_long_chain_is_not_followed_to_its_end() -> None:
    data = b"II*\0\x08\0\0\0"
    for count in range(3 * MOST_DIRECTORIES):
        following = len(data) + len(directory(0, [text(0x0110, f"m{count}")]))
        data += directory(len(data), [text(0x0110, f"m{count}")], following=following)
    assert len([text for kind, text, _ in read_exif(data)]) == MOST_DIRECTORIES


def test_a_broken_inner_directory_leaves_the_others() -> None:
    data = b"II*\0\x08\0\0\0" + directory(8, [text(0x010F, "Maker"), number(0x8769, 1 << 30)])
    assert said(data) == {"camera.make": "Maker"}


def test_a_phone_says_when_and_where(shared_data: Path) -> None:
    exif = Image.open(io.BytesIO((shared_data / "pictures/exif/exif-rotn-6.jpg").read_bytes())).info["exif"]
    found = said(exif)
    assert (found["camera.make"], found["camera.model"]) == ("samsung", "SM-G930V")
    assert found["time.taken"] == "2017-11-07T22:14:06"
    assert found["gps.position"] == "38.9779350,-77.0232027"
    assert found["gps.time"] == "2017-11-08T03:13:42Z"


@given(st.sampled_from([b"II*\0\x08\0\0\0", b"MM\0*\0\0\0\x08"]), st.binary(max_size=300))
def test_any_bytes_say_something_or_break_off(head: bytes, rest: bytes) -> None:
    with suppress(struct.error):
        assert all(len(one) == 3 for one in read_exif(head + rest))


@given(st.data())
def test_any_change_of_a_real_block_says_something_or_breaks_off(data: st.DataObject) -> None:
    made = bytearray(
        block([text(0x010F, "Maker")], [text(0xA431, "600123456"), (0x927C, ASCII, bytes(40))], [text(1, "N")])
    )
    for _ in range(data.draw(st.integers(1, 4))):
        made[data.draw(st.integers(4, len(made) - 1))] = data.draw(st.integers(0, 255))
    with suppress(struct.error):
        list(read_exif(bytes(made)))
