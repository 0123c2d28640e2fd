"""HEIF (HEIC): pi-heif, whose wheel can only decode. It turns and mirrors as the file's own boxes say; the EXIF note
beside them repeats that and is not obeyed a second time."""

from functools import partial

import pi_heif
from pi_heif import HeifFile, options

from concord.jail.frames import claimed
from concord.jail.luma import luma_of
from concord.jail.opened import Decoded, Opened, UndecodableError
from concord.jail.pillow import undecodable

options.DECODE_THREADS = 1  # the workers themselves are the parallelism
options.THUMBNAILS = options.DEPTH_IMAGES = options.AUX_IMAGES = False

_LIBRARIES = pi_heif.libheif_info()
PI_HEIF = f"pi-heif {pi_heif.__version__} libheif {_LIBRARIES['libheif']}"

# While one pixel is unpacked, as measured: planes, the same interleaved, Pillow's picture and the brightness.
BYTES_PER_PIXEL = 9
DEEP_BYTES_PER_PIXEL = 16  # of more than 8 bits a sample


def open_heif(data: bytes) -> Opened:
    """Without unpacking. Raises UndecodableError."""
    try:
        file = HeifFile(data, convert_hdr_to_8bit=True)
        width, height = file.size
        cost = DEEP_BYTES_PER_PIXEL if file.info["bit_depth"] > 8 else BYTES_PER_PIXEL
    except MemoryError:
        raise
    except Exception as error:  # the binding raises whatever the library makes of a broken file
        raise undecodable(error) from None
    if 0 in (width, height):
        raise UndecodableError("its header cannot be read")
    return Opened(width, height, cost, claimed(len(file)), partial(_unpacked, file))


def _unpacked(file: HeifFile) -> Decoded:
    try:
        return Decoded(luma_of(file[file.primary_index].to_pillow()), PI_HEIF)
    except MemoryError:
        raise
    except Exception as error:
        raise undecodable(error) from None
