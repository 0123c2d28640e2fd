"""Edited copies of a picture, as people make them: one entry a kind, `COPIES` holds them by name.

`found_upright` says whether comparing PDQ hashes of the upright pictures (distance at most 31) is expected to find the
original; for the others it takes more than that.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from io import BytesIO
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from concord.errors import UnknownCode

Picture = npt.NDArray[np.uint8]  # [h, w, 3], sRGB

QUALITY = 92  # of JPEG where a copy is not about it
CAPTION = "sample for training - nothing real"


@dataclass(frozen=True, slots=True)
class Copy:
    name: str
    suffix: str  # of the file, with its dot
    found_upright: bool
    make: Callable[[Picture], bytes]  # from the pixels to an encoded file


def copy_named(name: str) -> Copy:
    """Raises UnknownCode."""
    if name not in COPIES:
        raise UnknownCode(value=name, what="copy", known=", ".join(COPIES))
    return COPIES[name]


def encoded(picture: Picture, quality: int = QUALITY) -> bytes:
    """As JPEG."""
    return _jpeg(Image.fromarray(picture), quality)


def decoded(file: bytes) -> Picture:
    return np.asarray(Image.open(BytesIO(file)).convert("RGB"))


def _jpeg(image: Image.Image, quality: int = QUALITY) -> bytes:
    target = BytesIO()
    image.save(target, "JPEG", quality=quality)
    return target.getvalue()


def _reencoded(picture: Picture) -> bytes:
    return encoded(picture, quality=30)


def _png(picture: Picture) -> bytes:
    target = BytesIO()
    Image.fromarray(picture).save(target, "PNG")
    return target.getvalue()


def _resized(picture: Picture, share: float) -> bytes:
    height, width = picture.shape[:2]
    return _jpeg(
        Image.fromarray(picture).resize((round(width * share), round(height * share)), Image.Resampling.LANCZOS)
    )


def _half(picture: Picture) -> bytes:
    return _resized(picture, 0.5)


def _enlarged(picture: Picture) -> bytes:
    return _resized(picture, 1.6)


def _grey(picture: Picture) -> bytes:
    return _jpeg(Image.fromarray(picture).convert("L"))


def _brightened(picture: Picture) -> bytes:
    return _jpeg(Image.fromarray(picture).point(lambda level: min(255, level * 1.12 + 6)))


def _captioned(picture: Picture) -> bytes:
    """A narrow half transparent strip with words along the lower edge."""
    image = Image.fromarray(picture).convert("RGBA")
    strip = max(11, image.height // 24)
    layer = Image.new("RGBA", image.size, (0, 0, 0, 0))
    draw = ImageDraw.Draw(layer)
    draw.rectangle((0, image.height - strip, image.width, image.height), fill=(30, 30, 34, 120))
    draw.text((6, image.height - strip), CAPTION, fill=(240, 240, 235, 255), font=ImageFont.load_default(strip * 0.7))
    return _jpeg(Image.alpha_composite(image, layer).convert("RGB"))


def _watermarked(picture: Picture) -> bytes:
    """Half transparent words across a corner."""
    image = Image.fromarray(picture).convert("RGBA")
    layer = Image.new("RGBA", image.size, (0, 0, 0, 0))
    place = (image.width * 0.62, image.height * 0.06)
    ImageDraw.Draw(layer).text(
        place, "TRAINING", fill=(255, 255, 255, 130), font=ImageFont.load_default(image.height / 14)
    )
    return _jpeg(Image.alpha_composite(image, layer).convert("RGB"))


def _turned(picture: Picture) -> bytes:
    return encoded(np.ascontiguousarray(np.rot90(picture)))


def _mirrored(picture: Picture) -> bytes:
    return encoded(np.ascontiguousarray(picture[:, ::-1]))


def _cropped(picture: Picture) -> bytes:
    """15 % of the width and of the height are gone, most of it on the left and at the top."""
    height, width = picture.shape[:2]
    top, left = round(0.11 * height), round(0.11 * width)
    return encoded(np.ascontiguousarray(picture[top : top + round(0.85 * height), left : left + round(0.85 * width)]))


def _letterboxed(picture: Picture) -> bytes:
    """Broad black bars above and below."""
    bar = round(0.3 * picture.shape[0])
    return encoded(np.pad(picture, ((bar, bar), (0, 0), (0, 0))))


COPIES: Mapping[str, Copy] = MappingProxyType(
    {
        copy.name: copy
        for copy in (
            Copy("reencoded", ".jpg", True, _reencoded),
            Copy("half", ".jpg", True, _half),
            Copy("enlarged", ".jpg", True, _enlarged),
            Copy("png", ".png", True, _png),
            Copy("grey", ".jpg", True, _grey),
            Copy("brightened", ".jpg", True, _brightened),
            Copy("captioned", ".jpg", True, _captioned),
            Copy("watermarked", ".jpg", True, _watermarked),
            Copy("turned", ".jpg", False, _turned),
            Copy("mirrored", ".jpg", False, _mirrored),
            Copy("cropped", ".jpg", False, _cropped),
            Copy("letterboxed", ".jpg", False, _letterboxed),
        )
    }
)
