"""Somebody else's id opens nothing. Each right call that names a record, made with the token of another: of another country,
and of another unit of the same country. Both hold the same roles as who may. It changes nothing, and is refused in the words
in which an id of nothing is; afterwards the right one makes the same call, and it is done.
"""

import re
import typing
from collections.abc import Iterator
from enum import Enum
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest
from django.db import connections
from django.http import HttpResponse
from django.test import Client

from concord.access.actor import Actor, begin_session, sign_in
from concord.actions.enrol import OWNER, Standing, UnitFacts, enrol_unit, enrol_user
from concord.actions.installation import Installation
from concord.actions.propose import settle_proposals
from concord.api.endpoint import Endpoint
from concord.api.table import endpoints
from concord.records.user import Token
from concord.site import urls
from concord.values import utc_now
from concord.web.session import COOKIE, Session
from tests.api.program import given
from tests.api.scene import LINES, Right, Scene, send, whole_program
from tests.desk import Desk, Desks
from tests.officers import Officers
from tests.people import fresh_code
from tests.web.visitor import Visitor

ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|(?<=upload=)\w+|(?<=\"upload\":\")\w+")

# What others may do with an id of somebody else's, and why.
OTHERS_MAY = {
    ("POST", "proposals/edit"): "others propose, and the owner answers",
    ("POST", "proposals/merge"): "the same",
    ("POST", "groups"): "a name for a group of one's own",
    ("POST", "seconds"): "an administrator names anybody elsewhere, who then decides for that country",
}
# Nothing is there afterwards, and nothing is said of what there was before.
MAY_BE_REPEATED = {("DELETE", "uploads"), ("DELETE", "seconds")}
OPEN_RECORDS = {"erasures", "restrictions", "suspensions"}  # everybody may know of the contribution, and not change it
ALL_OF_THE_COUNTRY = "its people's, of whatever unit, who hold the role for it"
OF_THE_COUNTRY = dict.fromkeys(
    ("users", "roles", "certificates", "seconds", "duty", "glass/reviews"), ALL_OF_THE_COUNTRY
)


@pytest.fixture
def tables(installation: Installation) -> list[str]:
    with connections[OWNER].cursor() as cursor:
        cursor.execute(
            """select table_name from information_schema.columns
               where table_schema = 'public' and (column_name, data_type) = ('id', 'uuid')"""
        )
        return [name for (name,) in cursor.fetchall()]


def rows_of(tables: list[str], ids: list[str]) -> list[str]:
    """What stands in the database of these records."""
    one = " union all ".join(f'select t::text from "{table}" t where id = any(%(ids)s)' for table in tables)
    with connections[OWNER].cursor() as cursor:
        cursor.execute(one, {"ids": [UUID(one) for one in ids if "-" in one]})
        return sorted(text for (text,) in cursor.fetchall())


def like(actor: Actor, country: str) -> Actor:
    """Somebody with the same roles, of a unit of his own."""
    facts = UnitFacts(country, country, f"Unit {uuid4()}", None, None, None)  # type: ignore[arg-type]
    standing = Standing(tuple(actor.roles))
    made = sign_in(enrol_user(enrol_unit(facts), "Like", "p", actor.purpose, actor.basis, standing))
    if made.roles != actor.roles:  # where there is an administrator, enrolling gives no role
        with connections[OWNER].cursor() as cursor:
            for role in actor.roles:
                cursor.execute(
                    """insert into role_grant (id, user_id, role, granted_at) values (%s, %s, %s, now())""",
                    [uuid4(), made.user, role],
                )
            cursor.execute(
                """insert into certificate (id, user_id, course, issued_at, expires_at)
                   values (%s, %s, 'c', now() - interval '1 second', now() + interval '1 day')""",
                [uuid4(), made.user],
            )
        made = sign_in(made.profile)
    assert made.roles == actor.roles
    return made


def said(response: HttpResponse) -> tuple[int, str]:
    return response.status_code, re.sub(r"[0-9a-f]{64}", "ID", ID.sub("ID", response.content.decode()))


def naming(right: Right) -> list[str]:
    return ID.findall(msgspec.json.encode(right.body).decode() + right.query)


def of_nothing(right: Right) -> Right:
    """The same call with ids that nobody has."""
    others: dict[str, str] = {}

    def other(found: re.Match[str]) -> str:
        return others.setdefault(found[0], str(uuid4()) if "-" in found[0] else uuid4().hex + uuid4().hex)

    body = ID.sub(other, msgspec.json.encode(right.body).decode())
    return Right(right.actor, msgspec.json.decode(body), ID.sub(other, right.query))


def every(installation: Installation) -> list[Endpoint]:
    return [one for methods in endpoints(installation) for one in methods]


def test_an_id_of_somebody_elses_opens_nothing(desk: Desk, desks: Desks, tables: list[str]) -> None:
    urls.publish(desk.installation)
    scene, tried = Scene(desks), set[str]()
    for one in every(desk.installation):
        right = scene.right(one)
        ids = naming(right)
        if not ids or (one.method, one.address) in OTHERS_MAY:
            continue
        countries = [fresh_code()] if one.address in OF_THE_COUNTRY else [fresh_code(), right.actor.country]
        settle_proposals(desk.installation)  # so that no clock runs out meanwhile
        before = rows_of(tables, ids)
        for country in countries:
            if right.actor.is_hub and country == right.actor.country:
                continue  # its staff decides together
            stranger = whole_program(like(right.actor, country))
            refused = send(stranger, one, right)
            name = f"{one.method} {one.address} from {country}"
            told = 200 if (one.method, one.address) in MAY_BE_REPEATED else 404
            assert refused.status_code in (403, told), (name, refused.content)
            if one.address not in OPEN_RECORDS:
                assert said(refused) == said(send(stranger, one, of_nothing(right))), name
            assert rows_of(tables, ids) == before, name
        given(send(whole_program(right.actor), one, right))
        tried.add(one.address)
    assert len(tried) >= 15


# Fields that name somebody's record, and are no way to it; and why.
NO_WAY = {
    ("POST", "restrictions", "units"): "an audience: units of anybody's",
    ("POST", "uploads", "upload"): "a part, which is bytes: tests/api/test_uploads.py",
    ("POST", "glass", "material"): "what a glass is opened for, there or not; see tests/promises/test_secrecy.py",
}
BY_NAME = {"upload", "material"}  # ids that are texts


def fields_of(kind: Any) -> Iterator[str]:
    """Names of those that hold ids, of records inside as well."""
    for name, its in typing.get_type_hints(kind).items():
        parts = set(_parts(its))
        if UUID in parts or name in BY_NAME:
            yield name
        for one in parts:
            if hasattr(one, "__annotations__") and not issubclass(one, Enum | UUID):
                yield from fields_of(one)


def _parts(kind: Any) -> Iterator[type]:
    if inner := typing.get_args(kind):
        for one in inner:
            yield from _parts(one)
    elif isinstance(kind, type):
        yield kind


def test_every_id_that_the_interface_takes_is_tried(desks: Desks) -> None:
    """Or is an exception with its reason: a new field that holds an id fails here until somebody else's was sent in it."""
    scene = Scene(desks)
    taken: set[tuple[str, str, str]] = set()
    tried: set[tuple[str, str, str]] = set()
    for one in every(scene.installation):
        names = [*(fields_of(one.takes) if one.takes else ()), *(its.name for its in one.query if its.name in BY_NAME)]
        taken |= {(one.method, one.address, name) for name in names}
        if names and (one.method, one.address) not in OTHERS_MAY:
            right = scene.right(one)
            tried |= {(one.method, one.address, name) for name in names if name in f"{right.body} {right.query}"}
    others_may = {(method, address, name) for method, address, name in taken if (method, address) in OTHERS_MAY}
    assert taken - tried == NO_WAY.keys() | others_may
    assert len(taken) >= 30


def test_every_exception_is_an_address(installation: Installation) -> None:
    assert OTHERS_MAY.keys() <= LINES.keys()
    assert OF_THE_COUNTRY.keys() <= {address for _, address in LINES}


def test_a_session_opens_no_endpoint(desk: Desk, officers: Officers) -> None:
    """Programs sign in by their token alone: no page of another site can send one along."""
    urls.publish(desk.installation)
    client = Client(SERVER_NAME="localhost")
    client.cookies[COOKIE] = Session.begin(begin_session(officers.token(desk.actor)), utc_now()).sealed()
    assert client.get("/account").status_code == 200
    for one in every(desk.installation):
        assert client.generic(one.method, f"/api/v1/{one.address}").status_code == 401, one.address


def test_nobody_ends_what_another_signs_in_with(installation: Installation, desks: Desks, officers: Officers) -> None:
    ours, theirs = desks.of("XA").actor, desks.of("XA").actor
    token = officers.token(ours)
    held: Any = Token.objects.using(OWNER).get(profile_id=ours.profile, label="test")
    session = begin_session(token)
    visitor = Visitor(installation).signed_in(theirs)
    for address in ("sessions/end", "tokens/revoke", "passkeys/revoke"):
        for record in (session, held.id, ours.profile, ours.user):
            visitor.post(f"/account/{address}", id=str(record))
    assert Token.objects.using(OWNER).get(pk=held.pk).revoked_at is None
    own = Client(SERVER_NAME="localhost")
    own.cookies[COOKIE] = Session.begin(session, utc_now()).sealed()
    urls.publish(installation)
    assert own.get("/account").status_code == 200
