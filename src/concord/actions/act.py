"""The frame of every action: one transaction in the actor's name, with its audit entry; a refusal leaves one as well."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from concord.access.actor import Actor
from concord.access.audit import Entry, Verb, write
from concord.access.duties import demand_open, refusal
from concord.database.acting import at_once
from concord.database.array import Texts
from concord.errors import AlreadyThere, NoPurpose, NotAllowed, StandingChanged, UnfitProposal, UnknownRecord
from concord.values import Clock

ABSENT_CHARACTERS = 200  # of the name of what is not there, in an entry


def demand_may(actor: Actor, verb: Verb, clock: Clock) -> None:
    """For an act of many transactions, before its first: raises NoPurpose or NotAllowed, with the entry of the refusal."""
    if actor.purpose is None or refusal(actor, verb, clock()):
        with act(actor, verb, clock):
            pass


@contextmanager
def act(actor: Actor, verb: Verb, clock: Clock, *, only_refusals: bool = False) -> Iterator[Entry]:
    """Yields the audit entry in the making. Raises NoPurpose before anything is done.

    `only_refusals`: a look before the act itself, which writes the entry of what is done.

    A refusal rolls the act back and commits an entry of its own, which names also what was not there; so does what depends
    on records (it is there already, they do not fit), as it tells something of them. Any other error leaves nothing at all.
    """
    entry = Entry(verb)
    with _refusals(actor, entry, clock):
        _ = actor.stated_purpose
        demand_open(actor, verb, clock())
        with actor.acting(clock()):
            yield entry
            if not only_refusals:
                write(actor, verb, clock(), entry.items)


def act_at_once(
    actor: Actor, verb: Verb, clock: Clock, items: Sequence[str], sql: str, values: Sequence[Any]
) -> list[tuple[Any, ...]]:
    """An act of one statement, which writes the audit entry as well: its rows, when all of it is committed. `sql` takes in whose
    name, verb, time and items before the `values`. Raises as `act` does."""
    with _refusals(actor, Entry(verb, list(items)), clock):
        _ = actor.stated_purpose
        now = clock()
        demand_open(actor, verb, now)
        return at_once(actor.setting(now), sql, [verb, now, Texts(items), *values])


@contextmanager
def _refusals(actor: Actor, entry: Entry, clock: Clock) -> Iterator[None]:
    """Each leaves an entry of its own."""
    try:
        yield
    except StandingChanged:  # nobody of that name, in whose an entry could stand
        raise
    except (NotAllowed, NoPurpose, UnknownRecord, AlreadyThere, UnfitProposal) as refusal:
        if isinstance(refusal, UnknownRecord) and (absent := _absent(refusal)) not in entry.items:
            entry.name(absent)
        with actor.acting(clock()):
            write(actor, entry.verb, clock(), entry.items, refused=refusal.code)
        raise


def _absent(refusal: UnknownRecord) -> str:
    """What it was called, which nobody has checked the length of."""
    return str(refusal.facts["name"])[:ABSENT_CHARACTERS]
