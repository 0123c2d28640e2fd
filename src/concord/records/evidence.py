"""Gathers what the acting country may know about a batch of questions: four statements, however many the questions.

Everything is read under the rights of the open transaction; the index's candidates are re-checked by the same rules.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec

from concord.database.acting import rows
from concord.records.answer import Belongs, Contact, Evidence, Holding, Seen
from concord.records.person import PersonState, Role
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
select distinct f.number, {HOLDER}
from fingerprint f join instance i on i.material_id = f.material_id and i.has_bytes
     join contribution c on c.id = i.contribution_id join unit n on n.id = i.owner_unit_id
where f.number = any(%s)"""  # noqa: S608  no value in it

PERSONS_IN = """
select a.material_id, p.id, p.role, p.state
from appearance a join person p on p.id = a.person_id
where a.material_id = any(%s)"""

SERIES_OF = """
select m.material_id, s.name
from membership m join series s on s.id = m.series_id
where m.material_id = any(%s)"""


class Probe(msgspec.Struct, frozen=True):
    """What to look for: one digest, and the fingerprints near the item (number -> distance in bits)."""

    digest: Digest | None
    near: Mapping[int, int] = {}


def gather(probes: Sequence[Probe]) -> list[Evidence]:
    """One Evidence a probe, in order. An exact match of a material hides a near one of the same."""
    exact = _held_by_digest({probe.digest for probe in probes if probe.digest})
    near = _held_by_fingerprint({number for probe in probes for number in probe.near})
    held = [_holdings(probe, exact, near) for probe in probes]
    materials = list({holding.material for holdings in held for holding in holdings})
    persons, series = _persons_in(materials), _series_of(materials)
    return [
        Evidence(
            holdings,
            persons=[seen for material in _materials(holdings) for seen in persons[material]],
            series=[belongs for material in _materials(holdings) for belongs in series[material]],
        )
        for holdings in held
    ]


Holder = tuple[UUID, Category, Contact]
Holders = dict[Any, list[Holder]]  # by digest, or by fingerprint number
Candidate = tuple[int | None, Holder]  # the distance in bits; None: the same digest


def _held_by_digest(digests: Iterable[Digest]) -> Holders:
    by_kind: dict[DigestKind, list[bytes]] = defaultdict(list)
    for digest in digests:
        by_kind[digest.kind].append(digest.value)
    held: Holders = defaultdict(list)
    for kind, values in by_kind.items():
        for value, *holder in _rows(HELD_BY_DIGEST[kind], values):
            held[Digest(kind, bytes(value))].append(_holder(holder))
    return held


def _held_by_fingerprint(numbers: Iterable[int]) -> Holders:
    held: Holders = defaultdict(list)
    for number, *holder in _rows(HELD_BY_FINGERPRINT, list(numbers)):
        held[number].append(_holder(holder))
    return held


def _holder(row: Sequence[Any]) -> Holder:
    material, category, *contact = row
    return material, Category(category), Contact(*contact)


def _holdings(probe: Probe, exact: Holders, near: Holders) -> list[Holding]:
    """One a material and unit: the closest; relevant if the unit ever called it so."""
    found: dict[tuple[UUID, Contact], Holding] = {}
    candidates: list[Candidate] = [(None, holder) for holder in exact.get(probe.digest, [])]
    candidates += [(bits, holder) for number, bits in probe.near.items() for holder in near.get(number, [])]
    exactly = {material for distance, (material, _, _) in candidates if distance is None}
    for distance, (material, category, contact) in candidates:
        if distance is not None and material in exactly:
            continue
        known = found.get((material, contact))
        if known is None or known.category is Category.NOT_RELEVANT:
            found[material, contact] = Holding(material, contact, category, distance)
    return list(found.values())


def _persons_in(materials: list[UUID]) -> dict[UUID, list[Seen]]:
    persons = defaultdict(list)
    for material, person, role, state in _rows(PERSONS_IN, materials):
        persons[material].append(Seen(material, person, Role(role), PersonState(state)))
    return persons


def _series_of(materials: list[UUID]) -> dict[UUID, list[Belongs]]:
    series = defaultdict(list)
    for material, name in _rows(SERIES_OF, materials):
        series[material].append(Belongs(material, name))
    return series


def _materials(holdings: Iterable[Holding]) -> list[UUID]:
    return list(dict.fromkeys(holding.material for holding in holdings))


def _rows(sql: str, values: list[Any]) -> list[tuple[Any, ...]]:
    return rows(sql, [values]) if values else []
