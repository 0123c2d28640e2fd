"""Lists of ordinary files: a unit adds, lists and removes its own, and an intake leaves out what they name."""

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from uuid import UUID

import msgspec
from django.db import IntegrityError, transaction

from concord.access.actor import Actor
from concord.access.audit import Verb
from concord.access.rules import demand, owned_by_own_unit
from concord.actions.act import act
from concord.actions.installation import Installation
from concord.database.acting import rows
from concord.errors import AlreadyThere, UnknownRecord
from concord.media.digest_list import digests_in
from concord.records.ordinary import REMOVE, OrdinaryList, add_digests, lists_naming
from concord.values import Digests, readable_name

WHAT = "ordinary list"


class Listed(msgspec.Struct, frozen=True):
    name: str
    digests: int  # how many
    added_at: datetime


def add_ordinary(installation: Installation, actor: Actor, name: str, path: Path) -> Listed:
    """All of the file or nothing. Raises UnfitList, AlreadyThere, TooLong, UnfitName and what opening a file raises."""
    readable_name(WHAT, name)
    with act(actor, Verb.ADD_ORDINARY, installation.clock) as entry:
        made = OrdinaryList(
            owner_country_id=actor.country,
            owner_unit_id=actor.unit,
            author_id=actor.user,
            recorded_at=installation.clock(),
            name=name,
            digests=0,
        )
        _insert(made)
        entry.name(made.id)
        made.digests = add_digests(made.id, digests_in(path))
        made.save(update_fields=["digests"])
    return _listed(made)


def list_ordinary(installation: Installation, actor: Actor) -> list[Listed]:
    with act(actor, Verb.LIST_ORDINARY, installation.clock) as entry:
        found = list(OrdinaryList.objects.order_by("name"))
        entry.name(*(one.id for one in found))
    return [_listed(one) for one in found]


def remove_ordinary(installation: Installation, actor: Actor, name: str) -> Listed:
    """Intakes keep what they were told of it. Raises UnknownRecord."""
    with act(actor, Verb.REMOVE_ORDINARY, installation.clock) as entry:
        found = _named(name)
        demand(owned_by_own_unit, actor, found)
        entry.name(found.id)
        for statement in REMOVE:
            rows(statement, [found.id])
    return _listed(found)


def own_lists(names: Sequence[str] | None) -> list[UUID]:
    """Those of these names, or all, under the rights of the open transaction. Raises UnknownRecord."""
    if names is None:
        return list(OrdinaryList.objects.order_by("name").values_list("id", flat=True))
    return [_named(name).id for name in names]


def naming(
    installation: Installation, actor: Actor, lists: Sequence[UUID]
) -> Callable[[Sequence[Digests]], list[str | None]]:
    """For a sweep: of each file the list that has it. A transaction a batch, whose entry is that of the filling."""

    def names(files: Sequence[Digests]) -> list[str | None]:
        if not lists:
            return [None] * len(files)
        asked = [_digests(file) for file in files]
        with act(actor, Verb.FILL_INTAKE, installation.clock, only_refusals=True):
            found = lists_naming([digest for digests in asked for digest in digests], lists)
        return [next((found[digest] for digest in digests if digest in found), None) for digests in asked]

    return names


def _digests(file: Digests) -> list[bytes]:
    return [digest for digest in (file.sha256, file.sha1, file.md5) if digest]


def _named(name: str) -> OrdinaryList:
    found = OrdinaryList.objects.filter(name=name).first()
    if found is None:
        raise UnknownRecord(what=WHAT, name=name)
    return found


def _insert(made: OrdinaryList) -> None:
    try:
        with transaction.atomic():
            made.save(force_insert=True)
    except IntegrityError:
        raise AlreadyThere(what=WHAT, name=made.name) from None


def _listed(one: OrdinaryList) -> Listed:
    return Listed(one.name, one.digests, one.recorded_at)
