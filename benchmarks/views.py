"""Photographs for benchmarks: different views of synthetic rooms with a sensor's noise, the same files at every run."""

import io
from pathlib import Path

import numpy as np
from PIL import Image

from concord.training.story import make_world

VIEWS = 50  # of one rendered scene: rendering takes longer than anything that is measured
SCENES = 20  # at most
NOISE_LEVELS = 4.0  # standard deviation, as of a small sensor indoors
QUALITY = 88  # of the JPEGs
FILES_PER_FOLDER = 500

Size = tuple[int, int]  # width and height in pixels


def write_views(folder: Path, count: int, size: Size) -> list[Path]:
    folder.mkdir()
    world = make_world(7)
    scenes = [_scene(world.picture(one.key), size) for one in world.pictures[: min(SCENES, -(-count // VIEWS))]]
    paths = []
    for number in range(count):
        path = folder / f"{number // FILES_PER_FOLDER:03}" / f"IMG_{number:05}.jpg"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(_view(scenes[number % len(scenes)], number, size))
        paths.append(path)
    return paths


def _scene(data: bytes, size: Size) -> Image.Image:
    """Larger than a view by an eighth, so that each view shows another part of it."""
    width, height = size
    larger = width * 9 // 8, height * 9 // 8
    return Image.open(io.BytesIO(data)).convert("RGB").resize(larger, Image.Resampling.BICUBIC)


def _view(scene: Image.Image, seed: int, size: Size) -> bytes:
    random = np.random.default_rng(seed)
    width, height = size
    left, top = int(random.integers(width // 8)), int(random.integers(height // 8))
    levels = np.asarray(scene.crop((left, top, left + width, top + height)), np.float32)
    noisy = levels + random.normal(0, NOISE_LEVELS, levels.shape).astype(np.float32)
    file = io.BytesIO()
    Image.fromarray(noisy.clip(0, 255).astype(np.uint8)).save(file, "JPEG", quality=QUALITY)
    return file.getvalue()
