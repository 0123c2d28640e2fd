"""`python -m concord.training SEED FOLDER`: writes a world's pictures and copies, to look at."""

import argparse
import sys
from pathlib import Path

from concord.errors import ConcordError
from concord.training.copies import COPIES, decoded
from concord.training.story import LEAST_ROOMS, LEAST_VIEWS, make_world
from concord.training.world import World


def write(world: World, folder: Path) -> None:
    """Pictures by key, every kind of copy of the first one, and the files that are asked."""
    for part in ("pictures", "copies", "questions"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    for picture in world.pictures:
        (folder / "pictures" / f"{picture.key}.jpg").write_bytes(world.picture(picture.key))
    first = decoded(world.picture(world.pictures[0].key))
    for copy in COPIES.values():
        (folder / "copies" / f"{copy.name}{copy.suffix}").write_bytes(copy.make(first))
    for question in world.questions:
        name = f"{question.key}_{world.question_name(question)}"
        (folder / "questions" / name).write_bytes(world.question_bytes(question))


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m concord.training", description=__doc__)
    parser.add_argument("seed", type=int, help="a whole number of at least 0")
    parser.add_argument("folder", type=Path, help="where to write; made if missing")
    parser.add_argument("--rooms", type=int, default=LEAST_ROOMS)
    parser.add_argument("--views", type=int, default=LEAST_VIEWS)
    given = parser.parse_args(arguments)
    if given.seed < 0:
        parser.error("the seed must be at least 0")
    try:
        write(make_world(given.seed, given.rooms, given.views), given.folder)
    except (ConcordError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
