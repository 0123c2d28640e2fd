"""Where things go: pieces are put against walls or on the floor, and never into one another."""

from dataclasses import dataclass, field

from concord.training.decor import Draw
from concord.training.furniture import Piece
from concord.training.solids import Box, Point

GAP = 0.03  # metres left between neighbours
TRIES = 14


@dataclass
class Arrangement:
    """A room being furnished. Walls are numbered 0 to 3 against the clock, from the one at y = 0."""

    draw: Draw
    size: Point
    pieces: list[Piece] = field(default_factory=list)
    taken: list[Box] = field(default_factory=list)

    def length(self, wall: int) -> float:
        return self.size[wall % 2]

    def on_wall(self, piece: Piece, wall: int, along: float, height: float = 0.0) -> Piece:
        """The piece with its back to the wall, its middle `along` metres from the wall's end that is first against the clock."""
        width, depth, _ = self.size
        places: tuple[Point, ...] = (
            (along, 0, height),
            (width, along, height),
            (width - along, depth, height),
            (0, depth - along, height),
        )
        return piece.moved(90 * wall, places[wall])

    def fix(self, piece: Piece, wall: int, along: float, *, clear: float = 0.0) -> Piece:
        """Put it there without asking, and keep `clear` metres in front of it free, as high as it reaches."""
        self.add(placed := self.on_wall(piece, wall, along))
        low, high = piece.bounds
        zone = self._zone(wall, along, (low[0], 0, low[2]), (high[0], max(high[1], clear), high[2]))
        self.taken.append(zone)
        return placed

    def against(self, piece: Piece, walls: tuple[int, ...], *, height: float = 0.0, clear: float = 0.0) -> Piece | None:
        """Put it against one of the walls, tried in this order; None, and nothing done, where there is no place."""
        low, high = piece.bounds
        high = (high[0], high[1] + clear, high[2])
        for wall in walls:
            start, end = -low[0] + 0.02, self.length(wall) - high[0] - 0.02
            for _ in range(TRIES if end > start else 0):
                along = self.draw.uniform(start, end)
                zone = self._zone(wall, along, _raised(low, height), _raised(high, height))
                if self._free(zone):
                    self.taken.append(zone)
                    return self.add(self.on_wall(piece, wall, along, height))
        return None

    def on_floor(self, piece: Piece) -> Piece | None:
        """Put it somewhere away from the walls, in one of the four directions; None where there is no place."""
        for _ in range(4 * TRIES):
            turn = 90 * int(self.draw.integers(4))
            low, high = piece.moved(turn, (0, 0, 0)).bounds
            reach = [self.size[axis] - high[axis] - 0.5 for axis in (0, 1)]
            start = [0.5 - low[axis] for axis in (0, 1)]
            if reach[0] <= start[0] or reach[1] <= start[1]:
                continue
            x, y = self.draw.uniform(start[0], reach[0]), self.draw.uniform(start[1], reach[1])
            placed = piece.moved(turn, (x, y, 0))
            if self._free(placed.bounds):
                return self.put(placed)
        return None

    def put(self, placed: Piece) -> Piece:
        self.taken.append(placed.bounds)
        return self.add(placed)

    def put_if_free(self, placed: Piece) -> Piece | None:
        low, high = placed.bounds
        inside = all(low[axis] > 0.05 and high[axis] < self.size[axis] - 0.05 for axis in (0, 1))
        return self.put(placed) if inside and self._free(placed.bounds) else None

    def add(self, placed: Piece) -> Piece:
        self.pieces.append(placed)
        return placed

    def _zone(self, wall: int, along: float, low: Point, high: Point) -> Box:
        """The upright box in the room that the box `low` to `high` in the wall's frame becomes."""
        (x0, y0, z0), (x1, y1, z1) = low, high
        width, depth, _ = self.size
        if wall == 0:
            return (along + x0, y0, z0), (along + x1, y1, z1)
        if wall == 1:
            return (width - y1, along + x0, z0), (width - y0, along + x1, z1)
        if wall == 2:
            return (width - along - x1, depth - y1, z0), (width - along - x0, depth - y0, z1)
        return (y0, depth - along - x1, z0), (y1, depth - along - x0, z1)

    def _free(self, zone: Box) -> bool:
        return not any(overlap(zone, other, GAP) for other in self.taken)


def overlap(one: Box, other: Box, gap: float = 0.0) -> bool:
    """Whether two upright boxes come closer than the gap."""
    return all(one[0][axis] < other[1][axis] + gap and other[0][axis] < one[1][axis] + gap for axis in range(3))


def _raised(point: Point, height: float) -> Point:
    return point[0], point[1], point[2] + height
