"""Many users at one server, over few kept connections and in many threads: each gets his own answers, as if he were alone.

And who is nobody, or says that he is somebody else, gets none.
"""

import hashlib
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import msgspec
import pytest
from django.core.signing import Signer
from django.db import connections, transaction
from django.db.utils import DataError, ProgrammingError

from concord.access.actor import Actor, begin_session
from concord.access.audit import AuditEntry
from concord.actions.enrol import OWNER
from concord.actions.enter import Terms, enter_digests
from concord.actions.share import make_group
from concord.database.acting import before_anybody
from concord.records.user import Token
from concord.values import Category, Purpose, utc_now
from concord.web.session import COOKIE, SALT, Session
from tests.desk import Desk, Desks
from tests.officers import Officers
from tests.people import fresh_code

REQUESTS, CAMPAIGN = 1_000, 10_000
THREADS = 8
COUNTRIES, OF_EACH = 4, 5
PURPOSES = ("TRAINING", "MISSING")


@dataclass(frozen=True)
class Somebody:
    actor: Actor
    token: str
    cookie: str


@dataclass(frozen=True)
class Question:
    method: str
    address: str
    body: bytes = b""


SESSION, GROUPS = Question("GET", "/api/v1/session"), Question("GET", "/api/v1/groups")
LISTING, PAGE = Question("GET", "/api/v1/materials?whose=unit"), Question("GET", "/account")


def ask(digest: str) -> Question:
    return Question("POST", "/api/v1/ask", msgspec.json.encode({"item": digest}))


@contextmanager
def line(url: str) -> Iterator[HTTPConnection]:
    with closing(HTTPConnection(urlsplit(url).netloc, timeout=180)) as made:
        yield made


def said(at: HTTPConnection, question: Question, headers: dict[str, str]) -> tuple[int, bytes]:
    at.request(question.method, question.address, question.body, {"Content-Type": "application/json", **headers})
    response = at.getresponse()
    return response.status, response.read()


def answer_of(at: HTTPConnection, who: Somebody, question: Question, purpose: str) -> tuple[int, Any]:
    """Of a page what is named on it: it carries a new secret each time."""
    if question is PAGE:
        status, page = said(at, question, {"Cookie": f"{COOKIE}={who.cookie}"})
        return status, [name for name in named if name.encode() in page]
    headers = {"Authorization": f"Bearer {who.token}", "Concord-Purpose": purpose}
    return said(at, question, headers)


named: list[str] = []


def _held(desk: Desk) -> list[str]:
    """Two that its country alone knows of, and two that all know of."""
    digests = [hashlib.sha256(f"{desk.actor.unit} {number}".encode()).hexdigest() for number in range(4)]
    terms = Terms(desk.case, Category.CATEGORY_1)
    enter_digests(desk.installation, desk.actor, digests[:2], terms)
    restricted = Terms(desk.case, Category.CATEGORY_1, own_country_only="an operation")
    enter_digests(desk.installation, desk.actor, digests[2:], restricted)
    return digests


def test_of_twenty_users_at_once_each_gets_his_own(
    live_server_url: str, desks: Desks, officers: Officers, request: pytest.FixtureRequest
) -> None:
    at_desks = [desks.of(country) for country in (fresh_code() for _ in range(COUNTRIES)) for _ in range(OF_EACH)]
    people, digests = [], []
    for desk in at_desks:
        digests += _held(desk)
        make_group(desk.installation, desk.actor, f"of {desk.actor.user_name}")
        token = officers.token(desk.actor)
        cookie = Session.begin(begin_session(officers.token(desk.actor)), utc_now()).sealed()
        people.append(Somebody(desk.actor, token, cookie))
    named[:] = [who.actor.user_name + "<" for who in people] + [who.actor.unit_name + "<" for who in people]
    chance = random.Random(5)
    questions = [SESSION, GROUPS, LISTING, PAGE, *map(ask, chance.sample(digests, 8))]
    count = CAMPAIGN if request.config.getoption("--long") else REQUESTS
    plan = [(chance.choice(people), chance.choice(questions), chance.choice(PURPOSES)) for _ in range(count)]
    with line(live_server_url) as alone:
        expected = {one: answer_of(alone, *one) for one in set(plan)}
    assert {status for status, _ in expected.values()} == {200}
    assert len({repr(answer) for (_, question, _), answer in expected.items() if question is SESSION}) >= len(people)
    assert len({repr(answer) for answer in expected.values()}) > len(people) * 3  # what is alike proves nothing
    before = _entries(people)

    def run(part: Sequence[tuple[Somebody, Question, str]]) -> list[str]:
        """What was wrong. Everybody's requests go over the one connection in turn."""
        wrong = []
        with line(live_server_url) as shared:
            for who, question, purpose in part:
                if (got := answer_of(shared, who, question, purpose)) != expected[who, question, purpose]:
                    wrong.append(f"{who.actor.user_name} {question}: {got}")
        return wrong

    with ThreadPoolExecutor(THREADS) as pool:
        parts = [plan[start::THREADS] for start in range(THREADS)]
        assert [fault for faults in pool.map(run, parts) for fault in faults] == []
    asked = Counter((who.actor.user, purpose) for who, question, purpose in plan if question is not PAGE)
    asked += Counter((who.actor.user, Purpose.ADMINISTRATION.value) for who, question, _ in plan if question is PAGE)
    assert _entries(people) - before == asked  # each under his own name, for the purpose that he said


def _entries(people: Sequence[Somebody]) -> Counter[tuple[Any, str]]:
    users = [who.actor.user for who in people]
    return Counter(AuditEntry.objects.using(OWNER).filter(user__in=users).values_list("user", "purpose"))


# ---- who is nobody ----------------------------------------------------------------------------------------------------


def test_a_forged_sign_in_is_nobodys(live_server_url: str, desks: Desks, officers: Officers) -> None:
    victim, attacker = desks.of("XA").actor, desks.of("XB").actor
    token, own = officers.token(victim), officers.token(attacker)
    session, now = begin_session(officers.token(victim)), utc_now()
    sealed = Session.begin(session, now).sealed()
    times = [now.timestamp(), now.timestamp()]
    theirs = Session.begin(begin_session(officers.token(attacker)), now).sealed()
    ended = Session.begin(uuid4(), now).sealed()  # rightly signed, of no session
    kept = Token.objects.using(OWNER).filter(profile_id=victim.profile).values_list("secret_sha256", flat=True)[0]
    cookies = [
        *(
            ended,
            sealed[:-1],
            sealed[:-1] + ("A" if sealed[-1] != "A" else "B"),
            sealed.split(":")[0],
            "",
            str(session),
        ),
        Signer(salt=SALT, key="another key").sign_object([str(session), *times]),
        Signer(salt="another salt").sign_object([str(session), *times]),
        f"{sealed.split(':')[0]}:{theirs.split(':')[1]}",  # another's signature
    ]
    tokens = [
        *(token[:-1], token + "x", token.swapcase(), token[::-1], bytes(kept).hex(), str(victim.user)),
        *(str(victim.profile), str(session), sealed, "*", "' or true --", f"{own},{token}x"),
    ]
    with line(live_server_url) as at:
        assert said(at, PAGE, {"Cookie": f"{COOKIE}={sealed}"})[0] == 200
        assert said(at, SESSION, {"Authorization": f"Bearer {token}"})[0] == 200
        before = AuditEntry.objects.using(OWNER).filter(user=victim.user, outcome="DONE").count()
        for cookie in cookies:
            assert said(at, PAGE, {"Cookie": f"{COOKIE}={cookie}"})[0] == 302, cookie
        for forged in tokens:
            assert said(at, SESSION, {"Authorization": f"Bearer {forged}"})[0] in (401, 429), forged
        for headers in ({"Cookie": f"{COOKIE}={sealed}"}, {"Cookie": f"token={token}"}):  # the API knows no cookie
            assert said(at, SESSION, headers)[0] == 401
    assert AuditEntry.objects.using(OWNER).filter(user=victim.user, outcome="DONE").count() == before


@pytest.mark.parametrize(
    ("missing", "value"),
    [(name, value) for name in ("country", "unit", "user") for value in (None, "")]
    + [(name, value) for name in ("unit", "user") for value in (" ", "%", "' or true --")],
)
def test_an_actor_that_is_not_whole_meets_no_record(desks: Desks, missing: str, value: str | None) -> None:
    """Each setting in turn is not set, empty, or no id: what hangs on it raises, or is not there."""
    desk = desks.of("XA")
    _held(desk)
    actor = desk.actor
    right = {
        "country": actor.country,
        "unit": str(actor.unit),
        "user": str(actor.user),
        "purpose": "TRAINING",
        "reach": "TRAINING",
        "roles": ",OFFICER,",
        "seat": str(uuid4()),
    }
    hangs_on = {
        "country": "select count(*) from instance",
        "unit": 'select count(*) from "case"',
        "user": 'select count(*) from audit_entry where "user" = acting_user()',
    }[missing]

    def count(settings: dict[str, str | None]) -> int:
        with before_anybody(), transaction.atomic(), connections["default"].cursor() as cursor:
            for name, given in settings.items():
                if given is not None:
                    cursor.execute("select set_config(%s, %s, true)", [f"concord.{name}", given])
            cursor.execute(hangs_on)
            return int(cursor.fetchone()[0])

    assert count(right) > 0
    try:
        assert count(right | {missing: value}) == 0
    except (ProgrammingError, DataError) as error:
        assert "is set" in str(error) or "invalid input syntax for type uuid" in str(error)
