"""Which verbs are open to whom: by role, by how far the country takes part, by certificate, by the token's scopes.

Closed when empty: a verb that stands in no row is open to nobody. The database holds what concerns records; these tables
say why, before it is asked.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from uuid import UUID

from concord.access.actor import Actor
from concord.access.audit import Verb
from concord.errors import CertificateNeeded, NotAllowed, NotTakingPart, OutOfScope, RoleNeeded
from concord.records.country import Participation
from concord.records.user import UserRole
from concord.values import Purpose

VerbRule = Callable[[Actor, Verb, datetime], NotAllowed | None]

ASKING = frozenset({Verb.ASK, Verb.LIST_MATERIALS, Verb.READ_STATEMENTS, Verb.UPLOAD})
INTAKE = frozenset(
    {
        Verb.OPEN_INTAKE, Verb.FILL_INTAKE, Verb.SHOW_INTAKE, Verb.LIST_INTAKES, Verb.ASK_INTAKE, Verb.ERASE_INTAKE,
        Verb.ADD_ORDINARY, Verb.LIST_ORDINARY, Verb.REMOVE_ORDINARY,
    }
)  # fmt: skip
SAYING = frozenset({Verb.ENTER, Verb.IDENTIFY, Verb.OPEN_CASE, Verb.ADD_PERSON, Verb.ADD_APPEARANCE, Verb.OPEN_SERIES})
ADMINISTERING = frozenset(
    {
        Verb.ADD_UNIT, Verb.ADD_USER, Verb.LIST_USERS, Verb.DISABLE_USER, Verb.ENABLE_USER, Verb.NAME_BUREAU,
        Verb.GRANT, Verb.REVOKE, Verb.REVOKE_CERTIFICATES, Verb.INVITE, Verb.CLEAR_USER,
    }
)  # fmt: skip
SIGNING_IN = frozenset(
    {
        Verb.BEGIN_SESSION, Verb.END_SESSION, Verb.STEP_UP, Verb.SHOW_ACCOUNT, Verb.ADD_PASSKEY, Verb.REVOKE_PASSKEY,
        Verb.REVOKE_TOKEN, Verb.MAKE_RECOVERY_CODES,
    }
)  # fmt: skip
RESTRICTING = frozenset(
    {Verb.RESTRICT, Verb.SHOW_RESTRICTION, Verb.CHANGE_GROUP, Verb.LIST_GROUPS, Verb.LIST_ALERTS, Verb.ANSWER_ALERT}
)
PROPOSING = frozenset({Verb.PROPOSE, Verb.ANSWER_PROPOSAL, Verb.WITHDRAW_PROPOSAL})
SUPERVISING = frozenset({Verb.SUPERVISE, Verb.ANSWER_SUPERVISION, Verb.WIDEN_BUDGET})
SUSPENDING = frozenset({Verb.SUSPEND, Verb.LIFT_SUSPENSION, Verb.COUNT_OVERDUE})  # the hub's: actions/suspend.py
REQUESTING = frozenset({Verb.REQUEST_APPROVAL, Verb.LIST_DUTY})
DECIDING = REQUESTING | {Verb.DECIDE}  # which kinds each role decides: access/approval.py
GRAVE = REQUESTING | {Verb.ERASE, Verb.EXPORT}
REVIEWING = frozenset({Verb.LIST_GLASS, Verb.REVIEW_GLASS})
GLASS = frozenset({Verb.OPEN_GLASS, Verb.CLOSE_GLASS, Verb.LIST_GLASS})
FOR_ALL = SIGNING_IN | {Verb.READ_AUDIT}  # one's own entries are everyone's to read

# One's own, and the way out: nothing else.
WITHOUT_ROLE = frozenset({Verb.SHOW_ACCOUNT, Verb.READ_AUDIT, Verb.END_SESSION})

BY_ROLE: Mapping[UserRole, frozenset[Verb]] = {
    UserRole.OFFICER: FOR_ALL
    | GRAVE
    | GLASS
    | ASKING
    | INTAKE
    | SAYING
    | RESTRICTING
    | PROPOSING
    | {Verb.LIST_SUSPENSIONS, Verb.LIST_PROPOSALS},
    UserRole.ANALYST: FOR_ALL
    | GRAVE
    | GLASS
    | ASKING
    | INTAKE
    | SAYING
    | RESTRICTING
    | SUSPENDING
    | PROPOSING
    | {Verb.ASK_HASH, Verb.LIST_SUSPENSIONS, Verb.LIST_PROPOSALS, Verb.DECIDE_PROPOSAL},
    UserRole.SUPERVISOR: FOR_ALL
    | GRAVE
    | DECIDING
    | GLASS
    | REVIEWING
    | ASKING
    | INTAKE
    | RESTRICTING
    | SUSPENDING
    | PROPOSING
    | SUPERVISING
    | {Verb.LIST_USERS, Verb.LIST_SUSPENSIONS, Verb.LIST_PROPOSALS, Verb.DECIDE_PROPOSAL},
    UserRole.NATIONAL_ADMINISTRATOR: FOR_ALL
    | DECIDING
    | REVIEWING
    | {Verb.NAME_SECOND}
    | ADMINISTERING
    | {Verb.SET_PARTICIPATION},
    UserRole.HUB_ADMINISTRATOR: FOR_ALL | DECIDING | {Verb.NAME_SECOND} | ADMINISTERING,
    UserRole.AUDITOR: FOR_ALL | {Verb.LIST_GLASS} | {Verb.LIST_USERS},
    UserRole.DATA_PROTECTION: FOR_ALL | DECIDING | REVIEWING | SUPERVISING | {Verb.LIST_USERS},
    UserRole.TRAINER: FOR_ALL | {Verb.LIST_USERS, Verb.CERTIFY, Verb.REVOKE_CERTIFICATES},
}

# What a country's way of taking part closes, whatever the role. Its own office work stays open to all.
LEFT_OUT: Mapping[Participation, frozenset[Verb]] = {
    Participation.FULL: frozenset(),
    Participation.HASH_ONLY: frozenset(),  # it enters digests: `may_enter_files` below
    Participation.READ_ONLY: SAYING | {Verb.PROPOSE},
    Participation.REFERRAL_ONLY: SAYING | ASKING | INTAKE | {Verb.ASK_HASH, Verb.PROPOSE, Verb.OPEN_GLASS},
}

# Verbs that touch no material: no certificate is asked for.
WITHOUT_CERTIFICATE = (
    FOR_ALL
    | ADMINISTERING
    | DECIDING
    | REVIEWING
    | {Verb.NAME_SECOND}
    | SUPERVISING
    | {Verb.SET_PARTICIPATION, Verb.CERTIFY}
)


# What a machine's token opens only where it names it: one without bounds does not.
NAMED_SCOPES = frozenset({Verb.ASK_HASH, Verb.DECIDE, Verb.OPEN_GLASS})


def token_opens(actor: Actor, verb: Verb, now: datetime) -> NotAllowed | None:  # noqa: ARG001  a rule sees all three
    if actor.scopes is None and not (verb in NAMED_SCOPES and actor.is_machine):
        return None
    if actor.scopes is not None and verb in actor.scopes:
        return None
    opens = "what needs no naming" if actor.scopes is None else ", ".join(sorted(actor.scopes)) or "nothing"
    return OutOfScope(scopes=opens, verb=verb)


def counts_there(role: UserRole, is_hub: bool) -> bool:
    """An administrator is one of the hub or of a country. Neither role is granted on the other side, nor opens anything there."""
    other = UserRole.NATIONAL_ADMINISTRATOR if is_hub else UserRole.HUB_ADMINISTRATOR
    return role is not other


def role_opens(actor: Actor, verb: Verb, now: datetime) -> NotAllowed | None:  # noqa: ARG001
    if verb in WITHOUT_ROLE or any(verb in BY_ROLE[role] and counts_there(role, actor.is_hub) for role in actor.roles):
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


def may_grant(actor: Actor, user: UUID, role: UserRole) -> str | None:
    """The reason why not. That the user is of the actor's own country is known by his being seen at all."""
    if user == actor.user:
        return "nobody grants himself a role; ask another administrator"
    if role is UserRole.HUB_ADMINISTRATOR and not actor.is_hub:
        return f"{role} is a role of the hub's own staff, and the hub's to grant"
    if role is UserRole.NATIONAL_ADMINISTRATOR and actor.is_hub:
        return f"{role} is a country's to grant: the hub decides on nobody's people but its own"
    return None


def may_enter_files(actor: Actor) -> NotAllowed | None:
    """A country that takes part by digests alone keeps its files at home."""
    if actor.participation is not Participation.HASH_ONLY:
        return None
    return NotTakingPart(country=actor.country, participation=actor.participation, verb="entering files: enter digests")
