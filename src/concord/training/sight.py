"""What each line of sight meets: the surface, its place, its direction, its colour."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from concord.training.camera import Camera
from concord.training.noise import F32, Int
from concord.training.rays import Lines, leaving, meeting, to_own, turned
from concord.training.rooms import Room
from concord.training.solids import Shape, Solid, Surface


@dataclass(frozen=True, slots=True)
class Sight:
    """One meeting for each pixel, row by row; n = h * w."""

    places: F32  # [3, n] metres in the room
    normals: F32  # [3, n] of length 1, out of the surface
    faces: Int  # [n] the same number for the same face of the same thing
    colours: F32  # [3, n] linear, what the surface sends back of white light
    glows: F32  # [n] light of its own, as a share of its colour


def look(room: Room, camera: Camera, width: int, height: int, shift: tuple[float, float] = (0, 0)) -> Sight:
    """Through every pixel's middle, shifted by parts of a pixel."""
    directions = camera.directions(width, height, shift)
    distances, owners = nearest(room, camera, directions)
    origin = np.array(camera.position, np.float32)[:, None]
    places = origin + directions.reshape(3, -1) * distances.reshape(-1)
    return _described(room, places, owners.reshape(-1))


def nearest(room: Room, camera: Camera, directions: F32) -> tuple[F32, Int]:
    """Distance in metres and number of what is met, both [h, w]: a solid's place in the room's list, or -1 to -6."""
    lines = Lines.of(np.array(camera.position, np.float32)[:, None, None], directions)
    distances, axis = leaving(room.size, lines)
    positive = np.take_along_axis(directions, axis[None], axis=0)[0] > 0
    owners = -1 - 2 * axis - positive.astype(np.int32)
    height, width = distances.shape
    for number, part in camera.windows([solid.bounds for solid in room.solids], width, height):
        met = meeting(room.solids[number], lines, part)
        closer = met < distances[part]
        np.copyto(distances[part], met, where=closer)
        np.copyto(owners[part], np.int32(number), where=closer)
    return distances, owners


def _described(room: Room, places: F32, owners: Int) -> Sight:
    count = owners.size
    sight = Sight(
        places, np.zeros_like(places), np.empty(count, np.int32), np.empty_like(places), np.zeros(count, np.float32)
    )
    for owner, members in _groups(owners):
        if owner < 0:
            _describe_shell(room, -1 - owner, members, sight)
        else:
            _describe_solid(room.solids[owner], owner, members, sight)
    return sight


def _groups(owners: Int) -> Iterator[tuple[int, npt.NDArray[np.intp]]]:
    order = np.argsort(owners, kind="stable")
    values, starts = np.unique(owners[order], return_index=True)
    return zip(values.tolist(), np.split(order, starts[1:]), strict=True)


def _describe_shell(room: Room, plane: int, members: npt.NDArray[np.intp], sight: Sight) -> None:
    """Planes: 0 and 1 are x = 0 and x = width, 2 and 3 are y = 0 and y = depth, 4 and 5 floor and ceiling."""
    axis, far = divmod(plane, 2)
    surface: Surface = (room.walls[3], room.walls[1], room.walls[0], room.walls[2], room.floor, room.ceiling)[plane]
    along = [other for other in range(3) if other != axis]
    face = np.array([room.size[other] for other in along], np.float32)
    sight.colours[:, members] = surface.paint(sight.places[along][:, members] - face[:, None] * np.float32(0.5), face)
    sight.normals[axis, members] = -1 if far else 1
    sight.faces[members] = -1 - plane


def _describe_solid(solid: Solid, number: int, members: npt.NDArray[np.intp], sight: Sight) -> None:
    own = to_own(solid, sight.places[:, members], place=True)
    half = np.array(solid.half, np.float32)
    if solid.shape is Shape.BOX:
        normals, axis, far = _box_normals(own, half, solid.soft)
    else:
        normals, axis, far = _round_normals(solid, own, half)
    cos, sin = turned(solid.turn)
    sight.normals[:, members] = np.stack(
        [cos * normals[0] - sin * normals[1], sin * normals[0] + cos * normals[1], normals[2]]
    )
    sight.faces[members] = 8 * number + 2 * axis + far
    sight.glows[members] = solid.surface.glow
    for side in range(3):
        chosen = np.flatnonzero(axis == side)
        if chosen.size:
            places, face = _unrolled(solid, own[:, chosen], side)
            sight.colours[:, members[chosen]] = solid.surface.paint(places, face)


def _box_normals(own: F32, half: F32, soft: float) -> tuple[F32, Int, npt.NDArray[np.bool_]]:
    """Normals that bend over a rim of the given width, and the face each place is on."""
    axis = np.argmax(np.abs(own) - half[:, None], axis=0).astype(np.int32)
    rim = np.minimum(half, np.float32(soft)).astype(np.float32)[:, None]
    bent = np.sign(own) * np.maximum(np.abs(own) - (half[:, None] - rim), 0) / rim
    bent += 1e-6
    far = np.take_along_axis(own, axis[None], axis=0)[0] > 0
    return bent / np.sqrt((bent * bent).sum(axis=0)), axis, far


def _round_normals(solid: Solid, own: F32, half: F32) -> tuple[F32, Int, npt.NDArray[np.bool_]]:
    """Normals of a ball or cylinder. Its side counts as face 0, a cylinder's ends as face 2."""
    unit = own / half[:, None]
    if solid.shape is Shape.BALL:
        bent, axis = unit / half[:, None], np.zeros(own.shape[1], np.int32)
    else:
        slope = np.float32((1 - solid.taper) / 2 * solid.half[0] / solid.half[2])
        side = np.stack([own[0], own[1], slope * np.hypot(own[0], own[1])])
        ends = np.abs(unit[2]) > 0.9995
        bent = np.where(ends, np.stack([0 * unit[0], 0 * unit[0], np.sign(unit[2])]), side)
        axis = np.where(ends, np.int32(2), np.int32(0))
    lengths = np.sqrt((bent * bent).sum(axis=0)) + np.float32(1e-9)
    return bent / lengths, axis, (axis == 2) & (own[2] > 0)


def _unrolled(solid: Solid, own: F32, side: int) -> tuple[F32, F32]:
    """Places on a face as a flat sheet float32[2, n], in metres from its middle, and the sheet's size."""
    if solid.shape is not Shape.BOX and side == 0:
        radius = np.float32(max(solid.half[0], solid.half[1]))
        around = np.arctan2(own[1], own[0]) * radius
        return np.stack([around, own[2]]), np.array([2 * np.pi * radius, 2 * solid.half[2]], np.float32)
    along = [other for other in range(3) if other != side]
    return own[along], 2 * np.array([solid.half[other] for other in along], np.float32)
