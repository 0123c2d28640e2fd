"""Which verbs are open to whom: by role, by how far the country takes part, by certificate, by the token's scopes.

Closed when empty: a verb that stands in no row is open to nobody. The database holds what concerns records; these tables
say why, before it is asked.
"""

from collections.abc import Callable, Mapping
from datetime import datetime

from concord.access.actor import Actor
from concord.access.audit import Verb
from concord.errors import CertificateNeeded, NotAllowed, NotTakingPart, OutOfScope, RoleNeeded
from concord.records.country import Participation
from concord.records.user import UserRole
from concord.values import Purpose

VerbRule = Callable[[Actor, Verb, datetime], NotAllowed | None]

ASKING = frozenset({Verb.ASK, Verb.LIST_MATERIALS, Verb.READ_STATEMENTS, Verb.BEGIN_SESSION, Verb.UPLOAD})
INTAKE = frozenset(
    {
        Verb.OPEN_INTAKE, Verb.FILL_INTAKE, Verb.SHOW_INTAKE, Verb.LIST_INTAKES, Verb.ASK_INTAKE, Verb.ERASE_INTAKE,
        Verb.ADD_ORDINARY, Verb.LIST_ORDINARY, Verb.REMOVE_ORDINARY,
    }
)  # fmt: skip
SAYING = frozenset(
    {Verb.ENTER, Verb.IDENTIFY, Verb.OPEN_CASE, Verb.ADD_PERSON, Verb.ADD_APPEARANCE, Verb.OPEN_SERIES}
)

BY_ROLE: Mapping[UserRole, frozenset[Verb]] = {
    UserRole.OFFICER: ASKING | INTAKE | SAYING,
    UserRole.ANALYST: ASKING | INTAKE | SAYING,
    UserRole.SUPERVISOR: ASKING | INTAKE,
    UserRole.NATIONAL_ADMINISTRATOR: frozenset({Verb.BEGIN_SESSION}),
    UserRole.HUB_ADMINISTRATOR: frozenset({Verb.BEGIN_SESSION}),
    UserRole.AUDITOR: frozenset({Verb.BEGIN_SESSION}),
    UserRole.DATA_PROTECTION: frozenset({Verb.BEGIN_SESSION}),
    UserRole.TRAINER: ASKING | INTAKE | SAYING,
}

# What a country's way of taking part closes, whatever the role. Its own office work stays open to all.
LEFT_OUT: Mapping[Participation, frozenset[Verb]] = {
    Participation.FULL: frozenset(),
    Participation.HASH_ONLY: frozenset(),  # it enters digests: `takes_files` below
    Participation.READ_ONLY: SAYING,
    Participation.REFERRAL_ONLY: SAYING | ASKING - {Verb.BEGIN_SESSION} | INTAKE,
}

# Verbs that touch no material: no certificate is asked for.
WITHOUT_CERTIFICATE = frozenset({Verb.BEGIN_SESSION})


def token_opens(actor: Actor, verb: Verb, now: datetime) -> NotAllowed | None:  # noqa: ARG001  a rule sees all three
    if actor.scopes is None or verb in actor.scopes:
        return None
    return OutOfScope(scopes=", ".join(sorted(actor.scopes)) or "nothing", verb=verb)


def role_opens(actor: Actor, verb: Verb, now: datetime) -> NotAllowed | None:  # noqa: ARG001
    if any(verb in BY_ROLE[role] for role in actor.roles):
        return None
    return RoleNeeded(verb=verb, held=", ".join(sorted(actor.roles)) or "none", country=actor.country)


def country_takes_part(actor: Actor, verb: Verb, now: datetime) -> NotAllowed | None:  # noqa: ARG001
    if verb not in LEFT_OUT[actor.participation]:
        return None
    return NotTakingPart(country=actor.country, participation=actor.participation, verb=verb)


def certificate_opens(actor: Actor, verb: Verb, now: datetime) -> NotAllowed | None:
    """Synthetic material is open to all, for training."""
    if verb in WITHOUT_CERTIFICATE or actor.purpose is Purpose.TRAINING or actor.is_certified(now):
        return None
    until = actor.certified_until
    return CertificateNeeded(fault=f"ran out at {until:%Y-%m-%d %H:%M} UTC" if until else "is missing")


VERB_RULES: tuple[VerbRule, ...] = (token_opens, role_opens, country_takes_part, certificate_opens)


def refusal(actor: Actor, verb: Verb, now: datetime) -> NotAllowed | None:
    """The first rule's that refuses."""
    return next((found for rule in VERB_RULES if (found := rule(actor, verb, now))), None)


def demand_open(actor: Actor, verb: Verb, now: datetime) -> None:
    """Raises NotAllowed, as the first rule that refuses says."""
    if found := refusal(actor, verb, now):
        raise found
