"""Rules of access: small, composable, closed when empty. The database refuses as well; a rule says why.

A rule looks at an actor and an owned record and returns None (allowed) or the reason of its refusal. Who may *know* of a
record, and not only change it, stands in access/knowing.py.
"""

from collections.abc import Callable
from typing import Protocol
from uuid import UUID

from concord.access.actor import Actor
from concord.errors import NotAllowed
from concord.values import Basis, Purpose


class Owned(Protocol):
    """A record that belongs to a unit of a country."""

    @property
    def owner_country_id(self) -> str: ...

    @property
    def owner_unit_id(self) -> UUID: ...


Refusal = str | None
Rule = Callable[[Actor, Owned], Refusal]


def owned_by_own_country(actor: Actor, record: Owned) -> Refusal:
    if record.owner_country_id == actor.country:
        return None
    return f"the record belongs to {record.owner_country_id}, and only its owner changes it; contact them"


def owned_by_own_unit(actor: Actor, record: Owned) -> Refusal:
    return None if record.owner_unit_id == actor.unit else "the record belongs to another unit, and to it alone"


def acts_for_the_hub(actor: Actor, record: Owned) -> Refusal:  # noqa: ARG001
    return None if actor.is_hub else "only the hub suspends, and lifts what it has suspended"


def basis_is_given(actor: Actor, record: Owned) -> Refusal:  # noqa: ARG001  a rule sees both
    return (
        None if actor.basis else "what is entered needs a legal basis: give --basis CODE, or a profile with a default"
    )


def basis_fits_purpose(actor: Actor, record: Owned) -> Refusal:  # noqa: ARG001
    """The database holds it too, by the policies called reach."""
    if actor.purpose is not Purpose.TRAINING or actor.basis is Basis.TRAINING:
        return None
    return "for TRAINING only what has the basis TRAINING is entered: give --basis TRAINING, or the --purpose it is for"


def all_of(*rules: Rule) -> Rule:
    """Every rule must allow. Without any rule nothing is allowed: an empty conjunction would be trivially true."""

    def rule(actor: Actor, record: Owned) -> Refusal:
        if not rules:
            return "no rule allows it"
        return next((refusal for one in rules if (refusal := one(actor, record))), None)

    return rule


def any_of(*rules: Rule) -> Rule:
    """One rule must allow. The reasons of all are given when none does."""

    def rule(actor: Actor, record: Owned) -> Refusal:
        refusals = [one(actor, record) for one in rules]
        if None in refusals:
            return None
        return "; ".join(filter(None, refusals)) or "no rule allows it"

    return rule


def demand(rule: Rule, actor: Actor, record: Owned) -> None:
    """Raises NotAllowed with the rule's reason."""
    if reason := rule(actor, record):
        raise NotAllowed(reason=reason)
