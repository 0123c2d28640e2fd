"""Four eyes: the rules against a second wording of them, and the database's table against ours."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any
from uuid import UUID

import pytest
from django.db import connections
from hypothesis import assume, find, given
from hypothesis import strategies as st

from concord.access import approval
from concord.access.actor import Actor
from concord.access.approval import (
    DECISION_RULES,
    ENTITLED,
    Approval,
    Kind,
    Request,
    Standing,
    State,
    digest_of,
    may_decide,
    may_use,
)
from concord.actions.installation import Installation
from concord.records.user import UserRole
from concord.values import CountryCode, Purpose

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
IDS = [UUID(int=number) for number in range(1, 5)]
ids = st.sampled_from(IDS)
moments = st.integers(-1, 62).map(lambda minutes: NOW - timedelta(minutes=minutes))

actors = st.builds(
    Actor,
    profile=ids, user=ids, user_name=st.just("Officer"), unit=ids, unit_name=st.just("Unit"),
    country=st.sampled_from([CountryCode("XA"), CountryCode("XB")]), purpose=st.just(Purpose.ADMINISTRATION),
    basis=st.none(), roles=st.frozensets(st.sampled_from(UserRole), max_size=3),
)  # fmt: skip
standings = st.builds(Standing, is_bureau=st.booleans(), is_second=st.booleans(), entitled=st.integers(0, 3))


@st.composite
def requests(draw: st.DrawFn) -> Request:
    request = Request(
        draw(st.sampled_from(Kind)), draw(st.sampled_from(["XA", "XB"])), draw(ids), draw(ids), draw(ids), draw(moments)
    )
    if draw(st.booleans()):
        request = replace(
            request,
            decided_by=draw(ids),
            decided_seat=draw(ids),
            decided_at=draw(moments),
            approved=draw(st.booleans()),
        )
        assume(request.decided_at is not None and request.requested_at <= request.decided_at)
        if request.approved and draw(st.booleans()):
            request = replace(request, used_at=NOW)
    return request


def expected(actor: Actor, request: Request, standing: Standing) -> bool:
    """The duties of docs/duty.md, in other words than the program's."""
    waits = request.decided_at is None and timedelta(0) <= NOW - request.requested_at <= timedelta(minutes=30)
    someone_else = actor.user != request.requested_by and actor.seat != request.requested_seat
    national = {UserRole.NATIONAL_ADMINISTRATOR, UserRole.HUB_ADMINISTRATOR}
    over_all = {UserRole.DATA_PROTECTION} if request.kind is Kind.ERASE else national
    near = standing.is_bureau or actor.unit == request.owner_unit
    supervises = UserRole.SUPERVISOR in actor.roles and near and request.kind not in (Kind.POLICY, Kind.KEY)
    if actor.country == request.owner_country:
        return waits and someone_else and (supervises or bool(actor.roles & over_all))
    return waits and someone_else and standing.is_second and standing.entitled < 2


ME, OTHER = IDS[0], IDS[1]
HALF_AN_HOUR, MOMENT = timedelta(minutes=30), timedelta(microseconds=1)
OFFICER = Actor(ME, ME, "Officer", ME, "Unit", CountryCode("XA"), Purpose.ADMINISTRATION, None)
ASKED = Request(Kind.EXPORT, "XA", ME, OTHER, OTHER, NOW)


def test_whoever_may_decide_is_told_by_role_unit_bureau_country_and_naming() -> None:
    """Every combination of what counts, with one role at a time or none."""
    places = product(("XA", "XB"), (ME, OTHER), (True, False), (True, False), (0, 1, 2, 3))
    for kind, role, (country, unit, is_bureau, is_second, entitled) in product(Kind, (None, *UserRole), list(places)):
        actor = replace(OFFICER, unit=unit, roles=frozenset({role} if role else ()))
        request = replace(ASKED, kind=kind, owner_country=country)
        standing = Standing(is_bureau, is_second, entitled)
        assert (may_decide(actor, request, standing, NOW) is None) is expected(actor, request, standing)


@pytest.mark.parametrize("mine", [{}, {"requested_by": ME}, {"requested_seat": ME}])
@pytest.mark.parametrize(
    "age", [-MOMENT, timedelta(0), timedelta(minutes=29), HALF_AN_HOUR, HALF_AN_HOUR + MOMENT, timedelta(hours=1)]
)
def test_another_person_elsewhere_decides_within_half_an_hour(age: timedelta, mine: dict[str, Any]) -> None:
    request, actor = (
        replace(ASKED, requested_at=NOW - age, **mine),
        replace(OFFICER, roles=frozenset({UserRole.SUPERVISOR})),
    )
    said = may_decide(actor, request, Standing(), NOW)
    assert (said is None) is (not mine and timedelta(0) <= age <= HALF_AN_HOUR)
    assert said is None or "ask" in said or "own request" in said


def test_the_first_reason_why_not_is_told() -> None:
    supervisor = replace(OFFICER, roles=frozenset({UserRole.SUPERVISOR}))
    for request, standing, why in (
        (replace(ASKED, approved=True, decided_at=NOW), Standing(), "the request is APPROVED"),
        (replace(ASKED, requested_by=ME, requested_seat=ME), Standing(), "his own request"),
        (replace(ASKED, requested_seat=ME), Standing(), "in this very session"),
        (replace(ASKED, owner_country="XB"), Standing(), "decided in XB"),
        (replace(ASKED, owner_country="XB"), Standing(is_second=True), "XB has people enough"),
        (replace(ASKED, kind=Kind.KEY), Standing(), "by HUB-ADMINISTRATOR, NATIONAL-ADMINISTRATOR, of the unit"),
    ):
        assert why in (may_decide(supervisor, request, standing, NOW) or "")


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({}, None),
        ({"decided_at": NOW - HALF_AN_HOUR}, None),
        ({"decided_at": NOW - HALF_AN_HOUR - MOMENT}, "it is STALE"),
        ({"decided_at": NOW + MOMENT}, "it is STALE"),
        ({"requested_at": NOW - 2 * HALF_AN_HOUR}, None),  # the decision's clock counts from the decision
        ({"requested_by": OTHER}, "to another"),
        ({"decided_seat": ME}, "in this very session"),
        ({"approved": False}, "it is REFUSED"),
        ({"approved": False, "decided_at": NOW - 2 * HALF_AN_HOUR}, "it is REFUSED"),
        ({"approved": None, "decided_at": None, "decided_by": None, "decided_seat": None}, "it is OPEN"),
        ({"used_at": NOW}, "it is USED"),
        ({"used_at": NOW, "decided_at": NOW - 2 * HALF_AN_HOUR}, "it is USED"),
    ],
)
def test_an_approval_carries_the_act_or_says_why_not(change: dict[str, object], why: str | None) -> None:
    approved = Request(Kind.EXPORT, "XA", ME, ME, ME, NOW, OTHER, OTHER, NOW, approved=True)
    said = may_use(OFFICER, replace(approved, **change), NOW)  # type: ignore[arg-type]
    assert (why or "") in (said or "")
    assert (said is None) is (why is None)


def test_what_is_approved_is_exactly_what_was_asked_for() -> None:
    """The row as the rules see it, and the digest as any other program makes it."""
    known = ["kind", "owner_country_id", "owner_unit_id", "requested_by_id", "requested_seat", "requested_at"]
    values = ["ERASE", "XA", *IDS[:3], NOW, IDS[3], IDS[0], NOW + MOMENT, True, NOW + 2 * MOMENT]
    more = ["decided_by_id", "decided_seat", "decided_at", "approved", "used_at"]
    assert Approval(**dict(zip([*known, *more], values, strict=True))).request() == Request(*values)  # type: ignore[arg-type]
    assert digest_of("abc").hex() == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


@given(actors, requests(), standings)
def test_who_decides(actor: Actor, request: Request, standing: Standing) -> None:
    assert (may_decide(actor, request, standing, NOW) is None) is expected(actor, request, standing)


@pytest.mark.parametrize("missing", DECISION_RULES, ids=lambda rule: rule.__name__)
def test_each_rule_is_needed(missing: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """A planted fault: without one of them somebody decides who must not."""
    monkeypatch.setattr(approval, "DECISION_RULES", tuple(rule for rule in DECISION_RULES if rule is not missing))
    find(
        st.tuples(actors, requests(), standings),
        lambda given: may_decide(*given, NOW) is None and not expected(*given),
    )


@given(actors, requests())
def test_an_approval_is_for_whoever_asked_once_and_soon(actor: Actor, request: Request) -> None:
    good = (
        request.approved is True
        and request.used_at is None
        and request.decided_at is not None
        and timedelta(0) <= NOW - request.decided_at <= timedelta(minutes=30)
        and actor.user == request.requested_by
        and actor.seat != request.decided_seat
    )
    assert (may_use(actor, request, NOW) is None) is good


@given(requests())
def test_a_request_is_in_one_state_and_the_clock_never_opens_it_again(request: Request) -> None:
    later = NOW + timedelta(minutes=31)
    assert request.state(later) in {State.USED, State.REFUSED, State.STALE}
    if request.state(NOW) is State.STALE and request.requested_at <= NOW:
        assert request.state(later) is State.STALE


def test_the_database_has_the_same_table(installation: Installation) -> None:
    def roles(kind: str) -> set[str]:
        with connections["owner"].cursor() as cursor:
            cursor.execute("select duty_roles(%s)", [kind])
            return set(cursor.fetchone()[0])

    assert {kind: roles(kind) for kind in Kind} == {kind: set(ENTITLED[kind]) for kind in Kind}
    assert roles("ANYTHING") == set()
