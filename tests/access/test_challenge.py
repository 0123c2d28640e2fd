"""A challenge is answered once."""

import secrets
from datetime import timedelta

from concord.access.challenge import spend_challenge
from concord.actions.installation import Installation
from concord.values import utc_now


def test_a_challenge_is_spent_by_the_first_who_answers(installation: Installation) -> None:
    one, other, until = secrets.token_urlsafe(32), secrets.token_urlsafe(32), utc_now() + timedelta(minutes=5)
    assert [spend_challenge(which, until) for which in (one, one, other, one)] == [True, False, True, False]
