import hashlib
import os
import struct
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image, ImageOps

from concord.config import Limits
from concord.errors import DamagedPicture, NotAPicture, TooManyBytes, TooManyPixels, UnreadableFile
from concord.fingerprints.pdq import RADIUS_BITS, distance_bits
from concord.jail.findings import PictureFindings
from concord.jail.messages import Fault
from concord.jail.picture import examine_picture
from tests.pictures import encoded, picture

from .conftest import Descriptor
from .scenes import flat_png, jpeg, jpeg_claiming

LIMITS = Limits()


def fault_of(found: PictureFindings) -> Fault:
    assert found.fingerprints == ()
    assert (found.width_pixels, found.height_pixels) == (None, None)
    assert found.fault is not None
    return found.fault


def value_of(descriptor: int) -> bytes:
    found = examine_picture(descriptor, LIMITS)
    assert found.fault is None
    return found.fingerprints[0].value


def test_a_picture_is_digested_measured_and_fingerprinted(descriptor_of: Descriptor) -> None:
    data = jpeg()
    found = examine_picture(descriptor_of(data), LIMITS)
    assert found.digests.sha256 == hashlib.sha256(data).digest()
    assert (found.size_bytes, found.format) == (len(data), "jpeg")
    assert (found.width_pixels, found.height_pixels) == (480, 360)
    assert {one.kind for one in found.fingerprints} == {"pdq"}
    assert "none" in {one.transform for one in found.fingerprints}
    assert found.fingerprints[0].decoder.startswith("simplejpeg ")
    assert found.fault is None


def test_a_text_is_not_a_picture_and_has_digests(descriptor_of: Descriptor) -> None:
    found = examine_picture(descriptor_of(b"only words"), LIMITS)
    assert fault_of(found).code == NotAPicture.code
    assert found.digests.md5 == hashlib.md5(b"only words").digest()
    assert found.format is None


def test_a_format_that_is_not_read_is_named(descriptor_of: Descriptor) -> None:
    fault = fault_of(examine_picture(descriptor_of(b"\xff\x0a" + bytes(100)), LIMITS))
    assert fault == Fault(NotAPicture.code, {"cause": "jpegxl is not read here"})


def test_a_truncated_picture_is_damaged_and_has_digests(descriptor_of: Descriptor) -> None:
    data = jpeg()[:-500]
    found = examine_picture(descriptor_of(data), LIMITS)
    assert fault_of(found).code == DamagedPicture.code
    assert found.digests.sha1 == hashlib.sha1(data).digest()
    assert found.format == "jpeg"


@pytest.mark.parametrize(
    ("data", "side", "bytes_per_pixel"),
    [
        (jpeg_claiming(65_500, 65_500), 65_500, 1),
        (flat_png(50_000, 50_000, bits=1, colour_type=0, bytes_per_row=6_250), 50_000, 3),
    ],
)
def test_too_many_pixels_are_refused_before_unpacking(
    descriptor_of: Descriptor, data: bytes, side: int, bytes_per_pixel: int
) -> None:
    fault = fault_of(examine_picture(descriptor_of(data), LIMITS))
    budget_pixels = min(LIMITS.pixels, LIMITS.unpacked_bytes // bytes_per_pixel)
    assert fault == Fault(TooManyPixels.code, {"width": side, "height": side, "budget_pixels": budget_pixels})


def test_the_pixel_budget_is_a_setting(descriptor_of: Descriptor) -> None:
    fits, does_not = replace(LIMITS, pixels=480 * 360), replace(LIMITS, pixels=480 * 360 - 1)
    assert examine_picture(descriptor_of(jpeg()), fits).fault is None
    assert fault_of(examine_picture(descriptor_of(jpeg()), does_not)).code == TooManyPixels.code


def test_a_picture_inside_a_picture_keeps_to_the_budget_as_well(descriptor_of: Descriptor) -> None:
    inner = flat_png(2_000, 2_000, bits=8, colour_type=0, bytes_per_row=2_000)
    icon = b"\0\0\1\0\1\0" + struct.pack("<BBBBHHII", 16, 16, 0, 0, 1, 32, len(inner), 22) + inner
    found = examine_picture(descriptor_of(icon), replace(LIMITS, pixels=1_000_000))
    assert (found.format, fault_of(found).code) == ("ico", DamagedPicture.code)
    assert "exceeds limit of 1000000 pixels" in str(fault_of(found).facts["cause"])


def test_the_frames_of_an_animation_are_noted(descriptor_of: Descriptor) -> None:
    data = encoded(picture(1), "GIF", save_all=True, append_images=[picture(2), picture(3)])
    assert examine_picture(descriptor_of(data), LIMITS).frames == 3
    assert examine_picture(descriptor_of(jpeg()), LIMITS).frames == 1


def test_a_header_that_claims_more_rows_than_there_are_is_damaged(descriptor_of: Descriptor) -> None:
    assert fault_of(examine_picture(descriptor_of(jpeg_claiming(480, 3_000)), LIMITS)).code == DamagedPicture.code


def test_a_file_too_large_to_unpack_is_digested_only(descriptor_of: Descriptor) -> None:
    data = jpeg() + bytes(3_000_000)
    found = examine_picture(descriptor_of(data), replace(LIMITS, picture_bytes=1_000_000))
    assert fault_of(found) == Fault(TooManyBytes.code, {"size_bytes": len(data), "budget_bytes": 1_000_000})
    assert found.digests.sha256 == hashlib.sha256(data).digest()


def test_what_follows_a_picture_is_digested_and_does_not_disturb(descriptor_of: Descriptor) -> None:
    alone, followed = (
        examine_picture(descriptor_of(data), LIMITS) for data in (jpeg(), jpeg() + b"PK\3\4" + bytes(99))
    )
    assert alone.fingerprints == followed.fingerprints
    assert alone.digests != followed.digests


def test_a_medium_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    descriptor = os.open(tmp_path, os.O_RDONLY)  # a folder: reading it fails as a damaged medium does
    with pytest.raises(UnreadableFile):
        examine_picture(descriptor, LIMITS)
    os.close(descriptor)


def test_one_picture_in_six_modes_is_one_picture(shared_data: Path, descriptor_of: Descriptor) -> None:
    values = {
        path.name: value_of(descriptor_of(path.read_bytes())) for path in (shared_data / "pictures/modes").iterdir()
    }
    assert len(values) == 6
    assert max(distance_bits(value, values["RGB.jpg"]) for value in values.values()) <= RADIUS_BITS


def test_turned_photographs_are_measured_upright(shared_data: Path, descriptor_of: Descriptor) -> None:
    for name, shape in (("exif-rotn-1.jpg", (4032, 3024)), ("exif-rotn-6.jpg", (3024, 4032))):
        path = shared_data / "pictures/exif" / name
        found = examine_picture(descriptor_of(path.read_bytes()), LIMITS)
        assert (found.width_pixels, found.height_pixels) == shape
        upright = ImageOps.exif_transpose(Image.open(path)).convert("RGB")
        plain = value_of(descriptor_of(jpeg(upright)))
        assert distance_bits(found.fingerprints[0].value, plain) <= 6
