"""Who may know: each bound by itself, and the rules and the policies over random worlds, which must be equal."""

from dataclasses import dataclass, field, replace
from datetime import timedelta
from random import Random
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connections, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from concord.access.actor import Reach
from concord.access.knowing import Assertion, Bounds, Circle, Fate, Somebody, fate, may_know, refusals
from concord.actions.alerts import settle
from concord.actions.enrol import OWNER, UnitFacts, enrol_unit, enrol_user
from concord.actions.installation import Installation
from concord.database.acting import acting, rows
from concord.records.restriction import Handling
from concord.records.user import Profile, User
from concord.records.withheld import withheld
from concord.values import Basis, CountryCode, Digest, DigestKind, Purpose, utc_now
from tests.people import fresh_code, hub_code

NOW = utc_now()
OURS, THEIRS, THIRD = UUID(int=1), UUID(int=2), UUID(int=3)
SOMEBODY = Somebody(CountryCode("XB"), THEIRS, Purpose.INVESTIGATION, Reach.REAL)
OPEN = Bounds("XA", OURS)


# ---- each bound by itself -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("bounds", "somebody", "why"),
    [
        ({"countries": frozenset()}, {}, "XB is none of the countries"),
        ({"countries": frozenset({"XB"})}, {}, None),
        ({"countries": frozenset()}, {"country": "XA"}, None),  # the owner's own counts as given
        ({"units": frozenset()}, {"country": "XA"}, "none of those"),
        ({"units": frozenset({THEIRS})}, {}, None),
        ({"units": frozenset()}, {"unit": OURS}, None),
        ({"groups": ()}, {}, "neither the country nor the unit"),
        ({"groups": (Circle(), Circle(units=frozenset({THEIRS})))}, {}, None),
        ({"groups": (Circle(frozenset({"XB"})),)}, {}, None),
        ({"groups": (Circle(frozenset({"XC"}), frozenset({THIRD})),)}, {}, "neither the country nor the unit"),
        ({"groups": ()}, {"country": "XA"}, None),
        ({"purposes": frozenset({"MISSING"})}, {}, "not be used for INVESTIGATION"),
        ({"purposes": frozenset({"MISSING"})}, {"purpose": None}, "no purpose"),
        ({"purposes": frozenset({"INVESTIGATION"})}, {}, None),
        ({"handling": Handling.RESTRICTED}, {}, "cleared for OFFICIAL"),
        ({"handling": Handling.RESTRICTED}, {"clearance": Handling.CONFIDENTIAL}, None),
        ({"countries": frozenset(), "until": NOW}, {}, None),
        ({"countries": frozenset(), "until": NOW + timedelta(seconds=1)}, {}, "XB"),
        ({"countries": frozenset(), "lifted_at": NOW}, {}, None),
        ({"countries": frozenset({"XB"}), "units": frozenset({THIRD})}, {}, "none of those"),  # all that is given
    ],
)
def test_every_bound_that_is_given_must_admit(
    bounds: dict[str, Any], somebody: dict[str, Any], why: str | None
) -> None:
    found = refusals(replace(SOMEBODY, **somebody), replace(OPEN, **bounds), NOW)
    assert bool(found) == bool(why)
    assert (why or "") in "; ".join(found)


def test_the_first_reason_is_told_and_what_it_is_about_counts() -> None:
    hidden = Assertion("XA", OURS, Basis.CONSENT, replace(OPEN, countries=frozenset()))
    plain = Assertion("XA", OURS, Basis.CONSENT)
    assert may_know(SOMEBODY, plain, NOW) is None
    assert "what it is about" in (may_know(SOMEBODY, replace(plain, about=[[hidden]]), NOW) or "")
    assert may_know(SOMEBODY, replace(plain, about=[[hidden, plain]]), NOW) is None  # one way is enough
    assert "nobody holds it" in (may_know(SOMEBODY, replace(plain, about=[[]]), NOW) or "")
    assert may_know(replace(SOMEBODY, unit=OURS), replace(hidden, suspended=True, about=[[]]), NOW) is None
    assert "suspended" in (may_know(SOMEBODY, replace(plain, suspended=True), NOW) or "")
    assert may_know(replace(SOMEBODY, is_hub=True), replace(plain, suspended=True), NOW) is None
    assert "not entered for training" in (may_know(replace(SOMEBODY, reach=Reach.TRAINING), plain, NOW) or "")


def test_all_that_speaks_against_it_is_told_in_its_order() -> None:
    closed = replace(
        OPEN, countries=frozenset(), units=frozenset(), purposes=frozenset(), groups=(), handling=Handling.RESTRICTED
    )
    assert [reason.split()[0] for reason in refusals(SOMEBODY, closed, NOW)] == ["XB", "the", "it", "neither", "it"]
    assert refusals(replace(SOMEBODY, unit=OURS), closed, NOW) == refusals(SOMEBODY, None, NOW) == []


@pytest.mark.parametrize("basis", [Basis.TRAINING, Basis.CONSENT])
@pytest.mark.parametrize("reach", Reach)
def test_real_records_are_nobodys_to_know_without_reach_not_even_the_owners(basis: Basis, reach: Reach) -> None:
    said = may_know(replace(SOMEBODY, unit=OURS, reach=reach), Assertion("XA", OURS, basis), NOW)
    assert (said is None) is (basis is Basis.TRAINING or reach is Reach.REAL)


PLAIN = Assertion("XA", OURS, Basis.CONSENT)
HIDING = replace(OPEN, countries=frozenset())
RESTRICTED = replace(PLAIN, bounds=HIDING)
SILENT = replace(PLAIN, bounds=replace(HIDING, silent=True))
SILENT_FOR_OTHERS = replace(PLAIN, bounds=replace(OPEN, countries=frozenset({"XB"}), silent=True))
SUSPENDED = replace(PLAIN, suspended=True)
FOR_TRAINING = replace(PLAIN, basis=Basis.TRAINING)


@pytest.mark.parametrize(
    ("instance", "contribution", "told", "to_the_hub", "to_a_trainee"),
    [
        (PLAIN, PLAIN, Fate.KNOWN, Fate.KNOWN, Fate.NOTHING),
        (RESTRICTED, PLAIN, Fate.CONTACT, Fate.CONTACT, Fate.NOTHING),
        (PLAIN, RESTRICTED, Fate.CONTACT, Fate.CONTACT, Fate.NOTHING),
        (SILENT, PLAIN, Fate.SILENT, Fate.SILENT, Fate.NOTHING),
        (PLAIN, SILENT, Fate.SILENT, Fate.SILENT, Fate.NOTHING),
        (SILENT, RESTRICTED, Fate.SILENT, Fate.SILENT, Fate.NOTHING),
        (SILENT_FOR_OTHERS, RESTRICTED, Fate.CONTACT, Fate.CONTACT, Fate.NOTHING),
        (SUSPENDED, PLAIN, Fate.NOTHING, Fate.KNOWN, Fate.NOTHING),
        (PLAIN, SUSPENDED, Fate.NOTHING, Fate.KNOWN, Fate.NOTHING),
        (SUSPENDED, SILENT, Fate.NOTHING, Fate.SILENT, Fate.NOTHING),
        (RESTRICTED, SUSPENDED, Fate.NOTHING, Fate.CONTACT, Fate.NOTHING),
        (FOR_TRAINING, FOR_TRAINING, Fate.KNOWN, Fate.KNOWN, Fate.KNOWN),
        (FOR_TRAINING, PLAIN, Fate.KNOWN, Fate.KNOWN, Fate.NOTHING),
        (
            replace(FOR_TRAINING, bounds=HIDING), FOR_TRAINING, Fate.CONTACT, Fate.CONTACT, Fate.CONTACT,
        ),
    ],
)  # fmt: skip
def test_an_answer_tells_of_an_instance_what_its_bounds_leave(
    instance: Assertion, contribution: Assertion, told: Fate, to_the_hub: Fate, to_a_trainee: Fate
) -> None:
    one, hub, trainee = SOMEBODY, replace(SOMEBODY, is_hub=True), replace(SOMEBODY, reach=Reach.TRAINING)
    held = replace(instance, about=[[contribution]])
    assert [fate(who, held, NOW) for who in (one, hub, trainee)] == [told, to_the_hub, to_a_trainee]


# ---- random worlds, asked of the rules and of the database -------------------------------------------------------------

TABLES = ("contribution", "instance", "statement", "person", "appearance", "series", "membership")
KNOWN = " union all ".join(f"select id from {table} where id = any(%s)" for table in TABLES)
SAID = "id, owner_country, owner_unit_id, author_id, recorded_at, purpose, basis, restriction_id, suspended"


@dataclass(frozen=True)
class Cast:
    """Units of four countries, the hub's among them, with a user for each handling code, and a case."""

    units: dict[UUID, str]  # their countries
    users: dict[tuple[UUID, Handling], UUID]
    cases: dict[UUID, UUID]
    hub: str


@pytest.fixture(scope="module")
def cast(installation: Installation) -> Cast:
    hub = hub_code()
    units: dict[UUID, str] = {}
    users: dict[tuple[UUID, Handling], UUID] = {}
    cases: dict[UUID, UUID] = {}
    for country in (fresh_code(), fresh_code(), fresh_code(), hub):
        for name in ("one", "two") if country != hub else ("one",):
            facts = UnitFacts(CountryCode(country), country, f"Knowing {name}", "c", "h", "UTC")
            unit = enrol_unit(facts)
            units[unit] = country
            for handling in Handling:
                profile = enrol_user(unit, f"Cleared {handling}", "default")
                user = Profile.objects.using(OWNER).get(pk=profile).user_id
                User.objects.using(OWNER).filter(pk=user).update(clearance=handling)
                users[unit, handling] = user
            cases[unit] = uuid4()
            _insert(
                f'"case" ({SAID}, reference)',
                [_said(cases[unit], unit, country, users[unit, Handling.OFFICIAL], None) | {"reference": "K"}],
            )
    return Cast(units, users, cases, hub)


def _said(
    record: UUID, unit: UUID, country: str, author: UUID, restriction: UUID | None, suspended: bool = False,
    basis: str = "TRAINING",
) -> dict[str, Any]:  # fmt: skip
    return {
        "id": record, "owner_country": country, "owner_unit_id": unit, "author_id": author, "recorded_at": NOW,
        "purpose": "TRAINING", "basis": basis, "restriction_id": restriction, "suspended": suspended,
    }  # fmt: skip


def _insert(into: str, given: list[dict[str, Any]]) -> None:
    table, _, columns = into.partition(" (")
    names = [name.strip() for name in columns.rstrip(")").split(",")]
    with connections[OWNER].cursor() as cursor:
        marks = ", ".join(["%s"] * len(names))
        statement = f"insert into {table} ({', '.join(names)}) values ({marks})"
        cursor.executemany(statement, [[one[name] for name in names] for one in given])


@dataclass
class World:
    """Records of every kind, as the database has them and as the rules see them."""

    cast: Cast
    random: Random
    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    seen: dict[UUID, Assertion] = field(default_factory=dict)
    groups: dict[UUID, Circle] = field(default_factory=dict)
    materials: dict[UUID, bytes] = field(default_factory=dict)
    instances: dict[UUID, UUID] = field(default_factory=dict)  # their materials

    def few(self, things: Any, most: int = 2) -> list[Any]:
        """The same for the same seed, whatever ids the world has."""
        in_order = list(things) if isinstance(things, dict) else sorted(things)
        return self.random.sample(in_order, self.random.randint(0, most))

    def make(self) -> None:
        random = self.random
        for _ in range(3):
            material = uuid4()
            self.materials[material] = material.bytes * 2
            self.rows.setdefault("material (id, sha256)", []).append({"id": material, "sha256": material.bytes * 2})
        for _ in range(2):
            self._group()
        contributions = [self._record("contribution", "case_id, category", []) for _ in range(3)]
        instances = [self._instance(random.choice(contributions)) for _ in range(6)]
        for one in random.sample(instances, 2):
            about = {"instance_id": one, "material_id": self.instances[one]}
            facts = {"kind": "k", "value": str(uuid4()), "source": "exif"} | about
            unit = self.seen[one].owner_unit
            self._record("statement", "instance_id, material_id, kind, value, source", [[one]], unit, **facts)
        persons = [self._record("person", "role, state, state_since, label", []) for _ in range(2)]
        series = [self._record("series", "name", [], name=str(uuid4())) for _ in range(2)]
        for table, heads, key in (("appearance", persons, "person_id"), ("membership", series, "series_id")):
            for _ in range(4):
                head, material = random.choice(heads), random.choice(list(self.materials))
                ways = [one for one, its in self.instances.items() if its == material]
                given = {key: head, "material_id": material}
                self._record(table, f"{key}, material_id", [[head], ways], **given)
        with transaction.atomic(using=OWNER):  # keys are compared at its end
            for into, given in self.rows.items():
                _insert(into, given if "appearance" not in into and "membership" not in into else _once(given))

    def _group(self) -> None:
        group, unit = uuid4(), self.random.choice(list(self.cast.units))
        circle = Circle(frozenset(self.few(set(self.cast.units.values()))), frozenset(self.few(self.cast.units)))
        self.groups[group] = circle
        made = {"id": group, "owner_country": self.cast.units[unit], "owner_unit_id": unit, "recorded_at": NOW}
        made |= {"author_id": self.cast.users[unit, Handling.OFFICIAL], "name": str(group)}
        self.rows.setdefault(
            "sharing_group (id, owner_country, owner_unit_id, author_id, recorded_at, name)", []
        ).append(made)
        for column, members in (("country_id", circle.countries), ("unit_id", circle.units)):
            into = self.rows.setdefault("group_member (id, group_id, country_id, unit_id, since)", [])
            empty = {"group_id": group, "country_id": None, "unit_id": None, "since": NOW}
            into.extend(empty | {"id": uuid4(), column: one} for one in members)

    def _restriction(self, unit: UUID) -> tuple[UUID, Bounds] | tuple[None, None]:
        random, cast = self.random, self.cast
        if random.random() < 0.35:
            return None, None
        made = uuid4()
        given = {
            "countries": random.choice([None, None, self.few(set(cast.units.values()), 3)]),
            "units": random.choice([None, None, self.few(cast.units, 4)]),
            "groups": random.choice([None, None, self.few(self.groups)]),
            "purposes": random.choice([None, None, self.few({"INVESTIGATION", "MISSING", "TRAINING"}, 3)]),
            "handling": random.choice([Handling.OFFICIAL, Handling.OFFICIAL, *Handling]),
            "silent": random.random() < 0.5,
            "until": random.choice([None, None, NOW - timedelta(hours=1), NOW + timedelta(days=9)]),
            "lifted_at": random.choice([None, None, None, NOW]),
        }
        row = given | {"id": made, "owner_country": cast.units[unit], "owner_unit_id": unit, "recorded_at": NOW}
        row |= {"author_id": cast.users[unit, Handling.OFFICIAL], "reason": "r"}
        self.rows.setdefault(f"restriction ({', '.join(row)})", []).append(row)
        sets = {
            name: None if given[name] is None else frozenset(given[name]) for name in ("countries", "units", "purposes")
        }
        groups = None if given["groups"] is None else [self.groups[one] for one in given["groups"]]
        plain = {name: given[name] for name in ("handling", "silent", "until", "lifted_at")}
        return made, Bounds(cast.units[unit], unit, groups=groups, **sets, **plain)

    def _record(
        self, table: str, columns: str, about: list[list[UUID]], unit: UUID | None = None, **facts: Any
    ) -> UUID:
        random, record = self.random, uuid4()
        unit = unit or random.choice(list(self.cast.units))
        restriction, bounds = self._restriction(unit)
        basis, suspended = random.choice([Basis.TRAINING, Basis.CONSENT]), random.random() < 0.15
        author = self.cast.users[unit, Handling.OFFICIAL]
        row = _said(record, unit, self.cast.units[unit], author, restriction, suspended, basis)
        row |= {"case_id": self.cast.cases[unit], "category": "1", "role": "VICTIM", "state": "UNIDENTIFIED"}
        row |= {"state_since": NOW, "label": str(record)} | facts
        self.rows.setdefault(f"{table} ({SAID}, {columns})", []).append(row)
        chain = [[self.seen[one] for one in ways] for ways in about]
        self.seen[record] = Assertion(self.cast.units[unit], unit, basis, bounds, suspended, chain)
        return record

    def _instance(self, contribution: UUID) -> UUID:
        material, unit = self.random.choice(list(self.materials)), self.seen[contribution].owner_unit
        columns = "material_id, contribution_id, case_id, path, sha256, has_bytes"
        facts = {"material_id": material, "contribution_id": contribution, "path": str(uuid4()), "has_bytes": True}
        made = self._record("instance", columns, [[contribution]], unit, sha256=self.materials[material], **facts)
        self.instances[made] = material
        return made

    def somebody(self) -> Somebody:
        random, cast = self.random, self.cast
        unit = random.choice(list(cast.units))
        purpose = random.choice([Purpose.INVESTIGATION, Purpose.MISSING, Purpose.TRAINING])
        reach, clearance = random.choice([Reach.REAL, Reach.REAL, Reach.TRAINING]), random.choice(list(Handling))
        country = CountryCode(cast.units[unit])
        return Somebody(country, unit, purpose, reach, clearance, country == cast.hub)


def _once(given: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One unit says the same only once."""
    keys = ("owner_unit_id", "person_id", "series_id", "material_id")
    return list({tuple(one.get(key) for key in keys): one for one in given}.values())


def check_world(cast: Cast, installation: Installation, seed: int) -> None:
    world = World(cast, Random(seed))
    world.make()
    there = {one["id"] for into, given in world.rows.items() if into.split()[0] in TABLES for one in (
        _once(given) if into.split()[0] in ("appearance", "membership") else given)}  # fmt: skip
    expected_alerts: set[tuple[UUID, UUID, UUID, str]] = set()
    for somebody in (world.somebody() for _ in range(4)):
        user = cast.users[somebody.unit, somebody.clearance]
        with acting(somebody.country, somebody.unit, user, somebody.purpose, somebody.reach):
            known = {one for (one,) in rows(KNOWN, [list(there)] * len(TABLES))}
            kept = withheld(
                [Digest(DigestKind.SHA256, value) for value in world.materials.values()], [], by_picture=False
            )
        assert known == {one for one in there if may_know(somebody, world.seen[one], NOW) is None}
        for material, sha256 in world.materials.items():
            held = [world.seen[one] for one, its in world.instances.items() if its == material]
            fates = [(one, fate(somebody, one, NOW)) for one in held]
            contacts = sorted({one.owner_country for one, its in fates if its is Fate.CONTACT})
            assert [one.country for one in kept.contacts([sha256])] == contacts
            marked = any(
                its is Fate.KNOWN
                and may_know(somebody, its_head, NOW) is None
                and (one.suspended or its_head.suspended)
                for one, its in fates
                for ((its_head,),) in [one.about]
            )
            assert kept.is_suspended([sha256]) == marked
            expected_alerts |= {
                (one.owner_unit, material, somebody.unit, str(somebody.purpose))
                for one, its in fates
                if its is Fate.SILENT
            }
    settle(installation.config)
    with connections[OWNER].cursor() as cursor:
        asked = "select owner_unit_id, material_id, asker_unit_id, purpose from alert where material_id = any(%s)"
        cursor.execute(asked, [list(world.materials)])
        assert set(cursor.fetchall()) == expected_alerts


@given(st.integers(0, 2**32))
@settings(max_examples=60)
def test_the_policies_and_the_rules_are_equal(cast: Cast, installation: Installation, seed: int) -> None:
    check_world(cast, installation, seed)


@pytest.mark.long
@given(st.integers(0, 2**32))
@settings(max_examples=1000)
def test_the_policies_and_the_rules_are_equal_in_a_thousand_worlds(
    cast: Cast, installation: Installation, seed: int
) -> None:
    check_world(cast, installation, seed)
