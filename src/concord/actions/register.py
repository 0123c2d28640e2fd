"""*Register* a passkey: by invitation, or for oneself after a step-up; and stepping up with one."""

import uuid
from datetime import datetime, timedelta
from typing import Any

from concord.access.actor import Actor, sign_in_by_session
from concord.access.audit import Verb
from concord.access.ceremony import Site, answered, credential_of, registered
from concord.access.challenge import spend_challenge
from concord.access.openid import Said
from concord.access.passkey import (
    Invitation,
    Owner,
    Passkey,
    add_own,
    begin_invited,
    invite_profile,
    invited,
    known_passkey,
    new_secret,
    own_passkeys,
    sha256_of,
)
from concord.access.provider import Registered
from concord.access.recovery import RecoveryCode
from concord.access.session import step_up_with_link, step_up_with_passkey
from concord.access.step_up import FRESH, demand_stepped_up
from concord.access.tries import MOST_OF_SESSION, count_wrong_try, demand_tries_left, source_of_session
from concord.actions.account import in_own_care
from concord.actions.act import act
from concord.actions.enrol import OWNER
from concord.actions.installation import Installation
from concord.actions.sign_in import Presented, shown
from concord.errors import PasskeyRefused, PasskeyThere, ProviderRefused, UnknownRecord
from concord.values import Clock

INVITATION_LASTS = timedelta(hours=24)


def owner_to_register(installation: Installation, actor: Actor) -> Owner:
    """For whom the next passkey is: the actor himself, who showed a moment ago that it is he. Raises NeedsStepUp."""
    with act(in_own_care(actor), Verb.ADD_PASSKEY, installation.clock, only_refusals=True):
        demand_stepped_up(actor, installation.clock())
        credentials = [one.credential for one in own_passkeys()]
        return Owner(actor.user, actor.user_name, actor.unit_name, actor.country, credentials)


def own_credentials(installation: Installation, actor: Actor) -> list[bytes]:
    """Of the actor's passkeys, as their devices call them: with one of them he steps up."""
    with act(in_own_care(actor), Verb.STEP_UP, installation.clock, only_refusals=True):
        return [one.credential for one in own_passkeys()]


def owner_invited(installation: Installation, secret: str, address: str) -> Owner:
    """For whom the invitation is. Raises InvitationSpent, TooManyTries."""
    with shown(installation, address, _invitation(secret)) as now:
        return invited(secret, now)


def register_own(
    installation: Installation, actor: Actor, site: Site, challenge: str, expires_at: datetime, answer: Any, label: str
) -> None:
    """Raises NeedsStepUp, PasskeyRefused, PasskeyThere."""
    fresh = spend_challenge(challenge, expires_at)  # before the act, which a refusal rolls back
    with act(in_own_care(actor), Verb.ADD_PASSKEY, installation.clock) as entry:
        demand_stepped_up(actor, installation.clock())
        _demand(fresh)
        made = registered(site, challenge, answer, label)
        entry.name(made.label)
        if not add_own(actor.profile, made, installation.clock()):
            raise PasskeyThere


def register_invited(
    installation: Installation,
    secret: str,
    site: Site,
    challenge: str,
    expires_at: datetime,
    answer: Any,
    label: str,
    address: str,
) -> uuid.UUID:
    """Makes the passkey and signs in with it, since its device has just verified its owner. Returns the session's id.

    Raises InvitationSpent, PasskeyRefused, TooManyTries.
    """
    with shown(installation, address, _invitation(secret)) as now:
        _demand(spend_challenge(challenge, expires_at))
        return begin_invited(secret, registered(site, challenge, answer, label), now)


def step_up(
    installation: Installation, actor: Actor, site: Site, challenge: str, expires_at: datetime, answer: Any
) -> None:
    """The session is stepped up from its next request on. Raises PasskeyRefused, TooManyTries."""
    now, session = installation.clock(), actor.session
    source = source_of_session(installation.keys.web, actor.seat)
    demand_tries_left(source, MOST_OF_SESSION, now)
    fresh = spend_challenge(challenge, expires_at)  # before the act, which a refusal rolls back
    try:
        with act(in_own_care(actor), Verb.STEP_UP, installation.clock) as entry:
            entry.name(actor.seat)
            _demand(fresh)
            known = known_passkey(credential_of(answer))
            count = answered(site, challenge, answer, known)
            assert known is not None  # noqa: S101  else the answer did not hold
            _demand(session is not None and step_up_with_passkey(session, known.passkey, count, now))
    except PasskeyRefused:
        count_wrong_try(source, now)
        raise


def step_up_by_provider(installation: Installation, session: uuid.UUID, provider: Registered, said: Said) -> None:
    """The same by the country's provider, which has just seen the user. Raises ProviderRefused, SessionEnded."""
    actor, now = sign_in_by_session(session), installation.clock()
    with act(in_own_care(actor), Verb.STEP_UP, installation.clock) as entry:
        entry.name(session)
        if said.verified_at is None or now - said.verified_at > FRESH:
            raise ProviderRefused(cause="it did not ask you anew")
        if not step_up_with_link(session, provider.id, said.subject, said.verified_at):
            raise ProviderRefused(cause="it named somebody else")


def invite(installation: Installation, actor: Actor, profile: uuid.UUID) -> str:
    """The secret of an invitation for a user of the acting administrator's own country. Raises NotAllowed, UnknownRecord."""
    secret, kept = new_secret()
    now = installation.clock()
    with act(in_own_care(actor), Verb.INVITE, installation.clock) as entry:
        entry.name(profile)
        if not invite_profile(profile, kept, now, now + INVITATION_LASTS):
            raise UnknownRecord(what="profile", name=profile)
    return secret


def invite_locally(profile: uuid.UUID, clock: Clock) -> str:
    """The same by the local administration, as the owner of the database."""
    secret, kept = new_secret()
    now = clock()
    Invitation.objects.using(OWNER).create(
        profile_id=profile, secret_sha256=kept, issued_at=now, expires_at=now + INVITATION_LASTS
    )
    return secret


def revoke_passkeys(profile: uuid.UUID, clock: Clock) -> int:
    """All of a profile, by the local administration: passkeys, open invitations and recovery codes. Returns how many
    passkeys there were. Sessions that began with them end with their next request."""
    now = clock()
    Invitation.objects.using(OWNER).filter(profile_id=profile, used_at=None).update(used_at=now)
    RecoveryCode.objects.using(OWNER).filter(profile_id=profile, replaced_at=None).update(replaced_at=now)
    return Passkey.objects.using(OWNER).filter(profile_id=profile, revoked_at=None).update(revoked_at=now)


def _invitation(secret: str) -> Presented:
    return Presented("INVITATION", sha256_of(secret))


def _demand(fits: bool) -> None:
    if not fits:
        raise PasskeyRefused
