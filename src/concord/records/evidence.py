"""Gathers what the acting country may know about a batch of questions: five statements, however many the questions; one where
all that is asked about are digests of one kind.

Everything is read under the rights of the open transaction; the index's candidates are re-checked by the same rules. What
they hide is asked for apart (records/withheld.py).
"""

from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from uuid import UUID

import msgspec

from concord.database.acting import rows
from concord.database.array import Blobs, Ids, Numbers
from concord.fingerprints.transform import NONE, TONE, has, joined
from concord.records.answer import Belongs, Contact, Evidence, Holding, Seen
from concord.records.person import PersonState, Role
from concord.records.withheld import Withheld, keys_of, withheld
from concord.values import Category, Digest, DigestKind

HOLDER = "n.country_id, n.name, n.channel, n.hours, n.time_zone"

# Each digest kind has its column and index; `= any(bytea[])` is leakproof, so the policies leave the index in use. A row
# is a holder with all that it holds: digests, one behind the other, and the materials in the same order.
HELD_BY_DIGEST = {
    kind: f"""
        select h.category, {HOLDER}, h.digests, h.materials
        from (
            select c.category, i.owner_unit_id, string_agg(i.{kind}, '') as digests, array_agg(i.material_id) as materials
            from instance i join contribution c on c.id = i.contribution_id
            where i.{kind} = any(%s)
            group by c.category, i.owner_unit_id) h
        join unit n on n.id = h.owner_unit_id"""  # noqa: S608  a name from our own enumeration
    for kind in DigestKind
}

# A fingerprint is known to whoever may see an instance that was entered with its bytes.
HELD_BY_FINGERPRINT = f"""
select distinct f.number, f.transform, i.material_id, c.category, {HOLDER}
from fingerprint f join instance i on i.material_id = f.material_id and i.has_bytes
     join contribution c on c.id = i.contribution_id join unit n on n.id = i.owner_unit_id
where f.number = any(%s)"""  # noqa: S608  no value in it

# Whoever was merged is the person that stays, and as far identified as any of them, as far as the asker knows of these.
PERSONS_IN = """
select a.material_id, coalesce(r.id, p.id), coalesce(r.role, p.role),
       array[p.state, r.state] || array(select f.state from person f where f.merged_into_id = coalesce(r.id, p.id))
from appearance a join person p on p.id = a.person_id left join person r on r.id = p.merged_into_id
where a.material_id = any(%s)"""

SERIES_OF = """
select m.material_id, coalesce(r.name, s.name)
from membership m join series s on s.id = m.series_id left join series r on r.id = s.merged_into_id
where m.material_id = any(%s)"""


class Near(msgspec.Struct, frozen=True):
    """How a stored fingerprint lies to an item."""

    distance: int  # bits
    transform: str  # what was done to the asked picture


class Probe(msgspec.Struct, frozen=True):
    """What to look for: one digest, and the fingerprints near the item by their numbers."""

    digest: Digest | None
    near: Mapping[int, Near] | None = None  # None: not looked for, or it cannot be


def nearest(found: Iterable[tuple[str, Mapping[int, int]]]) -> dict[int, Near]:
    """From (transform, number -> distance): each number once, at its shortest distance, of those the plainest transform;
    with its tones evened out only where it is not found otherwise."""
    best: dict[int, Near] = {}
    for transform, distances in found:
        for number, distance in distances.items():
            near = Near(distance, transform)
            if number not in best or _plainness(near) < _plainness(best[number]):
                best[number] = near
    return best


def _plainness(near: Near) -> tuple[bool, int, int, str]:
    # Evened tones are nearer to each other by chance, and would be told of copies whose tones nobody touched.
    return (
        has(TONE, near.transform),
        near.distance,
        0 if near.transform == NONE else 1 + near.transform.count("+"),
        near.transform,
    )


def gather(probes: Sequence[Probe]) -> list[Evidence]:
    """One Evidence a probe, in order: what the asker may know, and whom to contact about what is restricted."""
    by_picture = any(probe.near is not None for probe in probes)
    numbers = {number for probe in probes for number in probe.near or ()}
    kept = withheld((probe.digest for probe in probes if probe.digest), numbers, by_picture)
    known = _known(probes, kept.hidden_digests, numbers | kept.hidden_numbers if by_picture else None)
    return _with_withheld(known, kept, [keys_of(probe.digest, probe.near) for probe in probes] if kept else [])


FOUND = {
    kind: f"select part, texts, digests, ids from found_by_{kind}(%s, %s, %s, %s, %s)"  # noqa: S608  as above
    for kind in DigestKind
}


class Lookup(msgspec.Struct, frozen=True):
    """Digests of one kind, and nothing near: what `gather` gives of them comes from one statement, which is an act of its own."""

    kind: DigestKind
    digests: Sequence[bytes]

    @classmethod
    def of(cls, probes: Sequence[Probe]) -> "Lookup | None":
        """None: these probes are not of that sort."""
        digests = [probe.digest for probe in probes if probe.digest and probe.near is None]
        if len(digests) < len(probes) or len({digest.kind for digest in digests}) != 1:
            return None
        return cls(digests[0].kind, [digest.value for digest in digests])

    @property
    def sql(self) -> str:
        return FOUND[self.kind]

    @property
    def values(self) -> list[Blobs]:
        return [Blobs(list(dict.fromkeys(self.digests)))]

    def read(self, found: Iterable[tuple[str, list[str], bytes, list[UUID]]]) -> list[Evidence]:
        """From the statement's rows: one Evidence a digest, in order."""
        held: Held = defaultdict(list)
        persons, series, kept = defaultdict(list), defaultdict(list), Withheld()
        for part, texts, digests, ids in found:
            if part == "HELD":
                _add(held, self.kind, texts, digests, ids)
            elif part == "HIDDEN" and texts:
                kept.bureaus[digests].add(Contact(*texts))
            elif part == "SUSPENDED":
                kept.suspended.add(digests)
            elif part == "PERSON":
                persons[ids[0]].append(_seen(ids[0], ids[1], *texts))
            elif part == "SERIES":
                series[ids[0]].append(Belongs(ids[0], texts[0]))
        known = _with_told([_same(held[value]) if value in held else () for value in self.digests], persons, series)
        return _with_withheld(known, kept, [[value] for value in self.digests] if kept else [])


def _with_withheld(known: list[Evidence], kept: Withheld, keys: Sequence[Sequence[Hashable]]) -> list[Evidence]:
    if not kept:
        return known
    return [
        msgspec.structs.replace(one, restricted=kept.contacts(its), suspended=kept.is_suspended(its))
        for one, its in zip(known, keys, strict=True)
    ]


def _known(probes: Sequence[Probe], hidden: Iterable[bytes], numbers: set[int] | None) -> list[Evidence]:
    """Under the asker's rights. An exact match of a material hides a near one of the same.

    What is hidden is looked up as well, and so is something else where nothing is hidden: the time must not tell.
    """
    by_kind: dict[DigestKind, set[bytes]] = defaultdict(set)
    for digest in [*(probe.digest for probe in probes if probe.digest), *map(_digest, hidden)]:
        by_kind[digest.kind].add(digest.value)
    exact: Held = {}  # by value: those of different kinds differ in length
    for kind, values in by_kind.items():
        exact |= _held_by_digest(kind, list(values))
    near = {} if numbers is None else _held_by_fingerprint(numbers)
    return _with_persons([_holdings(probe, exact, near) for probe in probes])


def _with_persons(held: Sequence[Sequence[Holding]]) -> list[Evidence]:
    """And with the series."""
    materials = _materials(holding for holdings in held for holding in holdings)
    return _with_told(held, _persons_in(materials), _series_of(materials))


def _with_told(
    held: Sequence[Sequence[Holding]], persons: dict[UUID, list[Seen]], series: dict[UUID, list[Belongs]]
) -> list[Evidence]:
    if not persons and not series:  # as of most of what is known by digest alone
        return [Evidence(holdings) for holdings in held]
    return [
        Evidence(
            holdings,
            persons=[seen for material in _materials(holdings) for seen in persons[material]],
            series=[belongs for material in _materials(holdings) for belongs in series[material]],
        )
        for holdings in held
    ]


_KINDS = {kind.size_bytes: kind for kind in DigestKind}


def _digest(value: bytes) -> Digest:
    return Digest(_KINDS[len(value)], value)


Holder = tuple[UUID, Category, Contact]
Held = dict[bytes, list[Holder]]  # by digest; as often as a unit has it
Candidate = tuple[Near | None, Holder]  # None: the same digest


def _held_by_digest(kind: DigestKind, values: Sequence[bytes]) -> Held:
    held: Held = defaultdict(list)
    if not values:
        return held
    for *texts, digests, materials in rows(HELD_BY_DIGEST[kind], [Blobs(values)], binary=True):
        _add(held, kind, texts, digests, materials)
    return held


def _add(held: Held, kind: DigestKind, texts: Sequence[str], digests: bytes, materials: Sequence[UUID]) -> None:
    """A holder: its category and whom to call, and all that it holds."""
    category, whom, size = Category(texts[0]), Contact(*texts[1:]), kind.size_bytes
    for number, material in enumerate(materials):
        held[digests[number * size : (number + 1) * size]].append((material, category, whom))


def _held_by_fingerprint(numbers: Collection[int]) -> dict[int, list[tuple[str, Holder]]]:
    """Each with the transform of the stored fingerprint."""
    held: dict[int, list[tuple[str, Holder]]] = defaultdict(list)
    for number, transform, material, code, *contact in rows(HELD_BY_FINGERPRINT, [Numbers(numbers)]):
        held[number].append((transform, (material, Category(code), Contact(*contact))))
    return held


def _same(same: Sequence[Holder]) -> list[Holding]:
    """What has the digest: one a material and unit; relevant if the unit ever called it so."""
    if len(same) > 1:
        return _closest((None, holder) for holder in same)
    return [Holding(material, contact, category, None) for material, category, contact in same]


def _holdings(
    probe: Probe, exact: Mapping[bytes, list[Holder]], near: Mapping[int, list[tuple[str, Holder]]]
) -> list[Holding]:
    """One a material and unit: the plainest and closest; relevant if the unit ever called it so."""
    same: list[Holder] = exact.get(probe.digest.value, []) if probe.digest else []
    if not probe.near:
        return _same(same)
    exactly = {material for material, _, _ in same}
    alike = [
        (Near(found.distance, joined(found.transform, stored)), holder)
        for number, found in (probe.near or {}).items()
        for stored, holder in near.get(number, [])
        if holder[0] not in exactly
    ]
    alike.sort(key=lambda pair: _plainness(pair[0]))
    return _closest([*((None, holder) for holder in same), *alike])


def _closest(candidates: Iterable[Candidate]) -> list[Holding]:
    """Of candidates that come in the order in which they are told, the first a material and unit."""
    found: dict[tuple[UUID, Contact], Holding] = {}
    for how, (material, category, contact) in candidates:
        known = found.get((material, contact))
        if known is None:
            distance, transform = (how.distance, how.transform) if how else (None, NONE)
            found[material, contact] = Holding(material, contact, category, distance, transform)
        elif known.category is Category.NOT_RELEVANT:
            found[material, contact] = msgspec.structs.replace(known, category=category)
    return list(found.values())


def _persons_in(materials: Sequence[UUID]) -> dict[UUID, list[Seen]]:
    persons = defaultdict(list)
    for material, person, role, states in rows(PERSONS_IN, [Ids(materials)]) if materials else ():
        persons[material].append(_seen(material, person, role, *states))
    return persons


def _seen(material: UUID, person: UUID, role: str, *states: str | None) -> Seen:
    """As far identified as any of `states`, of those that were merged."""
    state = max((PersonState(one) for one in states if one), key=list(PersonState).index)
    return Seen(material, person, Role(role), state)


def _series_of(materials: Sequence[UUID]) -> dict[UUID, list[Belongs]]:
    series = defaultdict(list)
    for material, name in rows(SERIES_OF, [Ids(materials)]) if materials else ():
        series[material].append(Belongs(material, name))
    return series


def _materials(holdings: Iterable[Holding]) -> list[UUID]:
    return list({holding.material.int: holding.material for holding in holdings}.values())
