from collections.abc import Iterable
from itertools import combinations
from zoneinfo import ZoneInfo

import numpy as np
import pdqhash
import pytest

from concord.errors import WorldTooSmall
from concord.training.copies import COPIES, decoded
from concord.training.story import make_world
from concord.training.world import Entry, Question, World
from concord.values import country_code

WORLDS = [0, 7, *(pytest.param(seed, marks=pytest.mark.long) for seed in (1, 2, 3, 23, 411, 65_000))]


def _hash(file: bytes) -> tuple[np.ndarray, int]:
    value, quality = pdqhash.compute(np.ascontiguousarray(decoded(file)))
    return value, quality


def _distance(one: np.ndarray, other: np.ndarray) -> int:
    return int((one != other).sum())


def _visible(world: World, question: Question) -> list[Entry]:
    entries = [entry for entry in world.entries if entry.picture == question.picture]
    return [entry for entry in entries if not entry.restricted or entry.unit == question.unit]


def _answer(world: World, entries: Iterable[Entry]) -> str:
    """The rules written a second time, to check the plan against."""
    held = list(entries)
    if not held:
        return "NEW"
    keys = {key for entry in held for key in entry.persons}
    states = [person.state for person in world.persons if person.key in keys and person.role == "victim"]
    identified = states.count("identified")
    if not identified:
        return "KNOWN"
    return "IDENTIFIED" if identified == len(states) else "PARTLY_IDENTIFIED"


def test_every_expected_answer_follows_from_the_entries(world: World) -> None:
    for question in world.questions:
        entries = _visible(world, question)
        assert question.answer == _answer(world, entries), question
        match = "none" if not entries else "near" if question.copy else "exact"
        assert question.match == match, question


def test_the_story_has_every_answer_every_match_and_every_country(world: World) -> None:
    assert {question.answer for question in world.questions} == {"NEW", "KNOWN", "PARTLY_IDENTIFIED", "IDENTIFIED"}
    assert {(question.answer, question.match) for question in world.questions} >= {
        (answer, match) for answer in ("KNOWN", "PARTLY_IDENTIFIED", "IDENTIFIED") for match in ("exact", "near")
    }
    for unit in world.units:
        assert len([question for question in world.questions if question.unit == unit.country]) >= 5
    assert any(len({e.unit for e in world.entries if e.picture == entry.picture}) == 2 for entry in world.entries)


def test_a_restricted_picture_is_asked_by_its_owner_and_by_another(world: World) -> None:
    for entry in world.entries:
        if entry.restricted:
            asked = {q.unit == entry.unit: q.answer for q in world.questions if q.picture == entry.picture}
            assert asked[False] == "NEW"
            assert asked[True] != "NEW"


def test_only_copies_that_are_surely_found_are_asked(world: World) -> None:
    assert all(COPIES[question.copy].found_upright for question in world.questions if question.copy)


def test_the_plan_names_only_what_it_holds(world: World) -> None:
    pictures, persons = {picture.key for picture in world.pictures}, {person.key for person in world.persons}
    owners = {case.reference: case.unit for case in world.cases}
    for entry in world.entries:
        assert entry.picture in pictures
        assert set(entry.persons) <= persons
        assert owners[entry.case] == entry.unit
    assert {question.picture for question in world.questions} <= pictures
    for keys in (world.pictures, world.persons, world.questions):
        assert len({item.key for item in keys}) == len(keys)
    assert len({picture.file_name for picture in world.pictures}) == len(world.pictures)


def test_countries_are_invented_and_contacts_reach_nobody(world: World) -> None:
    for unit in world.units:
        assert "XA" <= country_code(unit.country) <= "XZ"  # ISO 3166-1 leaves these to users
        assert unit.email.endswith(".example")
        assert ZoneInfo(unit.time_zone)


def test_more_rooms_and_views_are_taken_up_into_the_plan() -> None:
    world = make_world(1, rooms=8, views=4)
    assert len(world.pictures) == 32
    assert {"room-7-view-1", "room-8-view-1"} <= {entry.picture for entry in world.entries}


@pytest.mark.parametrize(("rooms", "views"), [(5, 3), (6, 2), (0, 0)])
def test_a_world_too_small_for_the_story_is_refused(rooms: int, views: int) -> None:
    with pytest.raises(WorldTooSmall, match="at least 6 with 3"):
        make_world(0, rooms, views)


@pytest.mark.parametrize("seed", WORLDS)
def test_different_views_are_far_apart_and_good_enough_to_compare(seed: int) -> None:
    world = make_world(seed)
    hashes = [_hash(world.picture(picture.key)) for picture in world.pictures]
    assert min(quality for _, quality in hashes) >= 50
    assert min(_distance(one, other) for (one, _), (other, _) in combinations(hashes, 2)) > 40


@pytest.mark.parametrize("seed", WORLDS)
def test_what_counts_as_found_is_near_its_original_and_the_rest_is_not(seed: int) -> None:
    world = make_world(seed)
    for picture in world.pictures[::2]:
        file = world.picture(picture.key)
        value, _ = _hash(file)
        for copy in COPIES.values():
            changed, quality = _hash(copy.make(decoded(file)))
            assert quality >= 50
            assert (_distance(value, changed) <= 31) == copy.found_upright, (picture.key, copy.name)


@pytest.mark.parametrize("seed", WORLDS)
def test_every_question_finds_what_it_copies_and_nothing_else(seed: int) -> None:
    world = make_world(seed)
    entered = {entry.picture: _hash(world.picture(entry.picture))[0] for entry in world.entries}
    for question in world.questions:
        asked, _ = _hash(world.question_bytes(question))
        near = {key for key, value in entered.items() if _distance(asked, value) <= 31}
        assert near == ({question.picture} & entered.keys()), question
