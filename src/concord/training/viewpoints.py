"""Sensible places for a camera: in corners and along walls, at eye height, with much to see and nothing in the way."""

from dataclasses import replace
from itertools import islice

import numpy as np

from concord.training.arrangement import overlap
from concord.training.camera import Camera
from concord.training.decor import Draw
from concord.training.rooms import Room
from concord.training.sight import nearest
from concord.training.solids import Box, Point

CLEAR = 0.15  # metres between the camera and anything
TRIALS = 18
COARSE_PIXELS = (20, 15)
SMALL = 0.04  # metres; half sizes of what does not count when views are compared


def cameras(room: Room, seed: int, count: int) -> tuple[Camera, ...]:
    """`count` viewpoints, the best first, each as different from those before it as the room allows."""
    draw = np.random.default_rng((room.seed, seed, 0xCA3E))
    drawn = (_candidate(room, draw) for _ in range(50 * TRIALS))
    candidates = list(islice((camera for camera in drawn if _free(room, camera.position)), TRIALS + 2 * count))
    coarse = replace(room, solids=tuple(solid for solid in room.solids if sorted(solid.half)[1] > SMALL))
    worth = [_worth(coarse, camera) for camera in candidates]
    chosen: list[int] = []
    for _ in range(count):
        gains = [
            gain - sum(_likeness(candidates[at], candidates[old]) for old in chosen) for at, gain in enumerate(worth)
        ]
        for old in chosen:
            gains[old] = -np.inf
        chosen.append(int(np.argmax(gains)))
    return tuple(candidates[at] for at in chosen)


def _candidate(room: Room, draw: Draw) -> Camera:
    """Near a corner or the middle of a wall, looking across the room."""
    width, depth, _ = room.size
    spots = [(x, y) for x in (0.0, 0.5, 1.0) for y in (0.0, 0.5, 1.0) if (x, y) != (0.5, 0.5)]
    spot = spots[int(draw.integers(len(spots)))]
    inset = draw.uniform(0.25, 0.8, 2)
    x = inset[0] + spot[0] * (width - 2 * inset[0])
    y = inset[1] + spot[1] * (depth - 2 * inset[1])
    across = width * (1 - spot[0]), depth * (1 - spot[1])
    share = draw.uniform(0.5, 0.85)
    target = (
        x + share * (across[0] - x) + draw.uniform(-0.5, 0.5),
        y + share * (across[1] - y) + draw.uniform(-0.5, 0.5),
    )
    return Camera(
        (float(x), float(y), draw.uniform(1.35, 1.7)), (*target, draw.uniform(0.7, 1.05)), draw.uniform(62, 74)
    )


def _free(room: Room, position: Point) -> bool:
    about: Box = (
        (position[0] - CLEAR, position[1] - CLEAR, position[2] - CLEAR),
        (position[0] + CLEAR, position[1] + CLEAR, position[2] + CLEAR),
    )
    inside = all(low > 0 and high < size for low, high, size in zip(*about, room.size, strict=True))
    return inside and not any(overlap(about, solid.bounds) for solid in room.solids)


def _worth(room: Room, camera: Camera) -> float:
    """Different things in sight count for it, things close before the lens against it."""
    distances, owners = nearest(room, camera, camera.directions(*COARSE_PIXELS))
    things = len(np.unique(owners[owners >= 0]))
    covered = float((owners >= 0).mean())
    return (
        min(things, 45) / 45 + covered + min(float(np.median(distances)), 3) / 3 - 4 * float((distances < 0.8).mean())
    )


def _likeness(one: Camera, other: Camera) -> float:
    """1 for the same place and direction, near 0 for different ones."""
    apart = float(np.linalg.norm(np.subtract(one.position, other.position)))
    cosine = float(one.axes[2] @ other.axes[2])
    return max(0.0, cosine) ** 2 * 1.2 + 0.6 * max(0.0, 1 - apart / 2)
