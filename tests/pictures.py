"""Pictures that tests make: textured, so that they have a fingerprint, and different for every seed."""

import io

import numpy as np
from PIL import Image, ImageFilter


def picture(seed: int, width: int = 256, height: int = 256) -> Image.Image:
    """Blurred noise: quality 100, and far from every other seed."""
    noise = np.random.default_rng(seed).integers(0, 256, (height // 16, width // 16, 3), np.uint8)
    return Image.fromarray(noise).resize((width, height), Image.Resampling.BICUBIC).filter(ImageFilter.GaussianBlur(2))


def jpeg(seed: int, quality: int = 90, width: int = 256, height: int = 256) -> bytes:
    return encoded(picture(seed, width, height), "JPEG", quality=quality)


def encoded(image: Image.Image, format: str, **options: object) -> bytes:  # noqa: A002  Pillow's word
    file = io.BytesIO()
    image.save(file, format, **options)
    return file.getvalue()
