import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from concord.config import Limits
from concord.jail.findings import EXAMINE_PICTURE, Statement
from concord.jail.format import HEAD_BYTES, sniff_format
from concord.jail.picture import examine_picture
from concord.jail.pool import Jail
from concord.jail.statements import statements_of
from concord.jail.vocabulary import KINDS, MOST_STATEMENTS, SOURCES, proper

from .conftest import Descriptor
from .exifs import CAMERA_SAYS, IPTC, IPTC_SAYS, XMP, XMP_SAYS, block, camera_exif, resource, saved, text
from .golden import golden_files
from .hostile import MUTATIONS, lying
from .scenes import jpeg, jpeg_segment


def said(data: bytes, *sources: str) -> set[tuple[str, str]]:
    found = statements_of(sniff_format(data[:HEAD_BYTES]), data)
    return {(one.kind, one.value) for one in found if one.source in sources}


def in_every_format() -> dict[str, bytes]:
    info, exif = PngInfo(), camera_exif()
    info.add_itxt("XML:com.adobe.xmp", XMP.decode())
    return {
        "avif": saved("AVIF", exif=exif, xmp=XMP),
        "jpeg": saved("JPEG", exif=exif, xmp=XMP),
        "jpeg of several": saved("MPO", exif=exif, xmp=XMP),
        "png": saved("PNG", exif=exif, pnginfo=info),
        "tiff": saved("TIFF", exif=tiff_fields()),
        "webp": saved("WEBP", exif=exif, xmp=XMP),
    }


def tiff_fields() -> object:
    fields = Image.Exif()
    fields.load(camera_exif().tobytes())
    fields[700] = XMP
    return fields


@pytest.mark.parametrize("name", in_every_format())
def test_each_format_says_the_same(name: str) -> None:
    data = in_every_format()[name]
    assert said(data, "exif") == CAMERA_SAYS
    assert said(data, "xmp") == XMP_SAYS


def test_iptc_says_when_and_by_what() -> None:
    data = jpeg_segment(jpeg(), 0xED, b"Photoshop 3.0\0" + resource(0x0404, IPTC))
    assert said(data, "iptc") == IPTC_SAYS


def test_each_statement_is_made_once_and_names_its_source() -> None:
    exif = b"Exif\0\0" + block([text(0x010F, "NIKON CORPORATION")])
    found = statements_of("jpeg", jpeg_segment(jpeg(), 0xE1, exif, exif))
    assert found.count(Statement("camera.make", "nikon", "exif")) == 1
    assert [one.source for one in found if one.kind.startswith("quantisation")] == ["jpeg", "jpeg"]


def test_placeholders_are_not_stated() -> None:
    exif = block([text(0x010F, "unknown"), text(0x0110, "----")], [text(0xA431, "0000000"), text(0xA435, "N/A")])
    assert said(jpeg_segment(jpeg(), 0xE1, b"Exif\0\0" + exif), "exif") == set()


def test_a_phone_says_which_it_is(shared_data: Path) -> None:
    found = said((shared_data / "pictures/exif/exif-rotn-1.jpg").read_bytes(), "exif", "jpeg")
    assert {
        ("camera.make", "samsung"),
        ("camera.model", "sm-g930v"),
        ("picture.id", "c12qsjk01sm"),
        ("time.taken", "2017-11-07T22:14:15"),
        ("gps.position", "38.9779350,-77.0232027"),
        ("quantisation.quality", "96"),
    } <= found
    assert not {kind for kind, _ in found} & {"gps.altitude"}  # it says 0 where it does not know


def test_what_a_file_says_is_found_beside_its_fingerprints(descriptor_of: Descriptor) -> None:
    found = examine_picture(descriptor_of(saved("JPEG", exif=camera_exif())), Limits())
    assert {(one.kind, one.value) for one in found.statements} >= CAMERA_SAYS
    assert found.fingerprints


def test_a_damaged_picture_still_says_what_it_can(descriptor_of: Descriptor) -> None:
    found = examine_picture(descriptor_of(saved("JPEG", exif=camera_exif())[:-200]), Limits())
    assert found.fault is not None
    assert {(one.kind, one.value) for one in found.statements} >= CAMERA_SAYS


BROKEN = {
    "leads past the end": b"II*\0\xff\xff\xff\x7f",
    "leads into itself": b"II*\0\x08\0\0\0\1\0\x69\x87\4\0\1\0\0\0\x08\0\0\0\x08\0\0\0",
    "is nothing": b"",
    "is noise": random.Random(5).randbytes(3_000),
}


@pytest.mark.parametrize("exif", BROKEN.values(), ids=BROKEN)
def test_broken_notes_are_no_reason_to_refuse_a_picture(descriptor_of: Descriptor, exif: bytes) -> None:
    xmp = b"http://ns.adobe.com/xap/1.0/\0" + XMP
    found = examine_picture(descriptor_of(jpeg_segment(jpeg(), 0xE1, b"Exif\0\0" + exif, xmp)), Limits())
    assert found.fault is None
    assert found.fingerprints
    assert {(one.kind, one.value) for one in found.statements if one.source == "xmp"} == XMP_SAYS


def test_behind_the_walls_the_same_is_said(descriptor_of: Descriptor) -> None:
    """Nothing can be loaded there any more."""
    with Jail(1, Limits()) as jail:
        for name, data in in_every_format().items():
            found = jail.run(EXAMINE_PICTURE, descriptor_of(data), name)
            assert set(found.statements) == set(statements_of(sniff_format(data[:HEAD_BYTES]), data))


def test_a_file_says_no_more_than_a_hundred_things() -> None:
    inner = {0xA431: "serial", 0xA435: "lens", 0xA420: "picture", 0x0131: "program"}
    exifs = [
        b"Exif\0\0" + block([text(0x0110, f"model {a}")], [text(tag, f"{word} {a}x") for tag, word in inner.items()])
        for a in range(30)
    ]
    assert len(statements_of("jpeg", jpeg_segment(jpeg(), 0xE1, *exifs))) == MOST_STATEMENTS


def test_all_that_is_said_is_in_the_vocabulary_and_in_its_one_form() -> None:
    for data in in_every_format().values():
        found = statements_of(sniff_format(data[:HEAD_BYTES]), data)
        assert proper(found) == found


def test_no_hostile_file_says_anything_improper() -> None:
    for _, data in lying():
        found = statements_of(sniff_format(data[:HEAD_BYTES]), data)
        assert proper(found) == found


def test_mutations_of_files_with_notes_say_something_or_nothing() -> None:
    chance = random.Random(11)
    originals = [*in_every_format().values(), *(data for _, data in golden_files())]
    for _ in range(10):
        for original in originals:
            data = chance.choice(MUTATIONS)(chance, original)
            found = statements_of(sniff_format(data[:HEAD_BYTES]), data)
            assert proper(found) == found


@given(st.sampled_from(["avif", "heif", "jpeg", "jpeg2000", "png", "psd", "tiff", "webp", "bmp", None]), st.binary())
def test_any_bytes_say_something_or_nothing(begins_as: str | None, data: bytes) -> None:
    assert all(one.kind in KINDS and one.source in SOURCES for one in statements_of(begins_as, data))
