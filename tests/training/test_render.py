from dataclasses import replace

import numpy as np

from concord.training.render import render
from concord.training.rooms import make_room
from concord.training.viewpoints import cameras

ROOM = make_room(2)
CAMERA = cameras(ROOM, 0, 1)[0]


def test_a_picture_has_the_size_that_was_asked_for() -> None:
    picture = render(ROOM, CAMERA, 121, 83)
    assert picture.shape == (83, 121, 3)
    assert picture.dtype == np.uint8


def test_the_same_room_and_camera_give_the_same_pixels() -> None:
    assert (render(ROOM, CAMERA, 160, 120) == render(ROOM, CAMERA, 160, 120)).all()


def test_a_picture_is_neither_dark_nor_burnt_nor_flat() -> None:
    for seed in range(6):
        room = make_room(seed)
        grey = render(room, cameras(room, 0, 1)[0], 160, 120).mean(axis=2)
        assert 70 < grey.mean() < 190
        assert grey.std() > 30
        assert (grey > 250).mean() < 0.15


def test_furniture_throws_shadows() -> None:
    floating = tuple(replace(solid, casts=False) for solid in ROOM.solids)
    lit, unlit = (render(room, CAMERA, 160, 120) for room in (replace(ROOM, solids=floating), ROOM))
    assert (np.abs(lit.astype(int) - unlit).max(axis=2) > 12).mean() > 0.05


def test_larger_and_smaller_pictures_show_the_same() -> None:
    large = render(ROOM, CAMERA, 320, 240).reshape(24, 10, 32, 10, 3).mean(axis=(1, 3))
    small = render(ROOM, CAMERA, 160, 120).reshape(24, 5, 32, 5, 3).mean(axis=(1, 3))
    assert np.abs(large - small).mean() < 4
