"""The endpoints of the duty desk: requests, decisions, seconds, erasing, break-glass. An export is asked for here and taken
with `concord export`, as it needs somebody who sits there."""

from collections.abc import Sequence
from functools import partial
from uuid import UUID

import msgspec

from concord.access.approval import Kind
from concord.access.audit import Verb
from concord.access.glass import Finding, Side
from concord.actions.approve import Awaited, DutyList, decide_request, end_second, list_duty, name_second
from concord.actions.erase import erase_records
from concord.actions.export import Scope, ask_export
from concord.actions.glass import Breaking, Broken, Told, close_glass, list_glass, open_glass, review_glass
from concord.actions.installation import Installation
from concord.api.endpoint import Call, Endpoint, Query, storable


class Decision(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """On another's request, with a word to it."""

    approval: UUID
    approved: bool
    words: str


class Decided(msgspec.Struct, frozen=True):
    approval: UUID
    approved: bool


class SecondFor(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A user at another country's bureau or at the hub, and what he is to decide for your country."""

    kind: Kind
    user: UUID


class SecondDone(msgspec.Struct, frozen=True):
    kind: Kind
    user: UUID
    changed: bool


class Erasing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Materials and contributions, by id; the reason with the first call."""

    records: Sequence[UUID]
    reason: str | None = None


class Erasure(msgspec.Struct, frozen=True):
    """What went, or the request that stands: `awaited` then, and the same again once it is approved."""

    erased: dict[str, int] | None
    awaited: Awaited | None


class Exporting(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    scope: Scope
    reason: str


class Closing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    glass: UUID


class Reviewing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    glass: UUID
    finding: Finding
    words: str


class Reviewed(msgspec.Struct, frozen=True):
    glass: UUID
    side: Side


class Closed(msgspec.Struct, frozen=True):
    glass: UUID


class Glasses(msgspec.Struct, frozen=True):
    """The newest first."""

    glasses: Sequence[Told]


ALL = (Query("all", "`true`: what is over as well", {"type": "string", "enum": ["true", "false"]}),)


def duty_endpoints(installation: Installation) -> list[list[Endpoint]]:
    def every(call: Call) -> bool:
        return call.query.get("all") == "true"

    def decide(call: Call) -> Decided:
        said: Decision = call.body
        decide_request(installation, call.actor, said.approval, said.approved, storable("words", said.words))
        return Decided(said.approval, said.approved)

    def name(call: Call) -> SecondDone:
        name_second(installation, call.actor, call.body.kind, call.body.user)
        return SecondDone(call.body.kind, call.body.user, changed=True)

    def end(call: Call) -> SecondDone:
        ended = end_second(installation, call.actor, call.body.kind, call.body.user)
        return SecondDone(call.body.kind, call.body.user, ended)

    def erase(call: Call) -> Erasure:
        reason = None if call.body.reason is None else storable("reason", call.body.reason)
        done = erase_records(installation, call.actor, call.body.records, reason)
        return Erasure(None, done) if isinstance(done, Awaited) else Erasure(done.counts, None)

    def export(call: Call) -> Awaited:
        return ask_export(installation, call.actor, call.body.scope, storable("reason", call.body.reason))

    def break_glass(call: Call) -> Broken:
        for field, text in msgspec.structs.asdict(call.body).items():
            storable(field, text or "")
        return open_glass(installation, call.actor, call.body)

    def close(call: Call) -> Closed:
        close_glass(installation, call.actor, call.body.glass)
        return Closed(call.body.glass)

    def review(call: Call) -> Reviewed:
        said: Reviewing = call.body
        side = review_glass(installation, call.actor, said.glass, said.finding, storable("words", said.words))
        return Reviewed(said.glass, side)

    row = partial(Endpoint, limit_bytes=installation.config.limits.request_bytes)
    return [
        [
            row("GET", "duty", Verb.LIST_DUTY, "What waits for a second person.", DutyList,
                lambda call: list_duty(installation, call.actor, every(call)), query=ALL),
            row("POST", "duty", Verb.DECIDE, "Decide on another's request.", Decided, decide, Decision),
        ],
        [
            row("POST", "seconds", Verb.NAME_SECOND, "Name a second person elsewhere.", SecondDone, name, SecondFor),
            row("DELETE", "seconds", Verb.NAME_SECOND, "Not any more.", SecondDone, end, SecondFor),
        ],
        [row("POST", "erasures", Verb.ERASE, "Erase what your unit entered, or ask to.", Erasure, erase, Erasing)],
        [row("POST", "exports", Verb.EXPORT, "Ask for an export.", Awaited, export, Exporting)],
        [
            row("GET", "glass", Verb.LIST_GLASS, "What is open or in review.", Glasses,
                lambda call: Glasses(list_glass(installation, call.actor, every(call))), query=ALL),
            row("POST", "glass", Verb.OPEN_GLASS, "See what is restricted, in an emergency.", Broken, break_glass, Breaking),
            row("DELETE", "glass", Verb.CLOSE_GLASS, "Close it.", Closed, close, Closing),
        ],
        [row("POST", "glass/reviews", Verb.REVIEW_GLASS, "Give your side's finding.", Reviewed, review, Reviewing)],
    ]  # fmt: skip
