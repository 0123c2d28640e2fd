"""Other units' records are counted where they are shown; nobody gets past the budget, from however many requests at once."""

import itertools
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.db import connections
from django.db.utils import ProgrammingError

from concord.access.actor import Actor
from concord.access.audit import AuditEntry
from concord.access.budget import Meter
from concord.access.meter import ReadingAlert, spend
from concord.access.reading import ABOVE_MUCH, FACTOR, LEAST, excess
from concord.actions.ask import ask_texts
from concord.actions.enrol import OWNER
from concord.actions.enter import Terms, enter_digests
from concord.actions.installation import Installation
from concord.actions.list_materials import list_materials
from concord.actions.say import open_case
from concord.actions.supervise import answer_reading_alert, list_reading_alerts, watch_reading
from concord.config import Limits
from concord.database.acting import fresh_rows
from concord.errors import BudgetSpent, NotAllowed, UnknownRecord
from concord.records.user import Grant, User, UserRole
from concord.values import Basis, Category, Purpose, utc_now
from tests.officers import Officers

LIMITS = Limits()
COUNTRIES = itertools.count()
numbers = itertools.count(1)
OfficerOf = Callable[[str], Actor]


@pytest.fixture
def officer_of(officers: Officers) -> OfficerOf:
    """For a real purpose."""
    return lambda country: officers.of(country, Purpose.MISSING, Basis.NATIONAL_LAW)


@pytest.fixture
def country() -> str:
    """One that no other test enters anything in."""
    number = next(COUNTRIES)
    return f"Y{chr(ord('A') + number)}"


def _hold(installation: Installation, actor: Actor, count: int) -> list[str]:
    digests = [f"{next(numbers):08x}{uuid4().hex}{'6d' * 12}" for _ in range(count)]
    open_case(installation, actor, "C-1")
    enter_digests(installation, actor, digests, Terms("C-1", Category.CATEGORY_1))
    return digests


def _spend(actor: Actor, items: list[str], now: datetime | None = None, meter: Meter = Meter.VIEW) -> None:
    with actor.acting(now or utc_now()):
        spend(actor, meter, items, LIMITS, now or utc_now())


def _items(count: int) -> list[str]:
    return [f"record {next(numbers)}" for _ in range(count)]


# ---- where records are shown ----------------------------------------------------------------------------------------------


def test_a_listing_of_others_stops_at_the_budget_and_ones_own_goes_on(
    installation: Installation, officer_of: OfficerOf, country: str
) -> None:
    theirs, mine = officer_of(country), officer_of(country)
    digests = _hold(installation, theirs, 150)
    _hold(installation, mine, 5)
    enter_digests(installation, mine, digests[-10:], Terms("C-1", Category.CATEGORY_1))  # held by both: not counted
    first = list_materials(installation, mine, None, 80)
    assert list_materials(installation, mine, None, 80) == first  # seen already
    with pytest.raises(BudgetSpent, match=r"of 100 in 24 hours"):
        list_materials(installation, mine, first.next, 80)
    with mine.acting(utc_now()):
        refused = AuditEntry.objects.filter(user=mine.user, reason="budget_spent").get()
    assert refused.item_count == 80  # what was refused is named
    assert len(list_materials(installation, mine, None, 80, own_unit=True).materials) == 15
    training = replace(mine, purpose=Purpose.TRAINING)
    assert list_materials(installation, training, None, 80).materials == []  # nothing real is met, and nothing counted


def test_questions_by_digest_are_not_counted_and_those_by_a_bare_hash_are(
    installation: Installation, officer_of: OfficerOf
) -> None:
    asker = officer_of("XA")
    ask_texts(installation, asker, [f"{one:064x}" for one in range(300)])
    hashes = [f"pdq:{uuid4().hex}{uuid4().hex}" for _ in range(51)]
    ask_texts(installation, asker, hashes[:30])
    ask_texts(installation, asker, hashes[:30])  # the same again tells nothing new
    with pytest.raises(BudgetSpent, match="bare hash: 30 of 50"):
        ask_texts(installation, asker, hashes[30:])
    ask_texts(installation, asker, hashes[30:50])


# ---- the meter --------------------------------------------------------------------------------------------------------------


def test_each_purpose_has_its_own_bound(officer_of: OfficerOf) -> None:
    with pytest.raises(BudgetSpent, match="0 of 50"):
        _spend(replace(officer_of("XA"), purpose=Purpose.QUALITY), _items(51))


def test_the_window_slides_and_the_refusal_says_when_enough_fits_again(officer_of: OfficerOf) -> None:
    actor, now = officer_of("XA"), utc_now()
    _spend(actor, _items(40), now)
    _spend(actor, _items(60), now + timedelta(hours=5))
    with pytest.raises(BudgetSpent) as refused:
        _spend(actor, _items(41), now + timedelta(hours=23))
    assert f"{now + timedelta(hours=29):%Y-%m-%d %H:%M} UTC" in str(refused.value)
    _spend(actor, _items(40), now + timedelta(hours=24, seconds=1))
    with pytest.raises(BudgetSpent, match="Ask for fewer"):
        _spend(actor, _items(101), now + timedelta(hours=72))


def test_another_purpose_gains_nothing(officer_of: OfficerOf) -> None:
    actor = officer_of("XA")
    _spend(actor, _items(60))
    other = replace(actor, purpose=Purpose.QUALITY)
    with pytest.raises(BudgetSpent, match="60 of 100"):
        _spend(other, _items(41))
    _spend(other, _items(40))
    with pytest.raises(BudgetSpent):
        _spend(actor, _items(1))


def test_requests_at_the_same_moment_do_not_share_what_is_left(officer_of: OfficerOf) -> None:
    actor = officer_of("XA")

    def fits(items: list[str]) -> bool:
        try:
            _spend(actor, items)
        except BudgetSpent:
            return False
        finally:
            connections["default"].close()
        return True

    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(fits, [_items(30) for _ in range(8)]))
    assert sum(done) == 3


def test_the_program_cannot_touch_the_meter_but_through_its_function(officer_of: OfficerOf) -> None:
    actor = officer_of("XA")
    for statement in ("select * from meter", "delete from meter", "update meter set at = now() - interval '2 days'"):
        with pytest.raises(ProgrammingError, match="permission denied"), actor.acting(utc_now()):
            fresh_rows(statement, [])


# ---- alerts -----------------------------------------------------------------------------------------------------------------


def _supervisor(officers: Officers, of: Actor, role: UserRole = UserRole.SUPERVISOR) -> Actor:
    """Of the same unit."""
    other = officers.of(of.country)
    user = User.objects.using(OWNER).get(pk=other.user)
    User.objects.using(OWNER).filter(pk=user.pk).update(unit_id=of.unit)
    Grant.objects.using(OWNER).create(user=user, role=role, granted_at=utc_now())
    return replace(other, unit=of.unit, unit_name=of.unit_name, roles=frozenset({role}), purpose=Purpose.ADMINISTRATION)


@pytest.fixture
def far_ahead(installation: Installation) -> Iterator[Installation]:
    """Long after what other tests have left, which is forgotten with it."""
    now = utc_now() + timedelta(days=365 + 90 * next(COUNTRIES))
    yield replace(installation, clock=lambda: now)


def test_the_unit_supervisor_learns_of_slow_reading_and_nobody_else(
    far_ahead: Installation, officer_of: OfficerOf, officers: Officers
) -> None:
    reader = officer_of("XA")
    supervisor, colleague = _supervisor(officers, reader), officer_of("XA")
    stranger = _supervisor(officers, colleague)
    now = far_ahead.clock()
    for day, count in reversed([*enumerate([25] * 3 + [10] * 28)]):
        _spend(reader, _items(count), now - timedelta(days=day, hours=1))
    (alert,) = list_reading_alerts(far_ahead, supervisor)
    assert (alert.user, alert.count, alert.norm) == (reader.user, 75, 30)
    assert list_reading_alerts(far_ahead, stranger) == []
    with pytest.raises(NotAllowed):
        list_reading_alerts(far_ahead, reader)
    with pytest.raises(UnknownRecord):
        answer_reading_alert(far_ahead, stranger, alert.alert, "mine")
    Grant.objects.using(OWNER).create(user_id=reader.user, role=UserRole.SUPERVISOR, granted_at=utc_now())
    own = replace(reader, roles=frozenset({UserRole.SUPERVISOR}))
    assert list_reading_alerts(far_ahead, own) == []  # not even a supervisor of himself
    with pytest.raises(UnknownRecord):
        answer_reading_alert(far_ahead, own, alert.alert, "nothing")
    answer_reading_alert(far_ahead, supervisor, alert.alert, "a large case")
    assert list_reading_alerts(far_ahead, supervisor) == []
    assert list_reading_alerts(far_ahead, supervisor, True)[0].finding == "a large case"


def test_where_nobody_else_supervises_data_protection_stands_in(
    far_ahead: Installation, officer_of: OfficerOf, officers: Officers
) -> None:
    reader = officer_of("XA")
    protector = _supervisor(officers, officer_of("XA"), UserRole.DATA_PROTECTION)
    _spend(reader, _items(40), far_ahead.clock() - timedelta(hours=1))
    assert [one.user for one in list_reading_alerts(far_ahead, protector)] == [reader.user]
    _supervisor(officers, reader)
    assert list_reading_alerts(far_ahead, protector) == []


def test_the_database_finds_what_the_rule_finds(far_ahead: Installation, officer_of: OfficerOf) -> None:
    now = far_ahead.clock()
    per_day = [
        [20, 20, 20, *[10] * 28],
        [20, 20, 19, *[10] * 28],
        [30],
        [29],
        [60, 0, 0, *[30, 0, 0] * 9],
        [22, 22, 22, *[10] * 20, *[22] * 4, *[10] * 4],
        [0, 31, 0, 0, 0, 0, 7, 9, 0, 0, 12],
    ]
    readers = [officer_of("XA") for _ in per_day]
    for reader, days in zip(readers, per_day, strict=True):
        for day, count in reversed([*enumerate(days)]):
            _spend(reader, _items(count), now - timedelta(days=day, hours=1))
    watch_reading(now)
    raised = ReadingAlert.objects.using(OWNER).filter(user__in=[one.user for one in readers])
    found = {one.user_id: (one.count, one.norm) for one in raised}
    expected = {reader.user: excess(days) for reader, days in zip(readers, per_day, strict=True)}
    assert found == {user: (one.count, one.norm) for user, one in expected.items() if one}
    assert 0 < len(found) < len(per_day)
    assert (LEAST, FACTOR, ABOVE_MUCH) == (30, 2, 1.25)


def test_what_is_near_is_forty_bits_away_and_not_one_more(
    installation: Installation, officer_of: OfficerOf, officers: Officers
) -> None:
    """Questions that lie around one, at the same distance, and further from one another; then that one."""
    for bits, count in ((40, 1), (41, 0)):
        walker, start = officer_of("XA"), uuid4().int << 128 | uuid4().int
        around = [start ^ ((1 << bits) - 1) << 25 * step for step in range(8)]
        ask_texts(installation, walker, [f"pdq:{one:064x}" for one in around])
        supervisor = _supervisor(officers, walker)
        assert list_reading_alerts(installation, supervisor) == []
        ask_texts(installation, walker, [f"pdq:{start:064x}"])
        assert len(list_reading_alerts(installation, supervisor)) == count


def test_a_walk_around_one_hash_is_noticed(
    installation: Installation, officer_of: OfficerOf, officers: Officers
) -> None:
    """Of some 256 questions that flip a bit each, the ninth; hashes that have nothing to do with one another never."""
    walker, ordinary = officer_of("XA"), officer_of("XA")
    supervisor = _supervisor(officers, walker)
    start = uuid4().int << 128 | uuid4().int
    ask_texts(installation, ordinary, [f"pdq:{uuid4().hex}{uuid4().hex}" for _ in range(40)])
    ask_texts(installation, walker, [f"pdq:{start ^ 1 << bit:064x}" for bit in range(8)])
    assert list_reading_alerts(installation, supervisor) == []
    ask_texts(installation, walker, [f"pdq:{start ^ 1 << 8:064x}"])
    (alert,) = list_reading_alerts(installation, supervisor)
    assert (alert.user, alert.kind, alert.count) == (walker.user, "NEAR-HASHES", 9)
    assert not ReadingAlert.objects.using(OWNER).filter(user=ordinary.user).exists()


def test_whoever_is_shown_nothing_of_others_costs_no_question(officers: Officers) -> None:
    spend(
        officers.of("XA", Purpose.QUALITY), Meter.VIEW, [], Limits(), utc_now()
    )  # in no transaction: one would be refused
