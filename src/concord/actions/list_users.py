"""*List users*: who of one's own country has access, as what, until when; and which of them a name means."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from concord.access.actor import Actor
from concord.access.audit import Verb
from concord.actions.act import act
from concord.actions.installation import Installation
from concord.errors import AmbiguousName, UnknownRecord
from concord.records.user import Certificate, Grant, User


class Known(msgspec.Struct, frozen=True):
    """A user, as his country's administration knows him."""

    user: UUID
    country: str
    unit: str
    name: str
    active: bool
    roles: Sequence[str]
    certified_until: datetime | None  # None: not certified


def list_users(installation: Installation, actor: Actor) -> list[Known]:
    """By unit and name. Raises NotAllowed."""
    with act(actor, Verb.LIST_USERS, installation.clock) as entry:
        known = _known()
        entry.name(*(one.user for one in known))
    return known


def user_called(installation: Installation, actor: Actor, text: str) -> UUID:
    """From an id, a name, or UNIT/NAME where a name is there twice. Raises UnknownRecord, AmbiguousName, NotAllowed."""
    fitting = [
        one
        for one in list_users(installation, actor)
        if text in (str(one.user), one.name, f"{one.unit}/{one.name}", f"{one.country}/{one.unit}/{one.name}")
    ]
    if not fitting:
        raise UnknownRecord(what="user", name=text)
    if len(fitting) > 1:
        raise AmbiguousName(what="user", name=text, known=", ".join(f"{one.unit}/{one.name}" for one in fitting))
    return fitting[0].user


def _known() -> list[Known]:
    roles: dict[UUID, list[str]] = defaultdict(list)
    for user, role in Grant.objects.filter(revoked_at=None).values_list("user_id", "role"):
        roles[user].append(role)
    certified: dict[UUID, datetime] = {}
    for user, until in Certificate.objects.filter(revoked_at=None).values_list("user_id", "expires_at"):
        certified[user] = max(until, certified.get(user, until))
    people = User.objects.select_related("unit").order_by("unit__country_id", "unit__name", "name")
    return [
        Known(
            one.id,
            one.unit.country_id,
            one.unit.name,
            one.name,
            one.active,
            sorted(roles[one.id]),
            certified.get(one.id),
        )
        for one in people
    ]
