import pytest

from concord.training.story import make_world
from concord.training.world import World


@pytest.fixture(scope="session")
def world() -> World:
    return make_world(7)
