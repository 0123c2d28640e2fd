"""*Ask* again about an intake: what has become known, or is known no longer, since it was looked at. No file is opened."""

from collections.abc import Iterator, Sequence
from uuid import UUID

import msgspec

from concord.access.actor import Actor, still
from concord.access.audit import Verb
from concord.actions.act import act, demand_may
from concord.actions.ask import Asked, answer
from concord.actions.erase_intake import erase_overdue
from concord.actions.installation import Installation
from concord.actions.open_intake import own_intake
from concord.errors import UnknownRecord
from concord.fingerprints.kind import Fingerprint
from concord.fingerprints.transform import to_ask
from concord.records.answer import Answer, Compared, Fault, NotCompared, Question
from concord.records.intake import Placed, change_items, lock, page
from concord.records.seizure import SKIPPED, ItemState, Seen, unpack
from concord.values import Digest, DigestKind

BATCH_ITEMS = 512


class Change(msgspec.Struct, frozen=True):
    """An item about which the answer is another one than before."""

    before: ItemState
    answer: Answer


def ask_intake(installation: Installation, actor: Actor, intake: UUID) -> Iterator[Change]:
    """Of all items that can be asked about, those whose answer has changed. Raises UnknownRecord."""
    demand_may(actor, Verb.ASK_INTAKE, installation.clock)
    erase_overdue()
    after = 0
    while found := _page(installation, still(actor), intake, after):
        after = found[-1].position
        asked = [one for one in found if one.seen.sha256 and one.seen.state != ItemState.ORDINARY]
        answers = answer(installation, actor, [question_of(one.seen) for one in asked]) if asked else []
        _keep(installation, actor, intake, asked, answers)
        for one, told in zip(asked, answers, strict=True):
            if _is_another(one.seen, told):
                yield Change(one.seen.state, told)


def question_of(seen: Seen) -> Asked:
    """What was found out then, without the file. It must have been read."""
    assert seen.sha256 is not None  # noqa: S101  what was read has one
    digest = Digest(DigestKind.SHA256, seen.sha256)
    fault = Fault(seen.error_code, seen.error_message or "") if seen.error_code else None
    if values := unpack(seen.pdq):
        measured = [Fingerprint("pdq", transform, value, None, "") for transform, value in values.items()]
        both = (Compared.DIGEST, Compared.NEAR)
        return Asked(Question(seen.path, str(digest), both, (), fault), digest, dict(to_ask(measured)))
    why = "digest_was_known" if seen.not_compared in SKIPPED else seen.not_compared or "undecodable"
    missing = (NotCompared(Compared.NEAR, why),)
    return Asked(Question(seen.path, str(digest), (Compared.DIGEST,), missing, fault), digest)


def _page(installation: Installation, actor: Actor, intake: UUID, after: int) -> list[Placed]:
    with act(actor, Verb.ASK_INTAKE, installation.clock) as entry:
        entry.name(intake)
        own_intake(actor, intake)
        found = page(intake, after, BATCH_ITEMS)
        entry.name(*(one.seen.audited_as for one in found))
    return found


def _keep(
    installation: Installation, actor: Actor, intake: UUID, asked: Sequence[Placed], answers: Sequence[Answer]
) -> None:
    with act(actor, Verb.ASK_INTAKE, installation.clock) as entry:
        entry.name(intake)
        if not lock(intake):
            raise UnknownRecord(what="intake", name=intake)
        changed = [_answered(one, told) for one, told in zip(asked, answers, strict=True)]
        if changed:
            change_items(intake, changed, installation.clock())


def _answered(placed: Placed, told: Answer) -> Placed:
    seen = msgspec.structs.replace(
        placed.seen,
        state=ItemState.of(told.answer),
        match=told.match,
        qualifiers=" ".join(told.qualifiers),
        not_compared=next((one.reason for one in told.not_compared), None),
    )
    return msgspec.structs.replace(placed, seen=seen)


def _is_another(before: Seen, told: Answer) -> bool:
    return (before.state, before.match, before.qualifiers) != (
        ItemState.of(told.answer),
        told.match,
        " ".join(told.qualifiers),
    )
