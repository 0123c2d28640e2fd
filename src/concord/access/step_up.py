"""Step-up: what is grave is done only by somebody who showed a moment ago that it is he who sits there.

Exports, revealing identities, erasing, and new ways of signing in ask for it. Of a session the moment is its sign-in by
passkey, or its last step-up. A token never steps up: nobody sits there. A local profile needs none: whoever can read the
home can read its keys and write its database, so a question here would protect nothing (docs/adr/0012).
"""

from datetime import datetime, timedelta

from concord.access.actor import Actor
from concord.errors import NeedsStepUp

FRESH = timedelta(minutes=5)
Refusal = str | None


def stepped_up(actor: Actor, now: datetime) -> Refusal:
    """None: he did. Else why not."""
    if actor.is_local:
        return None
    if actor.session is None:
        return "a token cannot show that somebody is there"
    if actor.stepped_up_at is None:
        return "you have not shown it in this session"
    if now - actor.stepped_up_at > FRESH:
        return f"you last showed it more than {FRESH // timedelta(minutes=1)} minutes ago"
    return None


def demand_stepped_up(actor: Actor, now: datetime) -> None:
    """Raises NeedsStepUp with the reason."""
    if reason := stepped_up(actor, now):
        raise NeedsStepUp(reason=reason)
