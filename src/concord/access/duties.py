"""Which verbs are open to whom: by role, by how far the country takes part, by certificate, by the token's scopes.

Closed when empty: a verb that stands in no row is open to nobody. The database holds what concerns records; these tables
say why, before it is asked.
"""

from collections.abc import Callable, Mapping
from datetime import datetime

from concord.access.actor import Actor
from concord.access.audit import Verb
from concord.errors import NotAllowed
from concord.records.country import Participation
from concord.records.user import UserRole
from concord.values import Purpose

Refusal = str | None
VerbRule = Callable[[Actor, Verb, datetime], Refusal]

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
BY_PARTICIPATION: Mapping[Participation, frozenset[Verb]] = {
    Participation.FULL: frozenset(),
    Participation.HASH_ONLY: frozenset(),  # it enters digests: `takes_files` below
    Participation.READ_ONLY: SAYING,
    Participation.REFERRAL_ONLY: SAYING | ASKING - {Verb.BEGIN_SESSION} | INTAKE,
}

# Verbs that touch no material: no certificate is asked for.
WITHOUT_CERTIFICATE = frozenset({Verb.BEGIN_SESSION})


def role_opens(actor: Actor, verb: Verb, now: datetime) -> Refusal:  # noqa: ARG001  a rule sees all three
    if any(verb in BY_ROLE.get(role, frozenset()) for role in actor.roles):
        return None
    held = ", ".join(sorted(actor.roles)) or "none"
    return f"{verb} is open to none of your roles ({held}); ask your national administrator"


def country_takes_part(actor: Actor, verb: Verb, now: datetime) -> Refusal:  # noqa: ARG001
    if verb not in BY_PARTICIPATION[actor.participation]:
        return None
    return f"{actor.country} takes part as {actor.participation}, which leaves out {verb}"


def certificate_opens(actor: Actor, verb: Verb, now: datetime) -> Refusal:
    """Synthetic material is open to all, for training."""
    if verb in WITHOUT_CERTIFICATE or actor.purpose is Purpose.TRAINING or actor.is_certified(now):
        return None
    since = f"ran out at {actor.certified_until:%Y-%m-%d %H:%M} UTC" if actor.certified_until else "is missing"
    return f"your certificate {since}, so only the purpose TRAINING is open; ask your trainer"


def token_opens(actor: Actor, verb: Verb, now: datetime) -> Refusal:  # noqa: ARG001
    if actor.scopes is None or verb in actor.scopes:
        return None
    return f"this token is for {', '.join(sorted(actor.scopes)) or 'nothing'}, not for {verb}"


VERB_RULES: tuple[VerbRule, ...] = (token_opens, role_opens, country_takes_part, certificate_opens)


def demand_open(actor: Actor, verb: Verb, now: datetime) -> None:
    """Raises NotAllowed with the first rule's reason."""
    for rule in VERB_RULES:
        if reason := rule(actor, verb, now):
            raise NotAllowed(reason=reason)
