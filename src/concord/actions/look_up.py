"""Looks digests up: the one question that must cost next to nothing, as there can be very many of them."""

from collections.abc import Sequence

from concord.access.actor import Actor
from concord.access.audit import Verb
from concord.actions.act import act_at_once
from concord.actions.installation import Installation
from concord.records.answer import Evidence
from concord.records.evidence import Lookup


def look_up(installation: Installation, actor: Actor, lookup: Lookup, names: Sequence[str]) -> list[Evidence]:
    """What the asker may know of each, in order; one transaction with one audit entry, which has the names."""
    return lookup.read(act_at_once(actor, Verb.ASK, installation.clock, names, lookup.sql, lookup.values))
