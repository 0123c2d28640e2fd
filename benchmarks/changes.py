"""What people do to a picture before it is found again: every row of the robustness table, each as one plain edit.

`expected` is the recall that was measured before on other photographs, with the repair where there is one; none: not
measured. Of those edits only the words were kept, so these may be stronger or weaker. Each copy is a JPEG again.
"""

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageEnhance, ImageFilter, ImageFont, ImageOps

Picture = Image.Image
Make = Callable[[Picture, int], Picture]  # of the picture, and a number that chooses colours and the noise

QUALITY = 90
COLOURS = ("black", "white", "#c02020", "#203070")
TEXT = "sample for measuring, nothing real"


@dataclass(frozen=True)
class Change:
    name: str
    expected: float | None
    make: Make
    quality: int = QUALITY  # of the JPEG


def copy_of(picture: Picture, change: Change, number: int) -> bytes:
    """The file of a changed picture."""
    file = io.BytesIO()
    change.make(picture, number).convert("RGB").save(file, "JPEG", quality=change.quality)
    return file.getvalue()


# ---- the whole picture ------------------------------------------------------------------------------------------------


def _as_it_is(picture: Picture, _: int) -> Picture:
    return picture


def _resized(share: float) -> Make:
    def make(picture: Picture, _: int) -> Picture:
        size = max(1, round(picture.width * share)), max(1, round(picture.height * share))
        return picture.resize(size, Image.Resampling.BICUBIC)

    return make


def _squashed(picture: Picture, _: int) -> Picture:
    return picture.resize((256, 256), Image.Resampling.BICUBIC)


def _swapped(picture: Picture, _: int) -> Picture:
    red, green, blue = picture.split()
    return Image.merge("RGB", (blue, green, red))


def _noisy(deviation: float) -> Make:
    def make(picture: Picture, number: int) -> Picture:
        levels = np.asarray(picture, np.float32)
        noise = np.random.default_rng(number).normal(0, deviation, levels.shape)
        return Image.fromarray((levels + noise).clip(0, 255).astype(np.uint8))

    return make


def _mapped(curve: Callable[[float], float]) -> Make:
    table = [min(255, max(0, round(255 * curve(level / 255)))) for level in range(256)] * 3
    return lambda picture, _: picture.point(table)


def _turned(how: Image.Transpose) -> Make:
    return lambda picture, _: picture.transpose(how)


# ---- something on it --------------------------------------------------------------------------------------------------


def _written(text: str, share: float, place: tuple[float, float], opacity: int) -> Make:
    """Letters of a share of the height."""

    def make(picture: Picture, _: int) -> Picture:
        layer = Image.new("RGBA", picture.size, (255, 255, 255, 0))
        at = place[0] * picture.width, place[1] * picture.height
        font = ImageFont.load_default(max(6, share * picture.height))
        ImageDraw.Draw(layer).text(at, text, fill=(255, 255, 255, opacity), font=font)
        return Image.alpha_composite(picture.convert("RGBA"), layer).convert("RGB")

    return make


_watermarked = _written(TEXT, 0.04, (0.55, 0.93), 130)


def _half_and_watermarked(picture: Picture, number: int) -> Picture:
    return _watermarked(_resized(0.5)(picture, number), number)


def _captioned(share: float) -> Make:
    """A white bar with a line of text, added below."""

    def make(picture: Picture, _: int) -> Picture:
        bar = round(share * picture.height)
        made = Image.new("RGB", (picture.width, picture.height + bar), "white")
        made.paste(picture, (0, 0))
        font = ImageFont.load_default(max(6, bar * 0.5))
        ImageDraw.Draw(made).text((bar * 0.3, picture.height + bar * 0.15), TEXT, fill="black", font=font)
        return made

    return make


def _stickered(share: float) -> Make:
    """A square of a share of the shorter side, somewhere."""

    def make(picture: Picture, number: int) -> Picture:
        side = round(share * min(picture.size))
        draw = np.random.default_rng(number)
        left, top = int(draw.integers(picture.width - side)), int(draw.integers(picture.height - side))
        made = picture.copy()
        made.paste(COLOURS[number % len(COLOURS)], (left, top, left + side, top + side))
        return made

    return make


# ---- less of it, more around it ---------------------------------------------------------------------------------------


def _cut(left: float, top: float, right: float, bottom: float) -> Make:
    def make(picture: Picture, _: int) -> Picture:
        width, height = picture.size
        return picture.crop(
            (round(left * width), round(top * height), round((1 - right) * width), round((1 - bottom) * height))
        )

    return make


def _cropped(share: float) -> Make:
    """Of the width and of the height, from all sides alike."""
    return _cut(*[share / 2] * 4)


def _bordered(share: float) -> Make:
    def make(picture: Picture, number: int) -> Picture:
        return ImageOps.expand(picture, max(1, round(share * min(picture.size))), COLOURS[number % len(COLOURS)])

    return make


def _letterboxed(picture: Picture, _: int) -> Picture:
    bar = round(0.15 * picture.height)
    return ImageOps.expand(picture, (0, bar, 0, bar), "black")


def _edged(picture: Picture, number: int) -> Picture:
    """One broad coloured edge on one side."""
    wide = round(0.08 * picture.width)
    sides = [0, 0, 0, 0]
    sides[number % 4] = wide
    return ImageOps.expand(picture, (sides[0], sides[1], sides[2], sides[3]), COLOURS[(number // 4) % len(COLOURS)])


def _rotated(degrees: float) -> Make:
    """Black where nothing is."""
    return lambda picture, number: picture.rotate(degrees if number % 2 else -degrees, Image.Resampling.BICUBIC)


def _in_perspective(share: float) -> Make:
    """Two corners of one side moved inwards, as of a page that is photographed from below."""

    def make(picture: Picture, _: int) -> Picture:
        width, height = picture.size
        inset = share * width
        seen = [(-inset, 0), (0, height), (width, height), (width + inset, 0)]
        flat = [(0, 0), (0, height), (width, height), (width, 0)]
        weights = _projection(flat, seen)
        return picture.transform(picture.size, Image.Transform.PERSPECTIVE, weights, Image.Resampling.BICUBIC)

    return make


def _projection(to: Sequence[tuple[float, float]], of: Sequence[tuple[float, float]]) -> list[float]:
    """The eight weights that Pillow wants."""
    rows: list[list[float]] = []
    for (x, y), (u, v) in zip(to, of, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
    wanted = np.array(of, np.float64).ravel()
    weights: list[float] = np.linalg.solve(np.array(rows, np.float64), wanted).tolist()
    return weights


# ---- on a screen ------------------------------------------------------------------------------------------------------


def _on_a_phone(picture: Picture, _: int) -> Picture:
    """Portrait screen, black, a line of status with a clock above, three signs of navigation below."""
    screen = Image.new("RGB", (720, 1560), "black")
    shown = picture.resize((720, max(1, round(720 * picture.height / picture.width))), Image.Resampling.BICUBIC)
    if shown.height > 1300:
        shown = picture.resize((max(1, round(1300 * picture.width / picture.height)), 1300), Image.Resampling.BICUBIC)
    screen.paste(shown, ((720 - shown.width) // 2, (1560 - shown.height) // 2))
    draw = ImageDraw.Draw(screen)
    draw.text((40, 18), "12:34", fill="white", font=ImageFont.load_default(28))
    draw.text((520, 18), "LTE  87 %", fill="white", font=ImageFont.load_default(28))
    for at in (180, 360, 540):
        draw.ellipse((at - 14, 1500, at + 14, 1528), outline="white", width=3)
    return screen


def _on_a_desktop(picture: Picture, number: int) -> Picture:
    """A window with a title and three buttons on a plain ground, a bar with signs below."""
    left, top = 180, 90
    screen = Image.new(
        "RGB", (left + picture.width + 240, top + picture.height + 150), ("#24506e", "#3a3a3a")[number % 2]
    )
    draw = ImageDraw.Draw(screen)
    draw.rectangle((left - 2, top - 34, left + picture.width + 1, top + picture.height + 1), fill="#e4e4e4")
    draw.text((left + 10, top - 28), f"IMG_{number:04d}.jpg", fill="black", font=ImageFont.load_default(18))
    for place in range(3):
        right = left + picture.width - 20 - 30 * place
        draw.rectangle((right - 10, top - 22, right, top - 12), outline="black", width=2)
    screen.paste(picture, (left, top))
    draw.rectangle((0, screen.height - 40, screen.width, screen.height), fill="#101010")
    for place in range(6):
        draw.rectangle((20 + 50 * place, screen.height - 30, 40 + 50 * place, screen.height - 10), fill="#b0b0b0")
    return screen


# ---- the table --------------------------------------------------------------------------------------------------------


def _enhanced(how: Any, by: float) -> Make:
    return lambda picture, _: how(picture).enhance(by)


def _filtered(how: ImageFilter.Filter) -> Make:
    return lambda picture, _: picture.filter(how)


CHANGES: tuple[Change, ...] = (
    Change("JPEG quality 20", 1.0, _as_it_is, 20),
    Change("JPEG quality 50", 1.0, _as_it_is, 50),
    Change("JPEG quality 90", 1.0, _as_it_is, 90),
    Change("resized to 0.5", 1.0, _resized(0.5)),
    Change("resized to 0.25", 0.967, _resized(0.25)),
    Change("resized to 0.1", 1.0, _resized(0.1)),
    Change("squashed to 256 x 256", 0.958, _squashed),
    Change("grey", 1.0, lambda picture, _: ImageOps.grayscale(picture)),
    Change("saturation x 1.8", 1.0, _enhanced(ImageEnhance.Color, 1.8)),
    Change("red and blue exchanged", 1.0, _swapped),
    Change("sharpened", 1.0, _filtered(ImageFilter.UnsharpMask(2, 150, 3))),
    Change("contrast x 1.4", 1.0, _enhanced(ImageEnhance.Contrast, 1.4)),
    Change("blurred, 2 pixels", 1.0, _filtered(ImageFilter.GaussianBlur(2))),
    Change("blurred, 6 pixels", 1.0, _filtered(ImageFilter.GaussianBlur(6))),
    Change("noise, deviation 10", 1.0, _noisy(10)),
    Change("noise, deviation 30", 1.0, _noisy(30)),
    Change("brightness x 1.4", 0.950, _mapped(lambda level: 1.4 * level)),
    Change("gamma 2.0, darker", 0.925, _mapped(lambda level: level**2.0)),
    Change("gamma 2.0, brighter", None, _mapped(lambda level: level**0.5)),
    Change("small watermark", 1.0, _watermarked),
    Change("large text", 0.917, _written(TEXT, 0.14, (0.03, 0.4), 255)),
    Change("quality 50, half size, watermark", 0.983, _half_and_watermarked, 50),
    Change("caption bar 10 %", 0.667, _captioned(0.1)),
    Change("caption bar 20 %", 0.133, _captioned(0.2)),
    Change("sticker 20 %", 0.508, _stickered(0.2)),
    Change("sticker 40 %", 0.108, _stickered(0.4)),
    Change("crop 2 %", 0.908, _cropped(0.02)),
    Change("crop 5 %", 0.067, _cropped(0.05)),
    Change("crop 10 %", 0.0, _cropped(0.1)),
    Change("crop 30 %", 0.0, _cropped(0.3)),
    Change("left side cut 5 %", 0.0, _cut(0.05, 0, 0, 0)),
    Change("border 2 %", 0.942, _bordered(0.02)),
    Change("border 5 %", 0.883, _bordered(0.05)),
    Change("border 10 %", 0.883, _bordered(0.1)),
    Change("letterbox", 0.883, _letterboxed),
    Change("coloured edge on one side", None, _edged),
    Change("mirrored", 1.0, _turned(Image.Transpose.FLIP_LEFT_RIGHT)),
    Change("upside down", None, _turned(Image.Transpose.FLIP_TOP_BOTTOM)),
    Change("turned by 90", 1.0, _turned(Image.Transpose.ROTATE_90)),
    Change("turned by 180", 0.975, _turned(Image.Transpose.ROTATE_180)),
    Change("turned by 270", None, _turned(Image.Transpose.ROTATE_270)),
    Change("turned and bordered", None, lambda p, n: _bordered(0.05)(p.transpose(Image.Transpose.ROTATE_90), n)),
    Change("rotated by 1 degree", 0.875, _rotated(1)),
    Change("rotated by 2 degrees", 0.125, _rotated(2)),
    Change("rotated by 5 degrees", 0.0, _rotated(5)),
    Change("perspective 5 %", 0.0, _in_perspective(0.05)),
    Change("perspective 10 %", 0.0, _in_perspective(0.1)),
    Change("phone screenshot", 0.0, _on_a_phone),
    Change("desktop window", 0.950, _on_a_desktop),
    Change("negative", None, lambda picture, _: ImageChops.invert(picture)),
)
