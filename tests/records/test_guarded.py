"""Whether anything stands on an instance is kept by the database alone; and one statement tells of digests what several do."""

import random
from hashlib import sha256

from django.db import connections

from concord.actions.enrol import OWNER
from concord.actions.enter import Terms, enter_digests
from concord.actions.look_up import look_up
from concord.records.answer import Evidence
from concord.records.evidence import Lookup, Probe, gather
from concord.values import Category, Digest, DigestKind
from tests.desk import Desk, Desks

SUBJECTS = ("instance", "contribution")

WRONG = """
select count(*) from instance i join contribution c on c.id = i.contribution_id
where i.guarded <> (i.restriction_id is not null or i.suspended or c.restriction_id is not null or c.suspended)"""


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
