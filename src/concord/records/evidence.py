"""Gathers what the acting country may know about a batch of questions: five statements, however many the questions.

Everything is read under the rights of the open transaction; the index's candidates are re-checked by the same rules. What
they hide is asked for apart (records/withheld.py).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any
from uuid import UUID

import msgspec

from concord.database.acting import rows
from concord.fingerprints.transform import NONE, joined
from concord.records.answer import Belongs, Contact, Evidence, Holding, Seen
from concord.records.person import PersonState, Role
from concord.records.withheld import keys_of, withheld
from concord.values import Category, Digest, DigestKind

HOLDER = "i.material_id, c.category, n.country_id, n.name, n.channel, n.hours, n.time_zone"

# Each digest kind has its column and index; `= any(bytea[])` is leakproof, so the policies leave the index in use.
HELD_BY_DIGEST = {
    kind: f"""
        select distinct i.{kind}, {HOLDER}
        from instance i join contribution c on c.id = i.contribution_id join unit n on n.id = i.owner_unit_id
        where i.{kind} = any(%s)"""  # noqa: S608  a name from our own enumeration
    for kind in DigestKind
}

# A fingerprint is known to whoever may see an instance that was entered with its bytes.
HELD_BY_FINGERPRINT = f"""
select distinct f.number, f.transform, {HOLDER}
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
    """From (transform, number -> distance): each number once, at its shortest distance, of those the plainest transform."""
    best: dict[int, Near] = {}
    for transform, distances in found:
        for number, distance in distances.items():
            near = Near(distance, transform)
            if number not in best or _plainness(near) < _plainness(best[number]):
                best[number] = near
    return best


def _plainness(near: Near) -> tuple[int, int, str]:
    return near.distance, 0 if near.transform == NONE else 1 + near.transform.count("+"), near.transform


def gather(probes: Sequence[Probe]) -> list[Evidence]:
    """One Evidence a probe, in order: what the asker may know, and whom to contact about what is restricted."""
    by_picture = any(probe.near is not None for probe in probes)
    numbers = {number for probe in probes for number in probe.near or ()}
    kept = withheld((probe.digest for probe in probes if probe.digest), numbers, by_picture)
    known = _known(probes, kept.hidden_digests, numbers | kept.hidden_numbers if by_picture else None)
    if not kept:
        return known
    keys = [keys_of(probe.digest, probe.near) for probe in probes]
    return [
        msgspec.structs.replace(one, restricted=kept.contacts(its), suspended=kept.is_suspended(its))
        for one, its in zip(known, keys, strict=True)
    ]


def _known(probes: Sequence[Probe], hidden: Iterable[bytes], numbers: set[int] | None) -> list[Evidence]:
    """Under the asker's rights. An exact match of a material hides a near one of the same.

    What is hidden is looked up as well, and so is something else where nothing is hidden: the time must not tell.
    """
    exact = _held_by_digest([*(probe.digest for probe in probes if probe.digest), *map(_digest, hidden)])
    near = {} if numbers is None else _held_by_fingerprint(numbers)
    held = [_holdings(probe, exact, near) for probe in probes]
    materials = list({holding.material for holdings in held for holding in holdings})
    persons, series = _persons_in(materials), _series_of(materials)
    if not persons and not series:  # as of most of what is known by digest alone, of which there can be very much
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
Candidate = tuple[Near | None, Holder]  # None: the same digest


def _held_by_digest(digests: Iterable[Digest]) -> dict[bytes, list[Holder]]:
    """By value: those of different kinds differ in length."""
    by_kind: dict[DigestKind, set[bytes]] = defaultdict(set)
    for digest in digests:
        by_kind[digest.kind].add(digest.value)
    held: dict[bytes, list[Holder]] = defaultdict(list)
    for kind, values in by_kind.items():
        for value, *holder in _rows(HELD_BY_DIGEST[kind], list(values)):
            held[bytes(value)].append(_holder(holder))
    return held


def _held_by_fingerprint(numbers: Iterable[int]) -> dict[int, list[tuple[str, Holder]]]:
    """Each with the transform of the stored fingerprint."""
    held: dict[int, list[tuple[str, Holder]]] = defaultdict(list)
    for number, transform, *holder in rows(HELD_BY_FINGERPRINT, [_array(list(numbers))]):
        held[number].append((transform, _holder(holder)))
    return held


def _holder(row: Sequence[Any]) -> Holder:
    material, category, *contact = row
    return material, _CATEGORIES[category], _contact(*contact)


_CATEGORIES = {category.value: category for category in Category}


@lru_cache(maxsize=1024)
def _contact(*row: str) -> Contact:
    """One object a unit, however many rows name it."""
    return Contact(*row)


def _holdings(
    probe: Probe, exact: Mapping[bytes, list[Holder]], near: Mapping[int, list[tuple[str, Holder]]]
) -> list[Holding]:
    """One a material and unit: the closest; relevant if the unit ever called it so."""
    same: list[Holder] = exact.get(probe.digest.value, []) if probe.digest else []
    if len(same) <= 1 and not probe.near:
        return [Holding(material, contact, category, None) for material, category, contact in same]
    exactly = {material for material, _, _ in same}
    alike = [
        (Near(found.distance, joined(found.transform, stored)), holder)
        for number, found in (probe.near or {}).items()
        for stored, holder in near.get(number, [])
        if holder[0] not in exactly
    ]
    alike.sort(key=lambda pair: _plainness(pair[0]))
    candidates: list[Candidate] = [*((None, holder) for holder in same), *alike]
    found: dict[tuple[UUID, Contact], Holding] = {}
    for how, (material, category, contact) in candidates:
        known = found.get((material, contact))
        if known is None:
            distance, transform = (how.distance, how.transform) if how else (None, NONE)
            found[material, contact] = Holding(material, contact, category, distance, transform)
        elif known.category is Category.NOT_RELEVANT:
            found[material, contact] = msgspec.structs.replace(known, category=category)
    return list(found.values())


def _persons_in(materials: list[UUID]) -> dict[UUID, list[Seen]]:
    persons = defaultdict(list)
    for material, person, role, states in _rows(PERSONS_IN, materials):
        state = max((PersonState(one) for one in states if one), key=list(PersonState).index)
        persons[material].append(Seen(material, person, Role(role), state))
    return persons


def _series_of(materials: list[UUID]) -> dict[UUID, list[Belongs]]:
    series = defaultdict(list)
    for material, name in _rows(SERIES_OF, materials):
        series[material].append(Belongs(material, name))
    return series


def _materials(holdings: Iterable[Holding]) -> list[UUID]:
    return list(dict.fromkeys(holding.material for holding in holdings))


def _rows(sql: str, values: list[Any]) -> list[tuple[Any, ...]]:
    return rows(sql, [_array(values)]) if values else []


def _array(values: Sequence[Any]) -> str:
    """Bytes, ids or numbers as PostgreSQL writes an array: the driver would look at each value for signs to quote, which
    takes it as long as the server takes to look the value up."""
    if values and isinstance(values[0], bytes):
        return '{"\\\\x' + '","\\\\x'.join([value.hex() for value in values]) + '"}'
    return "{" + ",".join([value.hex if isinstance(value, UUID) else str(value) for value in values]) + "}"
