import pytest

from concord.training.rooms import make_room
from concord.training.viewpoints import cameras


@pytest.mark.parametrize("seed", [0, 1, 2, 3, 4, 5, 77, 4711])
def test_cameras_stand_free_inside_the_room_at_eye_height(seed: int) -> None:
    room = make_room(seed)
    for camera in cameras(room, seed, 4):
        assert all(0 < at < size for at, size in zip(camera.position, room.size, strict=True))
        assert 1.3 < camera.position[2] < 1.8
        for solid in room.solids:
            low, high = solid.bounds
            assert not all(a < at < b for a, at, b in zip(low, camera.position, high, strict=True))


def test_cameras_differ_from_one_another_and_repeat_with_the_seed() -> None:
    room = make_room(3)
    assert len(set(cameras(room, 5, 4))) == 4
    assert cameras(room, 5, 4) == cameras(room, 5, 4)
    assert cameras(room, 6, 4) != cameras(room, 5, 4)
