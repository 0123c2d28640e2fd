"""Photographs to make copies of, by source: shared samples, those packaged with scikit-image and scikit-learn, and views
of the synthetic world. Nothing is downloaded: a source that is not on this machine is left out.

Reduced to 720 pixels on the longer side. Those below 256 on the shorter one are left out: a blur of six pixels is another
edit there.
"""

import importlib.util
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from PIL import Image, ImageOps

from concord.training.story import make_world

LONGEST_PIXELS = 720
LEAST_PIXELS = 256
SHARED = Path(__file__).parents[2] / "shared" / "data"
ROOMS, VIEWS = 10, 6

# Left out of the packages: what is no photograph (charts, logos, silhouettes), texture swatches, the second of a pair.
PACKAGED = {
    "skimage/data": (
        *("astronaut.png", "camera.png", "cell.png", "chelsea.png", "clock_motion.png", "coffee.png", "coins.png"),
        *("hubble_deep_field.jpg", "ihc.png", "moon.png", "motorcycle_left.png", "retina.jpg", "rocket.jpg"),
    ),
    "sklearn/datasets/images": ("china.jpg", "flower.jpg"),
}
SINGLE = (
    "pictures/bridge-mods/aaa-orig.jpg",
    "pictures/exif/exif-rotn-1.jpg",
    "pictures/misc/c.png",
    "pictures/misc/pen-and-coaster.png",
)


@dataclass(frozen=True)
class Photograph:
    name: str
    source: str
    scene: str  # two of one scene may match each other rightly
    image: Image.Image  # RGB, upright


def photographs(small: bool = False) -> list[Photograph]:
    """All of them, or two scenes of each source."""
    found: list[Photograph] = []
    for source in (_shared(), _packaged(), _synthetic()):
        large = (one for one in source if min(one.image.size) >= LEAST_PIXELS)
        found.extend(islice(_one_a_scene(large), 2) if small else large)
    return found


def _one_a_scene(found: Iterable[Photograph]) -> Iterator[Photograph]:
    seen = set[str]()
    for one in found:
        if one.scene not in seen:
            seen.add(one.scene)
            yield one


def _shared() -> Iterator[Photograph]:
    if not SHARED.is_dir():
        return
    for name in SINGLE:
        scene = "coaster" if "misc" in name else name
        yield Photograph(name, "shared", scene, upright(Image.open(SHARED / name)))
    for path in sorted((SHARED / "places").rglob("*.jpg")):
        yield Photograph(path.stem, "shared", path.parent.name, upright(Image.open(path)))


def _packaged() -> Iterator[Photograph]:
    for folder, names in PACKAGED.items():
        package, _, inside = folder.partition("/")
        found = importlib.util.find_spec(package)  # finds it without running it
        if found is None or found.origin is None:
            continue
        for name in names:
            path = Path(found.origin).parent / inside / name
            yield Photograph(name, "packaged", name, upright(Image.open(path)))


def _synthetic() -> Iterator[Photograph]:
    world = make_world(23, rooms=ROOMS, views=VIEWS)
    for one in world.pictures:
        image = upright(Image.open(io.BytesIO(world.picture(one.key))))
        yield Photograph(one.key, "synthetic", f"room {one.room}", image)


def upright(image: Image.Image) -> Image.Image:
    """In colour, on white, turned as its note says, and reduced."""
    turned = ImageOps.exif_transpose(image)
    if turned.has_transparency_data:
        laid = Image.new("RGBA", turned.size, "white")
        turned = Image.alpha_composite(laid, turned.convert("RGBA"))
    turned = turned.convert("RGB")
    turned.thumbnail((LONGEST_PIXELS, LONGEST_PIXELS), Image.Resampling.LANCZOS)
    return turned
