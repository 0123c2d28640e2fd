"""What Pillow reads, by the class of each format: its own list of openers is not asked, so nothing else is ever tried."""

import io
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from types import MappingProxyType
from typing import IO

import PIL
from PIL import (
    AvifImagePlugin,
    BmpImagePlugin,
    CurImagePlugin,
    DdsImagePlugin,
    GifImagePlugin,
    IcnsImagePlugin,
    IcoImagePlugin,
    Image,
    Jpeg2KImagePlugin,
    PcxImagePlugin,
    PpmImagePlugin,
    PsdImagePlugin,
    QoiImagePlugin,
    SgiImagePlugin,
    SunImagePlugin,
    TgaImagePlugin,
    TiffImagePlugin,
    XbmImagePlugin,
    XpmImagePlugin,
    features,
)
from PIL.ImageFile import ImageFile

from concord.jail.frames import claimed, gif_frames, tiff_frames
from concord.jail.ifd import orientation
from concord.jail.luma import luma_of, turn_upright
from concord.jail.opened import Decoded, Opened, UndecodableError

AvifImagePlugin.DEFAULT_MAX_THREADS = 1  # the workers themselves are the parallelism
Image.MAX_IMAGE_PIXELS = None  # pixels are counted against our own budget before unpacking

PILLOW = f"pillow {PIL.__version__}"

Opener = Callable[[IO[bytes]], ImageFile]


def with_codec(name: str) -> str:
    """What unpacks, with the version of the library below where Pillow has one for this."""
    version = features.version(name)
    return f"{PILLOW} {name} {version}" if version else PILLOW


CLASSES: Mapping[str, Opener] = MappingProxyType(
    {
        "avif": AvifImagePlugin.AvifImageFile,
        "bmp": BmpImagePlugin.BmpImageFile,
        "cur": CurImagePlugin.CurImageFile,
        "dds": DdsImagePlugin.DdsImageFile,
        "gif": GifImagePlugin.GifImageFile,
        "icns": IcnsImagePlugin.IcnsImageFile,
        "ico": IcoImagePlugin.IcoImageFile,
        "jpeg2000": Jpeg2KImagePlugin.Jpeg2KImageFile,
        "netpbm": PpmImagePlugin.PpmImageFile,
        "pcx": PcxImagePlugin.PcxImageFile,
        "psd": PsdImagePlugin.PsdImageFile,
        "qoi": QoiImagePlugin.QoiImageFile,
        "sgi": SgiImagePlugin.SgiImageFile,
        "sun": SunImagePlugin.SunImageFile,
        "tga": TgaImagePlugin.TgaImageFile,
        "tiff": TiffImagePlugin.TiffImageFile,
        "xbm": XbmImagePlugin.XbmImageFile,
        "xpm": XpmImagePlugin.XpmImageFile,
    }
)
DECODERS = {"avif": with_codec("avif"), "jpeg2000": with_codec("jpg_2000"), "tiff": with_codec("libtiff")}

# While one pixel is unpacked, as measured on pictures near the budget: what the mode takes in Pillow, the brightness and
# a copy of it, and what the codec holds besides (of JPEG 2000: for each band).
MODE_BYTES = {"1": 1, "L": 1, "P": 1, "I": 5, "F": 5}
LUMA_BYTES = 2
AVIF_BYTES = 10
JPEG2000_BAND_BYTES = 6


def open_with_pillow(begins_as: str, data: bytes) -> Opened:
    """Without unpacking. Raises UndecodableError."""
    image = opened_image(CLASSES[begins_as], data)
    unpack = partial(unpacked, image, DECODERS.get(begins_as, PILLOW))
    return Opened(*image.size, bytes_per_pixel(image, _codec_bytes(image)), _frames(image, data), unpack)


def opened_image(opener: Opener, data: bytes) -> ImageFile:
    """Raises UndecodableError."""
    try:
        image = opener(io.BytesIO(data))
    except MemoryError:
        raise
    except Exception as error:  # openers raise whatever a broken header makes them
        raise undecodable(error) from None
    if 0 in image.size:
        raise UndecodableError("its header cannot be read")
    return image


def bytes_per_pixel(image: Image.Image, codec_bytes: int = 0) -> int:
    return codec_bytes + MODE_BYTES.get(image.mode, 4) + LUMA_BYTES


def _codec_bytes(image: ImageFile) -> int:
    if isinstance(image, AvifImagePlugin.AvifImageFile):
        return AVIF_BYTES
    if isinstance(image, Jpeg2KImagePlugin.Jpeg2KImageFile):
        return JPEG2000_BAND_BYTES * len(image.getbands())
    return 0


def unpacked(image: ImageFile, decoder: str) -> Decoded:
    """Raises UndecodableError, and MemoryError."""
    try:
        image.load()
        luma = luma_of(image)
    except MemoryError:
        raise
    except Exception as error:  # decoders raise whatever a broken file makes them
        raise undecodable(error) from None
    if isinstance(image, TiffImagePlugin.TiffImageFile):  # Pillow has turned it while loading
        return Decoded(luma, decoder)
    return Decoded(turn_upright(luma, orientation(image.info.get("exif") or b"")), decoder)


def undecodable(error: Exception) -> UndecodableError:
    """Raises MemoryError where that is what the decoder's words mean."""
    words = str(error).lower()
    if "memory" in words and "security limit" not in words:  # libheif calls what it refuses to allocate both
        raise MemoryError
    return UndecodableError(str(error) or type(error).__name__)


def _frames(image: ImageFile, data: bytes) -> int:
    if isinstance(image, GifImagePlugin.GifImageFile):
        return gif_frames(data)
    if isinstance(image, TiffImagePlugin.TiffImageFile):
        return tiff_frames(data)
    if isinstance(image, AvifImagePlugin.AvifImageFile):
        return claimed(image.n_frames)
    return 1


@contextmanager
def inner_pictures_within(pixels: int) -> Iterator[None]:
    """Pictures inside a picture (of an icon) tell their size only while it is opened or unpacked: Pillow itself
    refuses them then, beyond twice its own limit."""
    Image.MAX_IMAGE_PIXELS = pixels // 2
    try:
        yield
    finally:
        Image.MAX_IMAGE_PIXELS = None
