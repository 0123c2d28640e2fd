"""Secrets of invitations, and what a spent or unknown one opens: nothing."""

import hashlib
import secrets
from datetime import timedelta
from uuid import uuid4

import pytest

from concord.access.actor import sign_in_by_session
from concord.access.passkey import (
    NewPasskey,
    add_own,
    begin_invited,
    invite_profile,
    invited,
    known_passkey,
    new_secret,
    own_passkeys,
    revoke_own,
)
from concord.access.session import begin_with_passkey
from concord.actions.installation import Installation
from concord.actions.register import invite_locally
from concord.errors import InvitationSpent
from concord.records.user import UserRole
from concord.values import utc_now
from tests.officers import Officers
from tests.people import Bureau, fresh_code


def made(count: int = 3) -> NewPasskey:
    return NewPasskey(secrets.token_bytes(16), b"public", count, "a key")


def test_a_secret_is_of_256_random_bits_and_kept_as_its_sha256() -> None:
    secret, kept = new_secret()
    assert len(secret) == 43
    assert kept == hashlib.sha256(secret.encode()).digest()
    assert new_secret()[0] != secret


def test_an_invitation_names_its_owner_and_makes_one_passkey_that_is_known_until_it_is_revoked(
    officers: Officers,
) -> None:
    actor, now = officers.of("XA"), utc_now()
    secret, one, second = invite_locally(actor.profile, utc_now), made(), made(0)
    owner = invited(secret, now)
    assert (owner.user, owner.user_name, owner.unit_name) == (actor.user, actor.user_name, actor.unit_name)
    assert (owner.country, owner.credentials) == ("XA", [])
    session = begin_invited(secret, one, now)
    assert sign_in_by_session(session) == actor
    for spent in (lambda: invited(secret, now), lambda: begin_invited(secret, second, now)):
        with pytest.raises(InvitationSpent):
            spent()
    with actor.acting(now):
        assert add_own(actor.profile, second, now + timedelta(seconds=1))
        assert not add_own(actor.profile, second, now)
        mine = own_passkeys()
    assert [(own.credential, own.label, own.made_at, own.used_at) for own in mine] == [
        (one.credential, "a key", now, mine[0].used_at),
        (second.credential, "a key", now + timedelta(seconds=1), None),
    ]
    again = invited(invite_locally(actor.profile, utc_now), now)
    assert set(again.credentials) == {one.credential, second.credential}
    known = known_passkey(one.credential)
    assert known is not None
    assert (known.passkey, known.user, known.public_key, known.sign_count) == (mine[0].id, actor.user, b"public", 3)
    with actor.acting(now):
        assert revoke_own(mine[0].id, now)
        assert not revoke_own(mine[0].id, now)
        assert not revoke_own(uuid4(), now)
    assert known_passkey(one.credential) is None
    assert known_passkey(b"no such") is None
    assert begin_with_passkey(mine[1].id, 0, now) != session


def test_an_invitation_runs_out_and_only_an_administrator_gives_one(installation: Installation) -> None:
    bureau, now = Bureau(fresh_code()), utc_now()
    administrator, officer = bureau.person(UserRole.NATIONAL_ADMINISTRATOR), bureau.person(UserRole.OFFICER)
    secret, kept = new_secret()
    with officer.acting(now):
        assert not invite_profile(administrator.profile, kept, now, now + timedelta(hours=1))
    with administrator.acting(now):
        assert invite_profile(officer.profile, kept, now, now + timedelta(hours=1))
    assert invited(secret, now).user == officer.user
    with pytest.raises(InvitationSpent):
        invited(secret, now + timedelta(hours=1))
