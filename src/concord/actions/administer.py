"""*Administer*: units and users of one's own country, and how far it takes part. Never of another's; not by the hub."""

from dataclasses import dataclass
from uuid import UUID

from django.db import IntegrityError, transaction

from concord.access.actor import Actor
from concord.access.approval import Kind
from concord.access.audit import Verb
from concord.actions.act import act
from concord.actions.approve import Plan, demand_approved, two_persons
from concord.actions.enrol import OF_A_NEW_UNIT, known_time_zone
from concord.actions.installation import Installation
from concord.errors import AlreadyThere, LastAdministrator, NotAllowed, UnknownRecord
from concord.records.country import Country, Participation, Unit
from concord.records.user import User
from concord.values import readable_name


@dataclass(frozen=True, slots=True)
class NewUnit:
    """How a unit is called and reached. Raises UnfitName, TooLong, UnknownCode."""

    name: str
    channel: str = OF_A_NEW_UNIT["channel"]
    hours: str = OF_A_NEW_UNIT["hours"]
    time_zone: str = OF_A_NEW_UNIT["time_zone"]  # IANA name

    def __post_init__(self) -> None:
        for what, text in (("unit", self.name), ("channel", self.channel), ("hours", self.hours)):
            readable_name(what, text)
        known_time_zone(self.time_zone)


def add_unit(installation: Installation, actor: Actor, new: NewUnit) -> UUID:
    """Raises AlreadyThere, NotAllowed."""
    with act(actor, Verb.ADD_UNIT, installation.clock) as entry:
        unit = Unit(
            country_id=actor.country, name=new.name, channel=new.channel, hours=new.hours, time_zone=new.time_zone
        )
        entry.name(unit.id)
        _save(unit, new.name)
    return unit.id


def add_user(installation: Installation, actor: Actor, unit: str, name: str) -> UUID:
    """Without a role and without a certificate. Raises UnknownRecord, AlreadyThere, NotAllowed."""
    readable_name("user", name)
    with act(actor, Verb.ADD_USER, installation.clock) as entry:
        user = User(unit=own_unit(actor, unit), name=name)
        entry.name(user.id)
        _save(user, name)
    return user.id


def set_user_active(installation: Installation, actor: Actor, user: UUID, active: bool) -> None:
    """From the user's next request on. Raises UnknownRecord, NotAllowed; LastAdministrator where nobody would be left."""
    with act(actor, Verb.DISABLE_USER if not active else Verb.ENABLE_USER, installation.clock) as entry:
        entry.name(user)
        if user == actor.user:
            raise NotAllowed(reason="nobody disables or enables himself; ask another administrator")
        try:
            with transaction.atomic():
                found = User.objects.filter(pk=user).update(active=active)
        except IntegrityError:  # whoever does it was disabled himself at this very moment
            raise LastAdministrator(role="administrator", country=actor.country) from None
        if not found:
            raise UnknownRecord(what="user", name=user)


def name_bureau(installation: Installation, actor: Actor, unit: str, reason: str | None = None) -> None:
    """From now on this unit is the country's National Central Bureau. Needs a second person.

    Raises UnknownRecord, ApprovalAwaited, NoReason where it is not asked for yet, NotAllowed.
    """
    plan = Plan(Kind.POLICY, f"bureau of {actor.country}: {unit}", "another unit becomes the bureau")
    with two_persons(installation, actor, plan, reason), act(actor, Verb.NAME_BUREAU, installation.clock) as entry:
        found = own_unit(actor, unit)
        entry.name(found.id)
        demand_approved(plan.kind, plan.text, installation.clock())
        Unit.objects.filter(country_id=actor.country, is_bureau=True).update(is_bureau=False)
        Unit.objects.filter(pk=found.id).update(is_bureau=True)


def set_participation(
    installation: Installation, actor: Actor, participation: Participation, reason: str | None = None
) -> None:
    """How far the own country takes part, for everyone's next request. Needs a second person.

    Raises ApprovalAwaited, NoReason where it is not asked for yet, NotAllowed.
    """
    told = f"{actor.country} takes part as {participation}"
    plan = Plan(Kind.POLICY, told, told)
    with (
        two_persons(installation, actor, plan, reason),
        act(actor, Verb.SET_PARTICIPATION, installation.clock) as entry,
    ):
        entry.name(actor.country, participation)
        demand_approved(plan.kind, plan.text, installation.clock())
        if not Country.objects.filter(pk=actor.country).update(participation=participation):
            raise NotAllowed(reason="the hub has no way of taking part")


def own_unit(actor: Actor, name: str) -> Unit:
    """Raises UnknownRecord."""
    found = Unit.objects.filter(country_id=actor.country, name=name).first()
    if found is None:
        raise UnknownRecord(what="unit", name=f"{name} ({actor.country})")
    return found


def _save(record: Unit | User, name: str) -> None:
    try:
        with transaction.atomic():
            record.save(force_insert=True)
    except IntegrityError:
        raise AlreadyThere(what=record._meta.model_name, name=name) from None
