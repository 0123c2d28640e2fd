"""Whether anything stands on an instance is kept by the database alone; and one statement tells of digests what several do."""

import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from queue import SimpleQueue
from uuid import UUID

import pytest
from django.db import connections, transaction

from concord.actions.enrol import OWNER
from concord.actions.enter import Terms, enter_digests
from concord.actions.look_up import look_up
from concord.records.answer import Evidence
from concord.records.case import Contribution
from concord.records.evidence import Lookup, Probe, gather
from concord.records.material import Instance
from concord.values import Category, Digest, DigestKind
from tests.desk import Desk, Desks

SUBJECTS = ("instance", "contribution")

WRONG = """
select count(*) from instance i join contribution c on c.id = i.contribution_id
where i.guarded <> (i.restriction_id is not null or i.suspended or c.restriction_id is not null or c.suspended
                    or i.basis <> c.basis)"""


def _known(desk: Desk, name: str, *, hidden: bool) -> list[bytes]:
    digests = [sha256(f"{desk.actor.unit} {name} {number}".encode()).digest() for number in range(4)]
    terms = Terms(desk.case, Category.CATEGORY_1, own_country_only="a running operation" if hidden else None)
    enter_digests(desk.installation, desk.actor, [one.hex() for one in digests], terms)
    return digests


def test_whatever_is_written_an_instance_is_guarded_exactly_while_something_stands_on_it(desks: Desks) -> None:
    desk = desks.of("XA")
    _known(desk, "open", hidden=False)
    _known(desk, "hidden", hidden=True)
    unit, chance = desk.actor.unit, random.Random(4)
    with connections[OWNER].cursor() as cursor:
        cursor.execute("select id from restriction where owner_unit_id = %s", [unit])
        restrictions = [None, *(one for (one,) in cursor.fetchall())]
        for _ in range(60):
            subject = chance.choice(SUBJECTS)
            cursor.execute(f"select id from {subject} where owner_unit_id = %s order by id", [unit])
            (record,) = chance.choice(cursor.fetchall())
            change = chance.choice(("suspended = not suspended", "restriction_id = %s::uuid"))
            values = [chance.choice(restrictions)] if "%s" in change else []
            cursor.execute(f"update {subject} set {change} where id = %s", [*values, record])
            cursor.execute(WRONG)
            assert cursor.fetchone() == (0,)
        cursor.execute("update instance set guarded = not guarded where owner_unit_id = %s", [unit])  # by hand
        cursor.execute(WRONG)
        assert cursor.fetchone() == (0,)


ENTER = """
insert into instance ({columns}, id, path, restriction_id, suspended)
select {columns}, gen_random_uuid(), 'entered meanwhile', null, false
from instance where contribution_id = %(contribution)s limit 1"""
CHANGES = {  # of the contribution, and whether the new instance is guarded then
    "restriction_id = %(restriction)s": True,
    "restriction_id = null": False,
    "suspended = true": True,
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("enters_first", [True, False])
def test_who_enters_and_who_restricts_at_the_same_moment_wait_for_one_another(
    desks: Desks, change: str, enters_first: bool
) -> None:
    """Two connections: the second is seen to wait for the first, and whoever came first, it is right in the end."""
    desk = desks.of("XA")
    _known(desk, "held", hidden=(was_hidden := "null" in change))
    _known(desk, "other", hidden=True)  # another contribution, for its restriction
    facts = dict(_contributions(desk))
    facts = {"contribution": facts[was_hidden][0], "restriction": facts[True][1]}
    columns = [one.column for one in Instance._meta.concrete_fields]
    left_out = ("id", "path", "restriction_id", "suspended", "guarded")
    enter = ENTER.format(columns=", ".join(one for one in columns if one not in left_out))
    statements = [enter, f"update contribution set {change} where id = %(contribution)s"]
    first, second = statements if enters_first else statements[::-1]
    pids: SimpleQueue[int] = SimpleQueue()

    def come_second() -> None:
        try:
            with transaction.atomic(OWNER), connections[OWNER].cursor() as cursor:
                cursor.execute("select pg_backend_pid()")
                pids.put(cursor.fetchone()[0])
                cursor.execute(second, facts)
        finally:
            connections[OWNER].close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic(OWNER), connections[OWNER].cursor() as cursor:
            cursor.execute(first, facts)
            coming, waits = pool.submit(come_second), False
            pid = pids.get()
            while not waits and not coming.done():
                cursor.execute("select pg_backend_pid() = any(pg_blocking_pids(%s))", [pid])
                (waits,) = cursor.fetchone()
        coming.result()
    assert waits
    made = Instance.objects.using(OWNER).get(contribution_id=facts["contribution"], path="entered meanwhile")
    assert made.guarded is CHANGES[change]
    with connections[OWNER].cursor() as cursor:
        cursor.execute(WRONG)
        assert cursor.fetchone() == (0,)


def _contributions(desk: Desk) -> Iterator[tuple[bool, tuple[UUID, UUID | None]]]:
    """The newest, by whether it is restricted, each with its restriction."""
    found = Contribution.objects.using(OWNER).filter(owner_unit_id=desk.actor.unit).order_by("recorded_at")
    for one in found:
        yield one.restriction_id is not None, (one.id, one.restriction_id)


def _evidence(one: Evidence) -> tuple[object, ...]:
    return sorted(one.holdings, key=repr), list(one.persons), list(one.series), list(one.restricted), one.suspended


def test_one_statement_tells_what_several_do(desks: Desks) -> None:
    ours, theirs = desks.of("XA"), desks.of("XB")
    digests = [*_known(ours, "open", hidden=False), *_known(ours, "told", hidden=True)]
    with connections[OWNER].cursor() as cursor:
        cursor.execute("update restriction set silent = false where owner_unit_id = %s", [ours.actor.unit])
        cursor.execute("update instance set suspended = true where sha256 = %s", [digests[0]])
    digests += [*_known(ours, "silent", hidden=True), sha256(b"nowhere").digest(), digests[0]]
    probes = [Probe(Digest(DigestKind.SHA256, one)) for one in digests]
    lookup = Lookup.of(probes)
    assert lookup
    for desk, known, restricted in ((ours, 13, 0), (theirs, 3, 4)):
        at_once = look_up(desk.installation, desk.actor, lookup, ["a test"])
        with desk.actor.acting(desk.installation.clock()):
            apart = gather(probes)
        assert list(map(_evidence, at_once)) == list(map(_evidence, apart))
        assert sum(bool(one.holdings) for one in at_once) == known
        assert sum(bool(one.restricted) for one in at_once) == restricted
        assert [one.suspended for one in at_once] == [desk is ours and one == digests[0] for one in digests]
