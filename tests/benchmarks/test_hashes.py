"""Worlds hold what a search must find, and an answer that lacks it, or has more, is told from a right one."""

from collections.abc import Callable

import numpy as np
import pytest
from benchmarks.hashes import RADIUS, Answer, World, WrongAnswer, check, differing

from benchmarks import hashes

WORLDS = [hashes.uniform(5000, 64), hashes.near_blank(5000, 64), hashes.correlated(5000, 64)]


def truth_of(world: World) -> list[set[int]]:
    return [set(np.flatnonzero(differing(world.hashes, one) <= RADIUS).tolist()) for one in world.questions]


def right(world: World, number: int) -> Answer:
    distances = differing(world.hashes, world.questions[number])
    entries = np.flatnonzero(distances <= RADIUS)
    return np.array((0, len(entries))), entries, distances[entries].astype(np.uint8)


def missing_one(world: World, answer: Answer) -> Answer:
    keep = answer[1] != min(world.planted[0])
    return answer[0] - [0, 1], answer[1][keep], answer[2][keep]


def too_far(world: World, answer: Answer) -> Answer:
    far = int(np.argmax(differing(world.hashes, world.questions[0])))
    return answer[0] + [0, 1], np.append(answer[1], far), np.append(answer[2], np.uint8(RADIUS))


def twice(world: World, answer: Answer) -> Answer:
    return answer[0] * 2, np.tile(answer[1], 2), np.tile(answer[2], 2)


def of_another_distance(world: World, answer: Answer) -> Answer:
    return answer[0], answer[1], answer[2] ^ 1


@pytest.mark.parametrize("world", WORLDS, ids=lambda world: world.name)
def test_every_question_has_two_neighbours_within_the_radius_and_one_just_beyond(world: World) -> None:
    at = set[int]()
    for planted, question in zip(world.planted, world.questions, strict=True):
        distances = differing(world.hashes[sorted(planted)], question)
        assert len(planted) == 2
        assert (distances <= RADIUS).all()
        at |= set(distances.tolist())
        assert (differing(world.hashes, question) == RADIUS + 1).any()
    assert at == set(range(RADIUS + 1))


@pytest.mark.parametrize("world", WORLDS, ids=lambda world: world.name)
def test_right_answers_pass(world: World) -> None:
    numbers = range(len(world.questions))
    check(world, truth_of(world), numbers, [right(world, number) for number in numbers])


@pytest.mark.parametrize("spoilt", [missing_one, too_far, twice, of_another_distance])
def test_a_wrong_answer_is_no_figure(spoilt: Callable[[World, Answer], Answer]) -> None:
    world = WORLDS[0]
    with pytest.raises(WrongAnswer, match="question 0"):
        check(world, [], [0], [spoilt(world, right(world, 0))])


def test_what_only_exhaustive_search_found_is_missed() -> None:
    world = WORLDS[0]
    with pytest.raises(WrongAnswer, match="exhaustive search"):
        check(world, [truth_of(world)[0] | {4999}], [0], [right(world, 0)])
