"""*Share*: sharing groups, circles of countries and units that a unit's restrictions refer to by name."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from django.db import IntegrityError, transaction
from django.db.models import Q

from concord.access.actor import Actor
from concord.access.approval import Kind
from concord.access.audit import Verb
from concord.actions.act import act
from concord.actions.approve import Plan, two_persons
from concord.actions.installation import Installation
from concord.actions.restrict import MANY_INSTANCES, WIDENING, hides_many
from concord.errors import AlreadyThere, UnknownRecord
from concord.records.country import Country, Unit
from concord.records.group import Group, Member
from concord.records.restriction import Restriction
from concord.values import readable_name


class Listed(msgspec.Struct, frozen=True):
    """A group that one's unit made, or is in. Members are countries by code and units by id."""

    group: UUID
    name: str
    owner_country: str
    owner_unit: str
    is_own: bool
    countries: Sequence[str]
    units: Sequence[UUID]


def make_group(installation: Installation, actor: Actor, name: str) -> UUID:
    """Empty at first. Raises UnfitName, AlreadyThere, NotAllowed."""
    readable_name("group", name)
    with act(actor, Verb.CHANGE_GROUP, installation.clock) as entry:
        group = Group(
            owner_country_id=actor.country,
            owner_unit_id=actor.unit,
            author_id=actor.user,
            recorded_at=installation.clock(),
            name=name,
        )
        entry.name(group.id)
        try:
            with transaction.atomic():
                group.save(force_insert=True)
        except IntegrityError:
            raise AlreadyThere(what="group", name=name) from None
    return group.id


def take_in(installation: Installation, actor: Actor, group: str, member: str | UUID) -> bool:
    """A country by its code or a unit by its id. False: it was in already.

    Where restrictions by this group hide more than MANY_INSTANCES, a second person has to agree. Raises UnknownRecord,
    ApprovalAwaited, NotAllowed.
    """
    now = installation.clock()
    with (
        two_persons(installation, actor, None, WIDENING) as need,
        act(actor, Verb.CHANGE_GROUP, installation.clock) as entry,
    ):
        own, who = _own_group(actor, group), _member(member)
        entry.name(own.id, "in", member)
        is_new = not Member.objects.filter(group=own, **who).exists()
        if is_new and hides_many(_restrictions_by(own, now)):
            counts = f"a group that more than {MANY_INSTANCES} restricted instances are open to takes in one more"
            entry.name(need.demand(Plan(Kind.POLICY, f"take {member} into group {own.id}", counts), now))
        _, made = Member.objects.get_or_create(group=own, **who, defaults={"since": now})
    return made


def take_out(installation: Installation, actor: Actor, group: str, member: str | UUID) -> bool:
    """From the next question on it knows nothing more by this group. False: it was not in. Raises as above."""
    with act(actor, Verb.CHANGE_GROUP, installation.clock) as entry:
        own, who = _own_group(actor, group), _member(member)
        entry.name(own.id, "out", member)
        gone, _ = Member.objects.filter(group=own, **who).delete()
    return gone > 0


def list_groups(installation: Installation, actor: Actor) -> list[Listed]:
    """By name. Raises NotAllowed."""
    with act(actor, Verb.LIST_GROUPS, installation.clock) as entry:
        groups = list(Group.objects.select_related("owner_unit").order_by("name", "id"))
        members = list(Member.objects.order_by("country_id", "unit_id"))
        entry.name(*(group.id for group in groups))
    return [
        Listed(
            group=group.id,
            name=group.name,
            owner_country=group.owner_country_id,
            owner_unit=group.owner_unit.name,
            is_own=group.owner_unit_id == actor.unit,
            countries=[one.country_id for one in members if one.group_id == group.id and one.country_id],
            units=[one.unit_id for one in members if one.group_id == group.id and one.unit_id],
        )
        for group in groups
    ]


def _restrictions_by(group: Group, now: datetime) -> list[UUID]:
    """Those that hold."""
    stands = Restriction.objects.filter(groups__contains=[group.id], lifted_at=None)
    return list(stands.filter(Q(until=None) | Q(until__gt=now)).values_list("id", flat=True))


def _own_group(actor: Actor, name: str) -> Group:
    found = Group.objects.filter(owner_unit_id=actor.unit, name=name).first()
    if found is None:
        raise UnknownRecord(what="group", name=name)
    return found


def _member(member: str | UUID) -> dict[str, Any]:
    if isinstance(member, UUID):
        if not Unit.objects.filter(pk=member).exists():
            raise UnknownRecord(what="unit", name=member)
        return {"unit_id": member, "country_id": None}
    if not Country.objects.filter(pk=member).exists():
        raise UnknownRecord(what="country", name=member)
    return {"country_id": member, "unit_id": None}
