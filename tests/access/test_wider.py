"""What is called no wider admits nobody who was not admitted before, and keeps silent what was silent."""

from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from concord.access.actor import Reach
from concord.access.knowing import Bounds, Circle, Somebody, refusals
from concord.access.wider import RULES, widened
from concord.records.restriction import Handling, Restriction
from concord.values import CountryCode, Purpose, utc_now

NOW = utc_now()
COUNTRIES = ["XA", "XB", "XC"]
UNITS = [UUID(int=number) for number in range(1, 5)]
CIRCLES = {
    UUID(int=91): Circle(frozenset({"XB"})),
    UUID(int=92): Circle(units=frozenset({UNITS[2]})),
    UUID(int=93): Circle(),
}
TIMES = [NOW + timedelta(days=days) for days in (-1, 0, 1, 2)]


def _some(values: list[object]) -> st.SearchStrategy[object]:
    return st.none() | st.lists(st.sampled_from(values), unique=True, max_size=2)


restrictions = st.builds(
    Restriction,
    owner_country_id=st.just("XA"),
    owner_unit_id=st.just(UNITS[0]),
    countries=_some([*COUNTRIES]),
    units=_some([*UNITS]),
    groups=_some([*CIRCLES]),
    purposes=_some([Purpose.MISSING, Purpose.QUALITY]),
    handling=st.sampled_from(Handling),
    silent=st.booleans(),
    until=st.none() | st.sampled_from(TIMES),
    lifted_at=st.none() | st.just(NOW),
)
people = st.builds(
    Somebody,
    country=st.sampled_from([*map(CountryCode, COUNTRIES)]),
    unit=st.sampled_from(UNITS),
    purpose=st.sampled_from([Purpose.MISSING, Purpose.QUALITY]),
    reach=st.just(Reach.REAL),
    clearance=st.sampled_from(Handling),
)


def _bounds(one: Restriction) -> Bounds:
    return Bounds(
        one.owner_country_id,
        one.owner_unit_id,
        None if one.countries is None else frozenset(one.countries),
        None if one.units is None else frozenset(one.units),
        None if one.groups is None else [CIRCLES[group] for group in one.groups],
        None if one.purposes is None else frozenset(one.purposes),
        Handling(one.handling),
        one.silent,
        one.until,
        one.lifted_at,
    )


@given(restrictions, restrictions, people)
def test_what_is_no_wider_admits_nobody_else_now_or_later(
    before: Restriction, after: Restriction, somebody: Somebody
) -> None:
    if widened(before, after, NOW):
        return
    for now in (one for one in TIMES if one >= NOW):
        if refusals(somebody, _bounds(before), now):
            assert refusals(somebody, _bounds(after), now)
    if _bounds(before).holds(NOW):
        assert after.silent >= before.silent


@given(restrictions)
def test_the_same_again_is_no_wider(one: Restriction) -> None:
    assert not widened(one, one, NOW)


NARROW = {"countries": ["XB"], "units": [UNITS[1]], "groups": [UUID(int=91)], "purposes": ["MISSING"], "silent": True}


@pytest.mark.parametrize(
    ("change", "by"),
    [
        ({"countries": ["XA", "XB", "XC"]}, ["countries"]),
        ({"countries": ["XA", "XB"]}, []),  # the owner's own counts as given
        ({"countries": None, "units": None}, ["countries", "units"]),
        ({"units": [*UNITS[:2]]}, []),
        ({"groups": [UUID(int=93)]}, ["groups"]),
        ({"purposes": ["MISSING", "QUALITY"]}, ["use"]),
        ({"handling": "OFFICIAL"}, ["handling"]),
        ({"handling": "CONFIDENTIAL"}, []),
        ({"silent": False}, ["silence"]),
        ({"until": NOW + timedelta(days=9)}, ["its end"]),
        ({"lifted_at": NOW}, ["lifted"]),
        ({"countries": [], "units": [], "groups": [], "purposes": []}, []),
    ],
)
def test_each_bound_by_itself(change: dict[str, object], by: list[str]) -> None:
    facts = {"owner_country_id": "XA", "owner_unit_id": UNITS[0], "handling": "RESTRICTED", **NARROW}
    assert widened(Restriction(**facts), Restriction(**{**facts, **change}), NOW) == by
    assert set(by) <= set(RULES)


def test_what_holds_no_more_is_not_widened() -> None:
    facts = {"owner_country_id": "XA", "owner_unit_id": UNITS[0], "countries": []}
    open_to_all = Restriction(**{**facts, "countries": None})
    for over in ({"lifted_at": NOW}, {"until": NOW}):
        assert not widened(Restriction(**facts, **over), open_to_all, NOW)
    assert widened(Restriction(**facts, until=NOW + timedelta(seconds=1)), open_to_all, NOW) == ["countries"]


def test_sooner_over_is_wider_and_what_is_over_or_lifted_is_not_widened_at_all() -> None:
    before = Restriction(owner_country_id="XA", owner_unit_id=UNITS[0], handling=Handling.OFFICIAL, until=TIMES[3])
    sooner = Restriction(owner_country_id="XA", owner_unit_id=UNITS[0], handling=Handling.OFFICIAL, until=TIMES[2])
    assert widened(before, sooner, NOW) == ["its end"]
    assert widened(sooner, before, NOW) == widened(before, before, NOW) == widened(before, sooner, TIMES[3]) == []
