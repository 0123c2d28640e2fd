"""The endpoints of a country's own administration, and of the audit."""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from uuid import UUID

import msgspec

from concord.access.audit import Verb
from concord.actions.administer import NewUnit, add_unit, add_user, set_user_active
from concord.actions.certify import certify, revoke_certificates
from concord.actions.enrol import OF_A_NEW_UNIT
from concord.actions.grant import grant, revoke
from concord.actions.installation import Installation
from concord.actions.list_users import Known, list_users
from concord.actions.read_audit import PAGE_ITEMS, AuditPage, Wanted, Whose, read_audit
from concord.api.endpoint import Call, Endpoint, Query, storable
from concord.errors import MalformedRequest
from concord.records.user import UserRole


class NewUser(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A user of a unit of your own country, by the unit's name."""

    name: str
    unit: str


class UnitOf(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A new unit of your own country, and how others reach it. The time zone is an IANA name."""

    name: str
    channel: str = OF_A_NEW_UNIT["channel"]
    hours: str = OF_A_NEW_UNIT["hours"]
    time_zone: str = OF_A_NEW_UNIT["time_zone"]


class AddedUnit(msgspec.Struct, frozen=True):
    """Its id."""

    unit: UUID


class SetUser(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whether a user is let in."""

    user: UUID
    active: bool


class RoleOf(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A user and a role."""

    user: UUID
    role: UserRole


class CertificateOf(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A user who has been trained, in what, and for how many days from now that holds."""

    user: UUID
    course: str
    days: int = 365


class CertifiedUser(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A user whose certificates are taken back."""

    user: UUID


class Users(msgspec.Struct, frozen=True):
    """Of your own country, by unit and name."""

    users: Sequence[Known]


class Done(msgspec.Struct, frozen=True):
    """Whether anything changed: the same again changes nothing."""

    user: UUID
    changed: bool


class Certified(msgspec.Struct, frozen=True):
    """Until when."""

    user: UUID
    until: datetime


AUDIT = (
    Query("whose", f"{Whose.MINE} if not given", {"type": "string", "enum": list(Whose)}),
    Query("verb", "of one kind only", {"type": "string", "enum": list(Verb)}),
    Query("since", "an aware time, ISO 8601", {"type": "string", "format": "date-time"}),
    Query("after", "the `next` of the page before", {"type": "string", "minLength": 1}),
    Query("limit", "entries a page", {"type": "integer", "minimum": 1, "maximum": PAGE_ITEMS, "default": PAGE_ITEMS}),
)


def administration_endpoints(installation: Installation) -> list[list[Endpoint]]:
    limit = installation.config.limits.request_bytes

    def users(call: Call) -> Users:
        return Users(list_users(installation, call.actor))

    def add(call: Call) -> Done:
        unit, name = storable("unit", call.body.unit), storable("name", call.body.name)
        return Done(add_user(installation, call.actor, unit, name), changed=True)

    def enlarge(call: Call) -> AddedUnit:
        said = {name: storable(name, text) for name, text in msgspec.structs.asdict(call.body).items()}
        return AddedUnit(add_unit(installation, call.actor, NewUnit(**said)))

    def set_active(call: Call) -> Done:
        set_user_active(installation, call.actor, call.body.user, active=call.body.active)
        return Done(call.body.user, changed=True)

    def give(call: Call) -> Done:
        return Done(call.body.user, grant(installation, call.actor, call.body.user, call.body.role))

    def take(call: Call) -> Done:
        return Done(call.body.user, revoke(installation, call.actor, call.body.user, call.body.role))

    def issue(call: Call) -> Certified:
        course = storable("course", call.body.course)
        return Certified(call.body.user, certify(installation, call.actor, call.body.user, course, call.body.days))

    def withdraw(call: Call) -> Done:
        return Done(call.body.user, revoke_certificates(installation, call.actor, call.body.user) > 0)

    def audit(call: Call) -> AuditPage:
        return read_audit(
            installation, call.actor, _wanted(call.query), call.query.get("after"), _items(call.query.get("limit"))
        )

    row = partial(Endpoint, limit_bytes=limit)

    return [
        [row("POST", "units", Verb.ADD_UNIT, "Add a unit to your own country.", AddedUnit, enlarge, UnitOf)],
        [
            row("GET", "users", Verb.LIST_USERS, "Who of your country has access.", Users, users),
            row("POST", "users", Verb.ADD_USER, "Let somebody in, without a role yet.", Done, add, NewUser),
            row(
                "PATCH", "users", Verb.DISABLE_USER, "Shut a user out, or let him in again.", Done, set_active, SetUser
            ),
        ],
        [
            row("POST", "roles", Verb.GRANT, "Give a user of your country a role.", Done, give, RoleOf),
            row("DELETE", "roles", Verb.REVOKE, "Take a role back.", Done, take, RoleOf),
        ],
        [
            row("POST", "certificates", Verb.CERTIFY, "Say that a user was trained.", Certified, issue, CertificateOf),
            row("DELETE", "certificates", Verb.REVOKE_CERTIFICATES, "Take it back.", Done, withdraw, CertifiedUser),
        ],
        [Endpoint("GET", "audit", Verb.READ_AUDIT, "Who did what, why.", AuditPage, audit, query=AUDIT)],
    ]


def _wanted(query: dict[str, str]) -> Wanted:
    try:
        whose = Whose(query.get("whose", Whose.MINE))
        since = datetime.fromisoformat(query["since"]) if "since" in query else None
    except ValueError:
        raise MalformedRequest(cause="whose is mine, unit or country, and since a time in ISO 8601") from None
    if since and since.tzinfo is None:
        raise MalformedRequest(cause="since names no time zone")
    return Wanted(
        whose, Verb.parse(query["verb"]) if "verb" in query else None, since.astimezone(UTC) if since else None
    )


def _items(text: str | None) -> int:
    if text is None:
        return PAGE_ITEMS
    if not text.isdecimal() or len(text) > len(str(PAGE_ITEMS)) or not 1 <= int(text) <= PAGE_ITEMS:
        raise MalformedRequest(cause=f"limit={text[:20]} is not a number from 1 to {PAGE_ITEMS}")
    return int(text)
