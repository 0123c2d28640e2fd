"""The plan of the world: three units enter what they hold, then ask one another.

The rules that the expected answers follow: only victims decide. A match with no recorded victim, or only unidentified
ones, is KNOWN; with all of them identified IDENTIFIED; with some PARTLY_IDENTIFIED. An identified suspect changes
nothing. What is restricted to its own country does not exist for the others. Another view of the same room is NEW.
"""

import numpy as np

from concord.errors import WorldTooSmall
from concord.training.names import UNITS, case_reference, file_name, person_label
from concord.training.rooms import make_room
from concord.training.viewpoints import cameras
from concord.training.world import Answer, Case, Entry, Match, Person, Picture, Question, Role, State, World
from concord.values import Basis, Category, CountryCode, Purpose

LEAST_ROOMS = 6
LEAST_VIEWS = 3
XA, XB, XC = (unit.country for unit in UNITS)

CASES = (
    Case(case_reference(UNITS[0], 1), XA, Purpose.IDENTIFICATION, Basis.NATIONAL_LAW),
    Case(case_reference(UNITS[0], 2), XA, Purpose.INVESTIGATION, Basis.COURT_ORDER),
    Case(case_reference(UNITS[1], 1), XB, Purpose.IDENTIFICATION, Basis.NATIONAL_LAW),
    Case(case_reference(UNITS[1], 2), XB, Purpose.MISSING, Basis.COURT_ORDER),
    Case(case_reference(UNITS[2], 1), XC, Purpose.IDENTIFICATION, Basis.MUTUAL_ASSISTANCE),
)
A1, A2, B1, B2, C1 = (case.reference for case in CASES)


def _person(role: Role, number: int, owner: CountryCode, state: State) -> Person:
    return Person(person_label(role, number), role, owner, state)


PERSONS = (
    _person("victim", 1, XA, "identified"),
    _person("victim", 2, XA, "unidentified"),
    _person("victim", 3, XA, "unidentified"),
    _person("victim", 4, XB, "unidentified"),
    _person("victim", 5, XB, "unidentified"),
    _person("victim", 6, XB, "identified"),
    _person("victim", 7, XC, "identified"),
    _person("victim", 8, XC, "identified"),
    _person("victim", 9, XC, "unidentified"),
    _person("suspect", 1, XB, "identified"),
    _person("suspect", 2, XB, "identified"),
)

FIRST, SECOND, CONTEXT = Category.CATEGORY_1, Category.CATEGORY_2, Category.CONTEXT
SERIES_A, SERIES_C = "T-1", "T-2"

ENTRIES = (
    Entry(XA, "room-1-view-1", A1, FIRST, ("V-01",), series=SERIES_A),
    Entry(XA, "room-1-view-2", A1, FIRST, ("V-01", "V-02"), series=SERIES_A),
    Entry(XA, "room-2-view-1", A1, SECOND),
    Entry(XA, "room-2-view-2", A2, FIRST, ("V-03",), restricted=True),
    Entry(XB, "room-3-view-1", B1, FIRST, ("V-04", "S-01")),
    Entry(XB, "room-3-view-2", B1, SECOND, ("V-04", "V-05")),
    Entry(XB, "room-4-view-1", B1, CONTEXT, ("S-02",)),
    Entry(XB, "room-4-view-2", B2, FIRST, ("V-06",), restricted=True),
    Entry(XC, "room-5-view-1", C1, FIRST, ("V-07", "V-08"), series=SERIES_C),
    Entry(XC, "room-5-view-2", C1, SECOND, ("V-07", "V-09"), series=SERIES_C),
    Entry(XC, "room-6-view-1", C1, CONTEXT),
    Entry(XC, "room-1-view-1", C1, SECOND),
)

# unit, picture, copy, answer, match, why
_ASKED: tuple[tuple[CountryCode, str, str | None, Answer, Match, str], ...] = (
    (XA, "room-5-view-1", None, "IDENTIFIED", "exact", "XC holds this very file; both victims are identified"),
    (XB, "room-1-view-1", "reencoded", "IDENTIFIED", "near", "a copy, saved again and coarser, of what XA and XC hold"),
    (XC, "room-1-view-1", None, "IDENTIFIED", "exact", "XC recorded nobody in it, XA the victim, who is identified"),
    (XC, "room-1-view-2", None, "PARTLY_IDENTIFIED", "exact", "of two victims that XA recorded one is identified"),
    (XA, "room-5-view-2", "png", "PARTLY_IDENTIFIED", "near", "other bytes, the same pixels; one of two is identified"),
    (XB, "room-1-view-2", "half", "PARTLY_IDENTIFIED", "near", "half the size; one of two victims is identified"),
    (XA, "room-3-view-1", None, "KNOWN", "exact", "the suspect is identified, the victim is not: only victims decide"),
    (XC, "room-3-view-2", "enlarged", "KNOWN", "near", "enlarged; neither of the two victims is identified"),
    (XA, "room-4-view-1", "captioned", "KNOWN", "near", "captioned; an identified suspect and no victim is recorded"),
    (XB, "room-2-view-1", None, "KNOWN", "exact", "XA holds this very file and recorded nobody in it"),
    (XC, "room-6-view-1", "grey", "KNOWN", "near", "without colour; it is XC's own, with nobody recorded"),
    (XB, "room-2-view-2", None, "NEW", "none", "XA keeps it to its own country"),
    (
        XA,
        "room-2-view-2",
        "brightened",
        "KNOWN",
        "near",
        "XA's own and restricted: XA itself finds it, in a brighter copy",
    ),
    (XC, "room-4-view-2", "watermarked", "NEW", "none", "XB keeps it to its own country, copies of it too"),
    (
        XB,
        "room-4-view-2",
        "watermarked",
        "IDENTIFIED",
        "near",
        "XB's own and restricted: XB itself finds it, marked over",
    ),
    (XA, "room-6-view-2", None, "NEW", "none", "never entered: the room of room-6-view-1 from another side"),
    (XB, "room-5-view-3", None, "NEW", "none", "never entered: a third view of a room of which XC holds two"),
    (XC, "room-2-view-3", "reencoded", "NEW", "none", "never entered, nor anything that it is a copy of"),
)


def make_world(seed: int, rooms: int = 6, views: int = 3, width_pixels: int = 480, height_pixels: int = 360) -> World:
    """The same story in other rooms for every seed, a whole number of at least 0.

    Rooms beyond the sixth are entered too, by the units in turn. Nothing is rendered yet. Raises WorldTooSmall.
    """
    if rooms < LEAST_ROOMS or views < LEAST_VIEWS:
        raise WorldTooSmall(rooms=rooms, views=views, least_rooms=LEAST_ROOMS, least_views=LEAST_VIEWS)
    return World(
        seed=seed,
        width_pixels=width_pixels,
        height_pixels=height_pixels,
        units=UNITS,
        cases=CASES,
        persons=PERSONS,
        pictures=_pictures(seed, rooms, views),
        entries=ENTRIES + tuple(_further_entry(room) for room in range(LEAST_ROOMS + 1, rooms + 1)),
        questions=tuple(Question(f"question-{number}", *asked) for number, asked in enumerate(_ASKED, start=1)),
    )


def _pictures(seed: int, rooms: int, views: int) -> tuple[Picture, ...]:
    numbers = iter(np.random.default_rng((seed, 0xF11E)).permutation(9000)[: rooms * views] + 1000)
    return tuple(
        Picture(_key(room, view), room_seed, camera, file_name(int(next(numbers))))
        for room, room_seed in enumerate(range(1000 * seed, 1000 * seed + rooms), start=1)
        for view, camera in enumerate(cameras(make_room(room_seed), seed, views), start=1)
    )


def _further_entry(room: int) -> Entry:
    case = (CASES[0], CASES[2], CASES[4])[room % 3]
    return Entry(case.unit, _key(room, 1), case.reference, CONTEXT)


def _key(room: int, view: int) -> str:
    return f"room-{room}-view-{view}"
