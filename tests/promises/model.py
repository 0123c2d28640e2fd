"""Who may know and do what, in plain Python and a few dozen lines: what the program is measured by. It takes nothing from it but
the table of verbs on the page (docs/administration.md).
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "administration.md"
OPEN_TO: dict[str, set[str]] = {
    verb: set(roles.split(", "))
    for verb, roles in re.findall(r"^\| `([A-Z-]+)` \| ([A-Z, -]+) \|$", PAGE.read_text(), re.MULTILINE)
}
SAYING = {"ENTER", "OPEN-SERIES", "ADD-PERSON", "ADD-APPEARANCE", "PROPOSE"}
OFFICE = {
    "GRANT",
    "REVOKE",
    "CERTIFY",
    "REVOKE-CERTIFICATES",
    "DISABLE-USER",
    "ENABLE-USER",
    "CLEAR-USER",
    "READ-AUDIT",
}
RANKS = ["OFFICIAL", "RESTRICTED", "CONFIDENTIAL"]


@dataclass(eq=False)
class Unit:
    country: str
    number: int
    is_hub: bool = False


@dataclass(eq=False)
class Person:
    name: str
    unit: Unit
    roles: set[str] = field(default_factory=set)
    certified: bool = True
    clearance: str = "OFFICIAL"
    active: bool = True

    def reaches_real(self, purpose: str) -> bool:
        return self.certified and purpose != "TRAINING"


@dataclass(eq=False)
class Group:
    owner: Unit
    countries: set[str] = field(default_factory=set)
    units: set[Unit] = field(default_factory=set)


@dataclass(eq=False)
class Bounds:
    """One restriction, carried by any number of records."""

    owner: Unit
    countries: set[str] | None = None
    units: set[Unit] | None = None
    groups: list[Group] | None = None
    purposes: set[str] | None = None
    handling: str = "OFFICIAL"
    silent: bool = False
    lifted: bool = False

    def admits(self, who: Person, purpose: str) -> bool:
        if self.lifted or who.unit is self.owner:
            return True
        at_home = who.unit.country == self.owner.country
        return (
            (self.countries is None or at_home or who.unit.country in self.countries)
            and (self.units is None or who.unit in self.units)
            and (self.purposes is None or purpose in self.purposes)
            and (self.groups is None or at_home or any(_within(who, one) for one in self.groups))
            and RANKS.index(who.clearance) >= RANKS.index(self.handling)
        )


def _within(who: Person, group: Group) -> bool:
    return who.unit.country in group.countries or who.unit in group.units


@dataclass(eq=False)
class Record:
    """`head`: the contribution, person or series that it belongs to. `material`: the number of what it is about."""

    kind: str
    owner: Unit
    real: bool
    head: "Record | None" = None
    material: int | None = None
    bounds: Bounds | None = None
    suspended: bool = False
    merged_into: "Record | None" = None
    role: str = "VICTIM"


@dataclass(eq=False)
class Proposal:
    by: Unit
    records: list[Record]
    voices: dict[Unit, bool | None]
    state: str = "OPEN"


@dataclass
class Model:
    """What there is, and what follows from it."""

    readers: dict[str, str] = field(default_factory=dict)  # how each country takes part; FULL if not there
    records: list[Record] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)
    proposals: list[Proposal] = field(default_factory=list)

    # ---- may do -------------------------------------------------------------------------------------------------------

    def may(self, who: Person, verb: str, purpose: str) -> bool:
        part = self.readers.get(who.unit.country, "FULL")
        if (part == "REFERRAL-ONLY" and verb in SAYING | {"ASK"}) or (part == "READ-ONLY" and verb in SAYING):
            return False
        trained = who.certified or purpose == "TRAINING" or verb in OFFICE
        return who.active and trained and bool(OPEN_TO[verb] & who.roles)

    # ---- may know -----------------------------------------------------------------------------------------------------

    def knows(self, who: Person, purpose: str, record: Record) -> bool:
        if record.real and not who.reaches_real(purpose):
            return False
        if record.owner is who.unit:
            return True
        if (record.suspended and not who.unit.is_hub) or (record.bounds and not record.bounds.admits(who, purpose)):
            return False
        if record.head and not self.knows(who, purpose, record.head):
            return False
        about = record.kind in ("appearance", "membership")
        return not about or self.knows_material(who, purpose, record.material)

    def knows_material(self, who: Person, purpose: str, material: int | None) -> bool:
        return any(self.knows(who, purpose, one) for one in self.files(material))

    def files(self, material: int | None) -> list[Record]:
        return [one for one in self.of("instance") if one.material == material]

    def of(self, *kinds: str) -> list[Record]:
        return [one for one in self.records if one.kind in kinds]

    def contacts(self, who: Person, purpose: str, material: int) -> list[str]:
        """Countries whose bureaus the answer names."""
        return sorted({one.owner.country for one in self.files(material) if self._told_of(who, purpose, one)})

    def alerted(self, who: Person, purpose: str, material: int) -> set[Unit]:
        """Whom a question alerts."""
        return {
            one.owner
            for one in self.files(material)
            if any(bounds.silent for bounds in self._refusing(who, purpose, one))
        }

    def _told_of(self, who: Person, purpose: str, file: Record) -> bool:
        refusing = list(self._refusing(who, purpose, file))
        return bool(refusing) and not any(bounds.silent for bounds in refusing)

    def _refusing(self, who: Person, purpose: str, file: Record) -> Iterator[Bounds]:
        """Nothing where it is out of reach or suspended: then nobody is told of it, whatever else stands on it."""
        chain = [one for one in (file, file.head) if one]
        if self.knows(who, purpose, file) or (any(one.real for one in chain) and not who.reaches_real(purpose)):
            return
        if any(one.suspended for one in chain) and not who.unit.is_hub:
            return
        yield from (one.bounds for one in chain if one.bounds and not one.bounds.admits(who, purpose))

    def sees_proposal(self, who: Person, purpose: str, proposal: Proposal) -> bool:
        if any(one.real for one in proposal.records) and not who.reaches_real(purpose):
            return False
        concerned = who.unit in proposal.voices and all(self.knows(who, purpose, one) for one in proposal.records)
        return proposal.by is who.unit or concerned

    # ---- what acts change ---------------------------------------------------------------------------------------------

    def hides(self, unit: Unit, material: int, who: Person, purpose: str) -> Bounds | None:
        """What is said of a material that one's own country hides goes with that; of one that it shares, it does not."""
        own = [
            one for one in self.files(material) if one.owner.country == unit.country and self.knows(who, purpose, one)
        ]
        stands = [_in_force(one) for one in own]
        return None if None in stands else next(iter(stands), None)

    def restrict(self, record: Record, bounds: Bounds) -> None:
        """A head is changed in place, and all that carries it follows."""
        carried = record.bounds if record.kind in ("contribution", "person", "series") else None
        if carried:
            carried.__dict__.update(bounds.__dict__)
            return
        record.bounds = bounds
        if record.kind == "contribution":
            for said in self.of("appearance", "membership"):
                if said.owner is record.owner and said.bounds is None and self._only_by(record, said.material):
                    said.bounds = bounds

    def _only_by(self, contribution: Record, material: int | None) -> bool:
        """The unit holds the material by this contribution, and shares it by no other."""
        own = [one for one in self.files(material) if one.owner is contribution.owner]
        others = [one for one in own if one.head is not contribution]
        shared = any(one.bounds is None and one.head and one.head.bounds is None for one in others)
        return len(others) < len(own) and not shared

    def merge(self, kept: Record, gone: Record, asked: Collection[Unit]) -> None:
        """`asked`: the owners who were. What another's was merged into neither goes along nor takes anything in."""
        root, leaf = kept.merged_into or kept, gone.merged_into or gone
        if root is not leaf:
            if root.owner not in asked:
                root, kept.merged_into = kept, None
            leaf = leaf if leaf.owner in asked else gone
            for one in self.records:
                if one is leaf or one.merged_into is leaf:
                    one.merged_into = root


def _in_force(file: Record) -> Bounds | None:
    return next((one.bounds for one in (file, file.head) if one and one.bounds and not one.bounds.lifted), None)
