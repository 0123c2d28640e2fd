"""A picture is found turned, mirrored, inverted and framed, and the answer names what was done to it."""

from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageOps

from tests.desk import Desk
from tests.pictures import encoded, picture

# What was done to the copy; the answer names what undoes it.
COPIES = {
    "none": lambda image: image,
    "negative": ImageOps.invert,
    "rotate-90": lambda image: image.transpose(Image.Transpose.ROTATE_90),  # Pillow turns anticlockwise
    "rotate-180": lambda image: image.transpose(Image.Transpose.ROTATE_180),
    "rotate-270": lambda image: image.transpose(Image.Transpose.ROTATE_270),
    "mirror": ImageOps.mirror,
    "flip": ImageOps.flip,
    "transpose": lambda image: image.transpose(Image.Transpose.TRANSPOSE),
    "transverse": lambda image: image.transpose(Image.Transpose.TRANSVERSE),
    "trim": lambda image: ImageOps.expand(image, 100, "black"),
    "trim+mirror": lambda image: ImageOps.expand(ImageOps.mirror(image), (0, 120), "white"),
    "negative+rotate-90": lambda image: ImageOps.invert(image.transpose(Image.Transpose.ROTATE_90)),
    "negative+trim": lambda image: ImageOps.expand(ImageOps.invert(image), 100, "black"),
}


def saved(desk: Desk, name: str, image: Image.Image) -> Path:
    path = desk.folder / name
    path.write_bytes(encoded(image, "JPEG", quality=80))
    return path


@pytest.mark.parametrize("transform", COPIES)
def test_a_changed_copy_is_found_and_the_change_is_named(desk: Desk, transform: str) -> None:
    original = picture(77, 1024, 768)  # of a small one with so much detail a turn is off by more bits
    desk.enter(saved(desk, "a.jpg", original))
    (answer,) = desk.ask(saved(desk, "copy.jpg", COPIES[transform](original.copy()).resize((800, 640))))
    assert (answer.answer, answer.match) == ("KNOWN", "near")
    assert answer.transform == transform
    assert any(reason.startswith("It matches ") for reason in answer.reasons) == (transform != "none")


def stamped(image: Image.Image) -> Image.Image:
    """With something far brighter on it than all the rest."""
    made = image.copy()
    ImageDraw.Draw(made).rectangle((100, 100, 160, 220), fill="white")
    return made


@pytest.mark.parametrize("transform", ["tone", "tone+mirror"])
def test_a_copy_of_a_dark_picture_with_something_bright_on_it_is_found_by_its_tones(desk: Desk, transform: str) -> None:
    dark = picture(81, 1024, 768).point(lambda level: int(level * 0.3))
    desk.enter(saved(desk, "dark.jpg", dark))
    copy = stamped(ImageOps.mirror(dark) if "mirror" in transform else dark)
    (answer,) = desk.ask(saved(desk, "stamped.jpg", copy.resize((800, 640))))
    assert (answer.answer, answer.match, answer.transform) == ("KNOWN", "near", transform)
    assert any("with its tones evened out" in reason for reason in answer.reasons)


def test_a_framed_original_is_found_by_its_bare_copy(desk: Desk) -> None:
    bare = picture(78, 1024, 768)
    desk.enter(saved(desk, "framed.jpg", ImageOps.expand(bare, 120, "black")))
    (answer,) = desk.ask(saved(desk, "bare.jpg", bare))
    assert (answer.match, answer.transform) == ("near", "trim")


def test_another_picture_is_not_found_by_any_transform(desk: Desk) -> None:
    desk.enter(saved(desk, "a.jpg", picture(79)))
    for name, change in COPIES.items():
        (answer,) = desk.ask(saved(desk, f"{name}.jpg", change(picture(80))))
        assert answer.answer == "NEW"
