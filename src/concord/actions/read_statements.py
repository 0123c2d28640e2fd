"""*Statements*: what the files of a material say of themselves, as far as the asker may know of these files."""

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

import msgspec

from concord.access.actor import Actor
from concord.access.audit import Verb
from concord.access.budget import Meter
from concord.access.meter import spend
from concord.actions.act import act
from concord.actions.installation import Installation
from concord.errors import MalformedDigest, NeitherIdNorDigest, UnknownRecord
from concord.jail.vocabulary import read_out
from concord.records.answer import Owner
from concord.records.material import Instance, Material, material_id
from concord.records.statement import Statement
from concord.values import Digest, DigestKind


class Stated(msgspec.Struct, frozen=True):
    """One thing that the file says, whichever units entered it. `says` is the sentence for people."""

    material: UUID
    kind: str
    value: str
    source: str
    says: str
    owners: Sequence[Owner]


def read_statements(installation: Installation, actor: Actor, name: str) -> list[Stated]:
    """Of a material by its id, or by the SHA-256 of its content. Raises NeitherIdNorDigest, UnknownRecord, BudgetSpent."""
    material = _material(installation, name)
    with act(actor, Verb.READ_STATEMENTS, installation.clock) as entry:
        entry.name(material)
        if not Material.objects.filter(pk=material).exists():
            raise UnknownRecord(what="material", name=name)
        columns = ("kind", "value", "source", "owner_country_id", "owner_unit__name")
        rows = Statement.objects.filter(material_id=material).order_by(*columns).values_list(*columns).distinct()
        owners = defaultdict(list)
        for kind, value, source, country, unit in rows:
            owners[kind, value, source].append(Owner(country, unit))
        if owners and not Instance.objects.filter(material_id=material, owner_unit_id=actor.unit).exists():
            spend(actor, Meter.VIEW, [str(material)], installation.config.limits, installation.clock())
    return [Stated(material, *said, says=read_out(said[0], said[1]), owners=who) for said, who in owners.items()]


def _material(installation: Installation, name: str) -> UUID:
    try:
        digest = Digest.parse(name)
        if digest.kind is DigestKind.SHA256:
            return material_id(digest.value, installation.keys.identity)
    except MalformedDigest:
        pass
    try:
        return UUID(name)
    except ValueError:
        raise NeitherIdNorDigest(item=name) from None
