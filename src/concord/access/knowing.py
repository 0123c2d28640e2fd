"""Who may know of a record: the rules that the policies hold (records/migrations/0008_restrictions.sql), with their reasons.

Pure: everything that a decision depends on is handed in. Each rule looks at somebody and one assertion; `may_know` puts them
together, and over everything that the assertion is about.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from concord.access.actor import Reach
from concord.records.restriction import Handling
from concord.values import Basis, CountryCode, Purpose

Refusal = str | None


@dataclass(frozen=True, slots=True)
class Somebody:
    """Who acts, as far as knowing depends on it. `purpose` None: without one, which no bound by use admits."""

    country: CountryCode
    unit: UUID
    purpose: Purpose | None
    reach: Reach
    clearance: Handling = Handling.OFFICIAL
    is_hub: bool = False


@dataclass(frozen=True, slots=True)
class Circle:
    """The members of a sharing group."""

    countries: frozenset[str] = frozenset()
    units: frozenset[UUID] = frozenset()


@dataclass(frozen=True, slots=True)
class Bounds:
    """A restriction. None is no bound; an empty one admits nobody but the owner."""

    owner_country: str
    owner_unit: UUID
    countries: frozenset[str] | None = None
    units: frozenset[UUID] | None = None
    groups: Sequence[Circle] | None = None
    purposes: frozenset[str] | None = None
    handling: Handling = Handling.OFFICIAL
    silent: bool = False
    until: datetime | None = None
    lifted_at: datetime | None = None

    def holds(self, now: datetime) -> bool:
        return self.lifted_at is None and (self.until is None or now < self.until)


@dataclass(frozen=True, slots=True)
class Assertion:
    """What a unit says. `about`: for each thing that it is about, the assertions by any one of which that is known."""

    owner_country: str
    owner_unit: UUID
    basis: Basis
    bounds: Bounds | None = None
    suspended: bool = False
    about: Sequence[Sequence["Assertion"]] = ()


BoundRule = Callable[[Somebody, Bounds], Refusal]


def country_is_admitted(somebody: Somebody, bounds: Bounds) -> Refusal:
    admitted = bounds.countries is None or somebody.country in {*bounds.countries, bounds.owner_country}
    return None if admitted else f"{somebody.country} is none of the countries that it is open to"


def unit_is_admitted(somebody: Somebody, bounds: Bounds) -> Refusal:
    admitted = bounds.units is None or somebody.unit in bounds.units
    return None if admitted else "the unit is none of those that it is open to"


def use_is_admitted(somebody: Somebody, bounds: Bounds) -> Refusal:
    if bounds.purposes is None or somebody.purpose in bounds.purposes:
        return None
    return f"it may not be used for {somebody.purpose or 'no purpose'}"


def group_is_admitted(somebody: Somebody, bounds: Bounds) -> Refusal:
    if bounds.groups is None or somebody.country == bounds.owner_country:
        return None
    if any(somebody.country in one.countries or somebody.unit in one.units for one in bounds.groups):
        return None
    return "neither the country nor the unit is in a group that it is open to"


def clearance_is_enough(somebody: Somebody, bounds: Bounds) -> Refusal:
    if somebody.clearance.rank >= bounds.handling.rank:
        return None
    return f"it is to be handled as {bounds.handling}, and the user is cleared for {somebody.clearance}"


BOUND_RULES: tuple[BoundRule, ...] = (
    country_is_admitted,
    unit_is_admitted,
    use_is_admitted,
    group_is_admitted,
    clearance_is_enough,
)


def refusals(somebody: Somebody, bounds: Bounds | None, now: datetime) -> list[str]:
    """Of every bound that does not admit him; none: he is admitted. Whoever gave a restriction always is."""
    if bounds is None or not bounds.holds(now) or somebody.unit == bounds.owner_unit:
        return []
    return [refusal for rule in BOUND_RULES if (refusal := rule(somebody, bounds))]


def may_know(somebody: Somebody, assertion: Assertion, now: datetime) -> Refusal:
    """None, or the first reason against it."""
    return next(_reasons(somebody, assertion, now), None)


def _reasons(somebody: Somebody, assertion: Assertion, now: datetime) -> Iterator[str]:
    if assertion.basis is not Basis.TRAINING and somebody.reach is not Reach.REAL:
        yield "it was not entered for training, and the user is not certified or acts for training"
    if somebody.unit == assertion.owner_unit:
        return
    if assertion.suspended and not somebody.is_hub:
        yield "the hub has suspended it"
    yield from refusals(somebody, assertion.bounds, now)
    for ways in assertion.about:
        against = [may_know(somebody, way, now) for way in ways]
        if None not in against:
            yield f"what it is about is not known: {next(filter(None, against), 'nobody holds it')}"


class Fate(StrEnum):
    """What an answer tells of an instance."""

    KNOWN = "KNOWN"
    CONTACT = "CONTACT"  # whom to contact, and nothing else
    SILENT = "SILENT"  # nothing; its owner learns that somebody asked
    NOTHING = "NOTHING"  # suspended, or out of reach: nothing to anybody


def fate(somebody: Somebody, instance: Assertion, now: datetime) -> Fate:
    """`instance` is about one contribution."""
    if may_know(somebody, instance, now) is None:
        return Fate.KNOWN
    chain = [instance, *(way for ways in instance.about for way in ways)]
    out_of_reach = somebody.reach is not Reach.REAL and any(one.basis is not Basis.TRAINING for one in chain)
    if out_of_reach or (not somebody.is_hub and any(one.suspended for one in chain)):
        return Fate.NOTHING
    refusing = [one.bounds for one in chain if one.bounds and refusals(somebody, one.bounds, now)]
    return Fate.SILENT if any(bounds.silent for bounds in refusing) else Fate.CONTACT
