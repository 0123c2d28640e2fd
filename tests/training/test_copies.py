import numpy as np
import pytest

from concord.errors import UnknownCode
from concord.training.copies import COPIES, copy_named, decoded, encoded
from concord.training.world import World


@pytest.fixture(scope="module")
def original(world: World) -> np.ndarray:
    return decoded(world.picture("room-1-view-1"))


@pytest.mark.parametrize(
    ("name", "width", "height"),
    [
        ("half", 240, 180),
        ("enlarged", 768, 576),
        ("turned", 360, 480),
        ("cropped", 408, 306),
        ("letterboxed", 480, 576),
    ],
)
def test_a_copy_has_the_size_its_name_says(original: np.ndarray, name: str, width: int, height: int) -> None:
    assert decoded(copy_named(name).make(original)).shape == (height, width, 3)


@pytest.mark.parametrize("name", COPIES)
def test_a_copy_is_another_file_of_the_format_its_suffix_says(original: np.ndarray, name: str) -> None:
    file = copy_named(name).make(original)
    assert file != encoded(original)
    assert file.startswith({".jpg": b"\xff\xd8\xff", ".png": b"\x89PNG"}[copy_named(name).suffix])


def test_a_png_keeps_every_pixel_and_a_mirrored_copy_mirrored_again_is_the_original(original: np.ndarray) -> None:
    assert (decoded(copy_named("png").make(original)) == original).all()
    mirrored = decoded(copy_named("mirrored").make(original))[:, ::-1]
    assert np.abs(mirrored.astype(int) - original).mean() < 3


def test_an_unknown_copy_is_refused_with_the_known_ones() -> None:
    with pytest.raises(UnknownCode, match="mirrored"):
        copy_named("folded")
