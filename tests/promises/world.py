"""A cast of people in four countries, and a world that they act in: to the database and to a model the same is done."""

import functools
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connections, transaction

from concord.access import actor as actors
from concord.access.actor import Actor
from concord.actions.administer import set_user_active
from concord.actions.alerts import SETTLE
from concord.actions.ask import ask_texts
from concord.actions.certify import certify, revoke_certificates
from concord.actions.clear import clear_user
from concord.actions.enrol import OWNER, Standing, UnitFacts, enrol_unit, enrol_user
from concord.actions.enter import Terms, enter_digests
from concord.actions.grant import grant, revoke
from concord.actions.installation import Installation
from concord.actions.propose import answer_proposal, propose_merge
from concord.actions.restrict import Bounds, lift, restrict
from concord.actions.say import add_appearance, add_person, open_case, open_series
from concord.actions.share import make_group, take_in, take_out
from concord.actions.suspend import lift_suspension, suspend
from concord.database.acting import before_anybody, rows
from concord.errors import (
    AlreadySuspended,
    AlreadyThere,
    LastAdministrator,
    NotAllowed,
    NotSignedIn,
    ProposalOver,
    UnfitProposal,
    UnknownRecord,
)
from concord.records.country import Country, Participation
from concord.records.material import Instance
from concord.records.person import Role
from concord.records.restriction import Handling
from concord.records.suspension import Subject
from concord.records.user import Certificate, Grant, Profile, User, UserRole
from concord.values import Basis, Category, CountryCode, Purpose, utc_now
from tests.people import hub_code
from tests.promises import model
from tests.promises.model import Group, Model, Person, Proposal, Record, Unit

TABLES = ("contribution", "instance", "person", "appearance", "series", "membership")
KNOWN = " union all ".join(f"select id from {table} where id = any(%s)" for table in (*TABLES, "proposal"))
GRANTED = [UserRole.OFFICER, UserRole.ANALYST, UserRole.SUPERVISOR, UserRole.NATIONAL_ADMINISTRATOR, UserRole.TRAINER]
PURPOSES = [Purpose.TRAINING, Purpose.INVESTIGATION, Purpose.MISSING]
WORKS = {"OFFICER", "ANALYST"}
HERE = ("RA", "RB", "RC")
YEAR = timedelta(days=365)


@dataclass
class Cast:
    """The same people for all worlds; each world begins with what they began with."""

    installation: Installation
    people: list[Person] = field(default_factory=list)
    users: dict[str, UUID] = field(default_factory=dict)
    profiles: dict[str, UUID] = field(default_factory=dict)
    units: dict[Unit, UUID] = field(default_factory=dict)
    began: dict[str, frozenset[str]] = field(default_factory=dict)

    def add(self, unit: Unit, name: str, *roles: str) -> None:
        person = Person(f"{unit.country}{unit.number} {name}", unit)
        profile = enrol_user(self.units[unit], person.name, "p", Purpose.TRAINING, Basis.TRAINING, Standing((), None))
        self.profiles[person.name] = profile
        self.users[person.name] = Profile.objects.using(OWNER).get(pk=profile).user_id
        self.people.append(person)
        self.began[person.name] = frozenset(roles)

    def begin_again(self) -> None:
        users, now = list(self.users.values()), utc_now()
        with transaction.atomic(using=OWNER):
            Grant.objects.using(OWNER).filter(user_id__in=users).delete()
            Certificate.objects.using(OWNER).filter(user_id__in=users).delete()
            User.objects.using(OWNER).filter(pk__in=users).update(active=True, clearance=Handling.OFFICIAL)
            Country.objects.using(OWNER).filter(pk__in=HERE).update(participation=Participation.FULL)
            certified = [Certificate(user_id=user, course="c", issued_at=now, expires_at=now + YEAR) for user in users]
            Certificate.objects.using(OWNER).bulk_create(certified)
            roles = [(user, role) for name, user in self.users.items() for role in sorted(self.began[name])]
            Grant.objects.using(OWNER).bulk_create(
                [Grant(user_id=user, role=role, granted_at=now) for user, role in roles]
            )
        for person in self.people:
            person.roles, person.certified, person.clearance, person.active = (
                set(self.began[person.name]),
                True,
                "OFFICIAL",
                True,
            )


def make_cast(installation: Installation) -> Cast:
    cast = Cast(installation)
    hub = hub_code()
    for country, count in (("RA", 2), ("RB", 2), ("RC", 1), (hub, 1)):
        for number in range(count):
            unit = Unit(country, number, is_hub=country == hub)
            facts = UnitFacts(CountryCode(country), country, f"Machine {number}", "c", "h", "UTC")
            cast.units[unit] = enrol_unit(facts)
            if unit.is_hub:
                cast.add(unit, "analyst", "ANALYST", "SUPERVISOR")
                continue
            cast.add(unit, "officer", "OFFICER", "ANALYST")
            if number == 0:
                cast.add(unit, "administrator", "NATIONAL-ADMINISTRATOR", "OFFICER")
                cast.add(unit, "trainer", "TRAINER")
    for person in cast.people:
        _open_cases(cast, person)
    return cast


def _open_cases(cast: Cast, person: Person) -> None:
    cast.begin_again()
    if person.roles & WORKS:
        for case in ("M-1", "M-2"):
            try:
                open_case(cast.installation, actors.sign_in(cast.profiles[person.name]), case)
            except AlreadyThere:
                return


class World:
    """A model and the database, to which the same is done."""

    def __init__(self, cast: Cast) -> None:
        cast.begin_again()
        self.cast, self.model = cast, Model()
        self.ids: dict[Any, UUID] = {}  # of records, groups and proposals
        self.suspensions: dict[Record, UUID] = {}
        self.digests = [f"{uuid4().hex}{number:032x}" for number in range(4)]
        self.materials: dict[int, UUID] = {}
        self.names: dict[Any, str] = {}
        self.used: set[tuple[Unit, str, int]] = set()  # what was entered in which case
        self.drawn = 0

    # ---- what is drawn ------------------------------------------------------------------------------------------------

    def draw(self, seed: int) -> None:
        """Another each time: Hypothesis likes to repeat itself, noughts above all."""
        self.drawn += 1
        self.chance = random.Random(f"{self.drawn} {seed}")
        self.who, self.purpose = self.chance.choice(self.cast.people), self.chance.choice(PURPOSES)

    def somebody(self, *roles: str) -> Person:
        """Mostly one who holds such a role."""
        fitting = [one for one in self.cast.people if one.roles & set(roles)]
        if fitting and self.chance.random() < 0.8:
            self.who = self.chance.choice(fitting)
        return self.who

    def record(self, *kinds: str) -> Record | None:
        found = self.model.of(*kinds)
        return self.chance.choice(found) if found else None

    def actor(self, who: Person | None = None, purpose: Purpose | None = None) -> Actor:
        """As he stands now; raises NotSignedIn."""
        purpose = purpose or self.purpose
        basis = Basis.TRAINING if purpose is Purpose.TRAINING else Basis.NATIONAL_LAW
        return actors.sign_in(self.cast.profiles[(who or self.who).name]).acting_for(purpose, basis)

    def attempt(self, verb: str, act: Callable[[Actor], Any], otherwise: type[Exception] | None = None) -> Any:
        """What the act gave, where the model lets it be done. `otherwise`: how it ends then all the same."""
        allowed = self.model.may(self.who, verb, self.purpose)
        expected = otherwise if allowed else NotAllowed if self.who.active else NotSignedIn
        if expected is None:
            return act(self.actor())
        with pytest.raises(expected):
            act(self.actor())
        return None

    def knows(self, record: Record) -> bool:
        return self.model.knows(self.who, self.purpose, record)

    # ---- people -------------------------------------------------------------------------------------------------------

    def administer(self) -> None:
        """Grants, revokes, certifies, clears, shuts out, lets in."""
        self.purpose = self.chance.choice([Purpose.ADMINISTRATION, self.purpose])
        verb = self.chance.choice(
            [
                "GRANT",
                "GRANT",
                "REVOKE",
                "REVOKE",
                "CERTIFY",
                "REVOKE-CERTIFICATES",
                "CLEAR-USER",
                "DISABLE-USER",
                "ENABLE-USER",
            ]
        )
        trains = verb in ("CERTIFY", "REVOKE-CERTIFICATES")
        self.somebody("TRAINER" if trains else "NATIONAL-ADMINISTRATOR")
        whom, role = self.chance.choice(self.cast.people), self.chance.choice(GRANTED)
        getattr(self, f"_{verb.lower().replace('-', '_')}")(verb, whom, role)

    def _user(self, whom: Person) -> UUID:
        return self.cast.users[whom.name]

    def _colleague(self, whom: Person, *, not_self: bool = True) -> type[Exception] | None:
        if whom is self.who and not_self:
            return NotAllowed
        return None if whom.unit.country == self.who.unit.country else UnknownRecord

    def _grant(self, verb: str, whom: Person, role: UserRole) -> None:
        otherwise = self._colleague(whom, not_self=False) or self._colleague(whom)
        if (
            self.attempt(verb, lambda me: grant(self.cast.installation, me, self._user(whom), role), otherwise)
            is not None
        ):
            whom.roles.add(role.value)

    def _revoke(self, verb: str, whom: Person, role: UserRole) -> None:
        otherwise = self._colleague(whom, not_self=False)
        left = [one for one in self.cast.people if one.unit.country == whom.unit.country and one is not whom]
        is_last = not any(one.active and role.value in one.roles for one in left)
        if is_last and otherwise is None and role is UserRole.NATIONAL_ADMINISTRATOR and role.value in whom.roles:
            otherwise = LastAdministrator
        if (
            self.attempt(verb, lambda me: revoke(self.cast.installation, me, self._user(whom), role), otherwise)
            is not None
        ):
            whom.roles.discard(role.value)

    def _certify(self, verb: str, whom: Person, _: UserRole) -> None:
        otherwise = self._colleague(whom)
        if self.attempt(verb, lambda me: certify(self.cast.installation, me, self._user(whom), "c", 30), otherwise):
            whom.certified = True

    def _revoke_certificates(self, verb: str, whom: Person, _: UserRole) -> None:
        otherwise = self._colleague(whom, not_self=False)
        act = functools.partial(revoke_certificates, self.cast.installation, user=self._user(whom))
        if self.attempt(verb, lambda me: act(actor=me), otherwise) is not None:
            whom.certified = False

    def _clear_user(self, verb: str, whom: Person, _: UserRole) -> None:
        clearance, otherwise = self.chance.choice(list(Handling)), self._colleague(whom)
        self.attempt(verb, lambda me: clear_user(self.cast.installation, me, self._user(whom), clearance), otherwise)
        if otherwise is None and self.model.may(self.who, verb, self.purpose):
            whom.clearance = clearance.value

    def _set_active(self, verb: str, whom: Person, active: bool) -> None:
        otherwise = self._colleague(whom)
        self.attempt(
            verb, lambda me: set_user_active(self.cast.installation, me, self._user(whom), active=active), otherwise
        )
        if otherwise is None and self.model.may(self.who, verb, self.purpose):
            whom.active = active

    def _disable_user(self, verb: str, whom: Person, _: UserRole) -> None:
        self._set_active(verb, whom, active=False)

    def _enable_user(self, verb: str, whom: Person, _: UserRole) -> None:
        self._set_active(verb, whom, active=True)

    def take_part(self) -> None:
        """By two persons, which tests/actions/test_approve.py looks at."""
        country, mode = self.chance.choice(HERE), self.chance.choice([Participation.FULL, *Participation])
        Country.objects.using(OWNER).filter(pk=country).update(participation=mode)
        self.model.readers[country] = mode.value

    # ---- saying -------------------------------------------------------------------------------------------------------

    def enter(self) -> None:
        who, case = self.somebody("OFFICER", "ANALYST"), self.chance.choice(["M-1", "M-2"])
        number = self.chance.randrange(len(self.digests))
        if (who.unit, case, number) in self.used:
            return
        closed = "a reason" if self.chance.random() < 0.3 else None
        own = [one for one in self.model.of("series") if one.owner is who.unit and self.knows(one)]
        series = self.chance.choice(own) if own and self.chance.random() < 0.6 else None
        terms = Terms(case, Category.CATEGORY_1, self.names[series] if series else None, closed)
        lines = self.attempt(
            "ENTER", lambda me: enter_digests(self.cast.installation, me, [self.digests[number]], terms)
        )
        if lines is None:
            return
        assert lines[0].error is None
        bounds = model.Bounds(who.unit, countries={who.unit.country}, silent=True) if closed else None
        real = self.purpose is not Purpose.TRAINING
        self.used.add((who.unit, case, number))
        self.materials[number] = lines[0].material
        given = {"owner": who.unit, "real": real, "bounds": bounds}
        contribution = self._made("contribution", None, **given)
        instance = self._made("instance", None, head=contribution, material=number, **given)
        found = Instance.objects.using(OWNER).filter(
            material_id=lines[0].material, owner_unit_id=self.cast.units[who.unit], case__reference=case
        )
        self.ids[instance], self.ids[contribution] = found.values_list("id", "contribution_id")[0]
        said = [one for one in self.model.of("membership") if (one.head, one.material) == (series, number)]
        if series and not said:
            self._made("membership", self._id_of("membership", series, number), head=series, material=number, **given)

    def say(self) -> None:
        """Opens a series, adds a person."""
        who, kind = self.somebody("OFFICER", "ANALYST"), self.chance.choice(["series", "person"])
        name, role = str(uuid4()), self.chance.choice(list(Role))
        if kind == "series":
            made = self.attempt("OPEN-SERIES", lambda me: open_series(self.cast.installation, me, name))
        else:
            made = self.attempt("ADD-PERSON", lambda me: add_person(self.cast.installation, me, role, name))
        if made:
            real = self.purpose is not Purpose.TRAINING
            record = self._made(kind, made, owner=who.unit, real=real, role=role.value if kind == "person" else "")
            self.names[record] = name

    def appear(self) -> None:
        who, person = self.somebody("OFFICER", "ANALYST"), self.record("person")
        known = [one for one in self.model.of("person") if self.knows(one)]
        person = self.chance.choice(known) if known and self.chance.random() < 0.8 else person
        if not person or not self.materials:
            return
        numbers = sorted(self.materials)
        seen = [one for one in numbers if self.model.knows_material(who, self.purpose, one)]
        number = self.chance.choice(seen if seen and self.chance.random() < 0.8 else numbers)
        is_known = self.knows(person) and self.model.knows_material(who, self.purpose, number)
        same = [
            one
            for one in self.model.of("appearance")
            if (one.owner, one.head, one.material) == (who.unit, person, number)
        ]
        otherwise = AlreadyThere if is_known and same else None if is_known else UnknownRecord
        bounds = self.model.hides(who.unit, number, who, self.purpose)
        person_id, material = self.ids[person], self.materials[number]
        made = self.attempt(
            "ADD-APPEARANCE", lambda me: add_appearance(self.cast.installation, me, person_id, material), otherwise
        )
        if made:
            real = self.purpose is not Purpose.TRAINING
            self._made("appearance", made, owner=who.unit, real=real, head=person, material=number, bounds=bounds)

    def _made(self, kind: str, made: UUID | None, **facts: Any) -> Record:
        record = Record(kind, **facts)
        self.model.records.append(record)
        if made:
            self.ids[record] = made
        return record

    def _id_of(self, table: str, series: Record, number: int) -> UUID:
        with connections[OWNER].cursor() as cursor:
            statement = f"select id from {table} where series_id = %s and material_id = %s"
            cursor.execute(statement, [self.ids[series], self.materials[number]])
            ((found,),) = cursor.fetchall()
        return found  # type: ignore[no-any-return]

    # ---- who may know -------------------------------------------------------------------------------------------------

    def share(self) -> None:
        """Makes a group, takes in, takes out."""
        who = self.somebody("OFFICER", "ANALYST")
        own = [one for one in self.model.groups if one.owner is who.unit]
        if not own:
            name = str(uuid4())
            made = self.attempt("CHANGE-GROUP", lambda me: make_group(self.cast.installation, me, name))
            if made:
                self.model.groups.append(group := Group(who.unit))
                self.ids[group], self.names[group] = made, name
            return
        group, add = self.chance.choice(own), self.chance.random() < 0.6
        act, name = take_in if add else take_out, self.names[group]
        if self.chance.random() < 0.5:
            member: Any = self.chance.choice(HERE)
            members: set[Any] = group.countries
            said = member
        else:
            member = self.chance.choice(list(self.cast.units))
            said, members = self.cast.units[member], group.units
        if self.attempt("CHANGE-GROUP", lambda me: act(self.cast.installation, me, name, said)) is not None:
            (members.add if add else members.discard)(member)

    def narrow(self) -> None:
        record = self.record(*TABLES)
        if record is None:
            return
        self._owner_of(record)
        given, asked = self._bounds()
        subject, record_id = Subject(record.kind.upper()), self.ids[record]
        otherwise = self._changing(record)
        if self.attempt(
            "RESTRICT", lambda me: restrict(self.cast.installation, me, subject, record_id, asked), otherwise
        ):
            self.model.restrict(record, given)

    def widen(self) -> None:
        bound = [one for one in self.model.records if one.bounds]
        record = self.chance.choice(bound) if bound else None
        if record is None:
            return
        self._owner_of(record)
        subject, record_id = Subject(record.kind.upper()), self.ids[record]
        otherwise = self._changing(record)
        done = self.attempt("RESTRICT", lambda me: lift(self.cast.installation, me, subject, record_id), otherwise)
        if done is not None and record.bounds and record.bounds.owner is self.who.unit:
            record.bounds.lifted = True

    def _owner_of(self, record: Record) -> None:
        """Mostly it is somebody of the unit whose it is who tries."""
        self.somebody("OFFICER", "ANALYST", "SUPERVISOR")
        owners = [one for one in self.cast.people if one.unit is record.owner and one.roles & (WORKS | {"SUPERVISOR"})]
        if owners and self.chance.random() < 0.8:
            self.who = self.chance.choice(owners)

    def _changing(self, record: Record) -> type[Exception] | None:
        if not self.knows(record):
            return UnknownRecord
        return None if record.owner is self.who.unit else NotAllowed

    def _bounds(self) -> tuple[model.Bounds, Bounds]:
        chance, own = self.chance, [one for one in self.model.groups if one.owner is self.who.unit]
        units = [one for one in self.cast.units if chance.random() < 0.4]
        bounds = model.Bounds(
            self.who.unit,
            countries=chance.choice([None, None, {one for one in HERE if chance.random() < 0.4}]),
            units=chance.choice([None, None, set(units)]),
            groups=chance.choice([None, None, own]) if own else None,
            purposes=chance.choice([None, None, {one.value for one in PURPOSES if chance.random() < 0.5}]),
            handling=chance.choice(["OFFICIAL", "OFFICIAL", *model.RANKS]),
            silent=chance.random() < 0.5,
        )
        asked = Bounds(
            "r",
            None if bounds.countries is None else sorted(bounds.countries),
            None if bounds.units is None else [self.cast.units[one] for one in units],
            None if bounds.groups is None else [self.names[one] for one in bounds.groups],
            None if bounds.purposes is None else sorted(bounds.purposes),
            bounds.handling,
            bounds.silent,
        )
        return bounds, asked

    def suspend(self) -> None:
        self.somebody("ANALYST", "SUPERVISOR")
        hubs = [one for one in self.cast.people if one.unit.is_hub]
        self.who = self.chance.choice([*hubs, *hubs, self.who])
        self.purpose = self.chance.choice([Purpose.INVESTIGATION, self.purpose])
        if self.suspensions and self.chance.random() < 0.4:
            self._lift_suspension()
            return
        record = self.record(*TABLES)
        if record is None:
            return
        otherwise: type[Exception] | None = None if self.who.unit.is_hub else NotAllowed
        otherwise = AlreadySuspended if otherwise is None and record.suspended else otherwise
        otherwise = otherwise if self.knows(record) else UnknownRecord
        subject, record_id = Subject(record.kind.upper()), self.ids[record]
        made = self.attempt(
            "SUSPEND", lambda me: suspend(self.cast.installation, me, subject, record_id, "r"), otherwise
        )
        if made:
            record.suspended, self.suspensions[record] = True, made

    def _lift_suspension(self) -> None:
        record = self.chance.choice(list(self.suspensions))
        seen = self.who.unit.is_hub or self.who.unit is record.owner
        otherwise = None if self.who.unit.is_hub else NotAllowed if seen else UnknownRecord
        made = self.suspensions[record]
        self.attempt("LIFT-SUSPENSION", lambda me: lift_suspension(self.cast.installation, me, made), otherwise)
        if otherwise is None and self.model.may(self.who, "LIFT-SUSPENSION", self.purpose):
            record.suspended = False
            del self.suspensions[record]

    # ---- merges -------------------------------------------------------------------------------------------------------

    def merge(self) -> None:
        """Proposes one, or answers."""
        who = self.somebody("OFFICER", "ANALYST", "SUPERVISOR")
        if self.model.proposals and self.chance.random() < 0.6:
            self._answer(self.chance.choice(self.model.proposals))
            return
        kind = self.chance.choice(["series", "person"])
        there = self.model.of(kind)
        if len(there) < 2:
            return
        known = [one for one in there if self.knows(one)]
        records = self.chance.sample(known if len(known) > 1 and self.chance.random() < 0.8 else there, 2)
        otherwise: type[Exception] | None = None if all(map(self.knows, records)) else UnknownRecord
        if otherwise is None and records[0].role != records[1].role:
            otherwise = UnfitProposal
        subject, ids = Subject(kind.upper()), [self.ids[one] for one in records]
        said = [
            one.owner for one in self.model.of("membership", "appearance") if one.head is records[1] and self.knows(one)
        ]
        said += [one.merged_into.owner for one in records if one.merged_into and self.knows(one.merged_into)]
        made = self.attempt(
            "PROPOSE", lambda me: propose_merge(self.cast.installation, me, subject, ids, "the same"), otherwise
        )
        if made:
            voices = {unit: True if unit is who.unit else None for unit in [*(one.owner for one in records), *said]}
            proposal = Proposal(who.unit, records, voices)
            self.model.proposals.append(proposal)
            self.ids[proposal] = made.proposal
            self._settle(proposal, made.state)

    def _answer(self, proposal: Proposal) -> None:
        asked = [one for one in self.cast.people if proposal.voices.get(one.unit, False) is None and one.roles & WORKS]
        self.who = self.chance.choice(asked) if asked and self.chance.random() < 0.8 else self.who
        agrees, who = self.chance.random() < 0.8, self.who
        seen = self.model.sees_proposal(who, self.purpose, proposal)
        is_asked = proposal.state == "OPEN" and proposal.voices.get(who.unit, False) is None
        otherwise = UnknownRecord if not seen else None if is_asked else ProposalOver
        its = self.ids[proposal]
        state = self.attempt(
            "ANSWER-PROPOSAL", lambda me: answer_proposal(self.cast.installation, me, its, agrees, "w"), otherwise
        )
        if state:
            proposal.voices[who.unit] = agrees
            self._settle(proposal, state)

    def _settle(self, proposal: Proposal, state: str) -> None:
        answers = list(proposal.voices.values())
        proposal.state = "REFUSED" if False in answers else "OPEN" if None in answers else "DONE"
        assert state == proposal.state
        if state == "DONE":
            self.model.merge(*proposal.records, proposal.voices)
            self._check_merged(proposal.records[0].kind)

    def _check_merged(self, kind: str) -> None:
        there = {self.ids[one]: one.merged_into and self.ids[one.merged_into] for one in self.model.of(kind)}
        with connections[OWNER].cursor() as cursor:
            cursor.execute(f"select id, merged_into_id from {kind} where id = any(%s)", [list(there)])
            assert dict(cursor.fetchall()) == there

    # ---- looking ------------------------------------------------------------------------------------------------------

    def look(self) -> None:
        """Somebody, for some purpose, at everything there is."""
        self.who, self.purpose = self.chance.choice(self.cast.people), self.chance.choice(PURPOSES)
        if not self.who.active:
            with pytest.raises(NotSignedIn):
                self.actor()
            return
        there = {self.ids[one]: one for one in (*self.model.records, *self.model.proposals)}
        with self.actor().acting(utc_now()):
            seen = {there[one] for (one,) in rows(KNOWN, [list(there)] * (len(TABLES) + 1))}
        known: set[Record | Proposal] = {one for one in self.model.records if self.knows(one)}
        known |= {one for one in self.model.proposals if self.model.sees_proposal(self.who, self.purpose, one)}
        assert seen == known, f"{self.who} {self.purpose}: told {seen - known}, not told {known - seen}"
        if self.chance.random() < 0.4:
            self.ask()

    def ask(self) -> None:
        number = self.chance.randrange(len(self.digests))
        answers = self.attempt("ASK", lambda me: ask_texts(self.cast.installation, me, [self.digests[number]]))
        if answers is None:
            return
        known = self.model.knows_material(self.who, self.purpose, number)
        assert answers[0].answer == ("KNOWN" if known else "NEW")
        assert [one.country for one in answers[0].restricted] == self.model.contacts(self.who, self.purpose, number)
        if number in self.materials and self.chance.random() < 0.3:
            self._check_alerts(number)

    def _check_alerts(self, number: int) -> None:
        """That the owners learn of it, and nobody else."""
        with before_anybody():
            rows(SETTLE, [72])
        asked = [self.materials[number], self.cast.units[self.who.unit], self.purpose.value]
        statement = "select owner_unit_id from alert where (material_id, asker_unit_id, purpose) = (%s, %s, %s)"
        with connections[OWNER].cursor() as cursor:
            cursor.execute(statement, asked)
            told = {unit for (unit,) in cursor.fetchall()}
            cursor.execute("delete from alert where (material_id, asker_unit_id, purpose) = (%s, %s, %s)", asked)
        now = {self.cast.units[one] for one in self.model.alerted(self.who, self.purpose, number)}
        assert now <= told, "somebody was not alerted"
