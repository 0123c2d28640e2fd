import pytest

from concord.errors import UnknownRecord
from concord.training import world as world_module
from concord.training.copies import decoded
from concord.training.story import make_world
from concord.training.world import World


def test_a_picture_has_the_same_bytes_when_rendered_again(world: World) -> None:
    first = world.picture("room-6-view-3")
    world_module._file.cache_clear()
    assert make_world(7).picture("room-6-view-3") == first


def test_another_seed_gives_other_pictures_of_the_same_story(world: World) -> None:
    other = make_world(8)
    assert other.questions == world.questions
    assert {picture.room for picture in other.pictures}.isdisjoint(picture.room for picture in world.pictures)
    assert other.picture("room-1-view-1") != world.picture("room-1-view-1")


def test_a_world_renders_in_the_size_it_was_made_for() -> None:
    world = make_world(7, width_pixels=96, height_pixels=64)
    assert decoded(world.picture("room-1-view-1")).shape == (64, 96, 3)


def test_an_exact_question_is_the_very_file_and_a_copy_is_not(world: World) -> None:
    for question in world.questions:
        same = world.question_bytes(question) == world.picture(question.picture)
        assert same == (question.copy is None)
        suffix = b"\x89PNG" if world.question_name(question).endswith(".png") else b"\xff\xd8\xff"
        assert world.question_bytes(question).startswith(suffix)


def test_a_picture_that_is_not_of_this_world_is_refused_by_name(world: World) -> None:
    with pytest.raises(UnknownRecord, match="room-9-view-1"):
        world.picture("room-9-view-1")
