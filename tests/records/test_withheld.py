"""What is handed back where something is hidden is as much as what is handed back where nothing is (docs/adr/0010)."""

from typing import Any
from uuid import UUID

import pytest
from django.db import connections, transaction

from concord.access.actor import Actor
from concord.actions.ask import NO_NUMBER, asked_text, probes_for
from concord.actions.enrol import OWNER
from concord.actions.enter import Terms, enter_digests
from concord.media import fingerprint
from concord.records.fingerprint import Fingerprint
from concord.records.withheld import WITHHELD, withheld
from concord.values import Category, utc_now
from tests.desk import Desk, Desks

SILENT = "a running operation"
FAR = f"pdq:{'0f' * 32}"  # from every picture that tests make


def numbers_of(material: UUID | None) -> set[int]:
    return set(Fingerprint.objects.using(OWNER).filter(material_id=material).values_list("number", flat=True))


def hidden(asker: Actor, numbers: set[int]) -> set[int]:
    with asker.acting(utc_now()):
        return withheld([], numbers, by_picture=True).hidden_numbers


def test_what_is_near_is_handed_back_with_all_its_fingerprints_as_what_stands_in_is(desks: Desks) -> None:
    ours, theirs = desks.of("XA"), desks.of("XB").actor
    (line,) = ours.enter(ours.picture("a.jpg"), own_country_only=SILENT)
    held = numbers_of(line.material)
    assert len(held) == 2  # as it is, and with its tones evened out
    for asked in ({min(held)}, {max(held)}, held):
        assert hidden(theirs, asked) == held
    with transaction.atomic(using=OWNER), connections[OWNER].cursor() as cursor:  # as if it were all that is restricted
        cursor.execute("update instance set has_bytes = false where material_id <> %s", [line.material])
        cursor.execute("select act_as(%s::text[])", [theirs.setting(utc_now())])
        cursor.execute(WITHHELD, [[], [], [], [NO_NUMBER], True])
        stands_in = {number for _, number, *_ in cursor.fetchall()}
        transaction.set_rollback(True, using=OWNER)
    assert stands_in == held


def test_where_nothing_is_near_something_goes_the_same_way(desk: Desk) -> None:
    path = desk.picture("a.jpg")
    desk.enter(path)
    (plain,) = (one for one in fingerprint(path).fingerprints if one.transform == "none")
    near, far = (asked_text(text) for text in (f"pdq:{plain.value.hex()}", FAR))
    assert [set(probe.near or ()) for probe in probes_for(desk.installation, [far])] == [{NO_NUMBER}]
    first, second = probes_for(desk.installation, [far, near])
    assert (first.near, NO_NUMBER in (second.near or {})) == ({}, False)
    assert desk.ask_texts([FAR])[0].answer == "NEW"


@pytest.mark.parametrize(
    "otherwise",
    [
        "update instance set has_bytes = false where restriction_id is not null",
        """update contribution c set restriction_id = i.restriction_id from instance i where i.contribution_id = c.id
           and i.restriction_id is not null; update instance set restriction_id = null""",
    ],
    ids=["by digest only", "by the contribution only"],
)
def test_something_stands_in_however_it_is_restricted(desks: Desks, otherwise: str) -> None:
    ours, theirs = desks.of("XA"), desks.of("XB").actor
    enter_digests(
        ours.installation, ours.actor, ["5a" * 32], Terms("C-1", Category.CATEGORY_1, own_country_only=SILENT)
    )
    with transaction.atomic(using=OWNER), connections[OWNER].cursor() as cursor:
        cursor.execute(otherwise)
        cursor.execute("select act_as(%s::text[])", [theirs.setting(utc_now())])
        cursor.execute(WITHHELD, [[], [], [b"\0" * 32], [], False])
        found: list[tuple[Any, ...]] = cursor.fetchall()
        transaction.set_rollback(True, using=OWNER)
    assert [digest is not None for digest, *_ in found] == [True]
