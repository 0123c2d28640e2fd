import io
import struct
import zlib

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from concord.jail.notes import MOST_NOTES, MOST_UNPACKED_BYTES, PLACES, notes_in
from concord.jail.openers import OPENERS

from .exifs import IPTC, XMP, block, resource, saved, text
from .golden import psd, written
from .scenes import coarse_scene, jpeg, jpeg_segment, png_chunk

EXIF = block([text(0x010F, "Maker")])


def notes(begins_as: str, data: bytes) -> dict[str, bytes]:
    return {kind: content.removeprefix(b"Exif\0\0") for kind, content in notes_in(begins_as, data) if kind != "tables"}


def test_places_are_known_of_formats_that_are_read() -> None:
    assert PLACES.keys() <= OPENERS.keys()


def test_a_format_without_a_place_has_none() -> None:
    assert list(notes_in("bmp", written(coarse_scene(), "BMP"))) == []
    assert list(notes_in(None, b"words")) == []


def test_jpeg_has_them_in_segments() -> None:
    data = jpeg_segment(
        saved("JPEG", exif=b"Exif\0\0" + EXIF, xmp=XMP), 0xED, b"Photoshop 3.0\0" + resource(0x0404, IPTC)
    )
    assert notes("jpeg", data) == {"exif": EXIF, "xmp": XMP, "iptc": IPTC}


def test_resources_longer_than_a_segment_go_on_in_the_next() -> None:
    whole = resource(1, bytes(40_000)) + resource(0x0404, IPTC)
    head = b"Photoshop 3.0\0"
    data = jpeg_segment(jpeg(), 0xED, head + whole[:30_000], head + whole[30_000:])
    assert notes("jpeg", data) == {"iptc": IPTC}


def test_thousands_of_notes_are_not_all_read() -> None:
    data = jpeg_segment(jpeg(), 0xE1, *([b"Exif\0\0" + EXIF] * 500))
    assert len(list(notes_in("jpeg", data))) == MOST_NOTES


def test_png_has_them_in_chunks() -> None:
    info = PngInfo()
    info.add_itxt("XML:com.adobe.xmp", XMP.decode())
    assert notes("png", saved("PNG", exif=EXIF, pnginfo=info)) == {"exif": EXIF, "xmp": XMP}


def test_packed_xmp_is_unpacked_and_no_further_than_it_may_be() -> None:
    info = PngInfo()
    info.add_itxt("XML:com.adobe.xmp", XMP.decode(), zip=True)
    assert notes("png", saved("PNG", pnginfo=info)) == {"xmp": XMP}
    plain = saved("PNG")
    bomb = png_chunk(b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + zlib.compress(bytes(50 << 20)))
    assert notes("png", plain[:33] + bomb + plain[33:]) == {"xmp": bytes(MOST_UNPACKED_BYTES)}


@pytest.mark.parametrize("packed", [False, True])
def test_notes_in_hexadecimal_as_imagemagick_writes_them(packed: bool) -> None:
    info = PngInfo()
    for kind, content in (
        ("exif", b"Exif\0\0" + EXIF),
        ("iptc", resource(0x0404, IPTC)),
        ("xmp", XMP),
    ):
        lines = f"\n{kind}\n{len(content):8}\n" + "\n".join(
            content.hex()[at : at + 72] for at in range(0, 2 * len(content), 72)
        )
        info.add_text(f"Raw profile type {kind}", lines + "\n", zip=packed)
    assert notes("png", saved("PNG", pnginfo=info)) == {"exif": EXIF, "iptc": IPTC, "xmp": XMP}


def test_a_text_that_only_begins_as_hexadecimal_is_given_up_at_once() -> None:
    info = PngInfo()
    info.add_text("Raw profile type exif", "\nexif\n 1 " + " " * 200_000 + "ab" * 200_000 + "!")
    assert notes("png", saved("PNG", pnginfo=info)) == {}


def test_webp_has_them_in_chunks() -> None:
    assert notes("webp", saved("WEBP", exif=EXIF, xmp=XMP)) == {"exif": EXIF, "xmp": XMP}


def test_tiff_is_exif_itself_and_has_the_others_as_fields() -> None:
    file = io.BytesIO()
    coarse_scene().save(file, "TIFF", tiffinfo={700: XMP, 33723: IPTC, 34377: resource(0x0424, XMP)})
    found = notes("tiff", file.getvalue())
    assert found.keys() == {"exif", "xmp", "iptc"}
    assert (found["exif"], found["xmp"]) == (file.getvalue(), XMP)
    assert found["iptc"].startswith(IPTC)


def test_psd_has_them_in_resources() -> None:
    inside = resource(0x0404, IPTC) + resource(0x0422, EXIF) + resource(0x0424, XMP)
    data = psd()
    whole = data[:30] + struct.pack(">I", len(inside)) + inside + data[34:]
    Image.open(io.BytesIO(whole)).load()
    assert notes("psd", whole) == {"iptc": IPTC, "exif": EXIF, "xmp": XMP}
