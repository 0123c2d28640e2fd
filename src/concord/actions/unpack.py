"""*Unpack*: ask about the members of an archive, digests first, as a sweep asks about files. Nothing is stored."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import msgspec

from concord.access.actor import Actor, still
from concord.actions.ask import answer, asked_file, failed, in_batches
from concord.actions.installation import Installation
from concord.actions.look_up import look_up
from concord.errors import ItemError
from concord.media import Examination, members
from concord.records.alike import Decider
from concord.records.answer import Answer, Compared, Evidence, NotCompared, Question
from concord.records.evidence import Lookup
from concord.values import DigestKind, Digests

BY_DIGEST = (Compared.DIGEST,)
KNOWN_BY_DIGEST = (NotCompared(Compared.NEAR, "digest_known"),)

Ordinary = Callable[[Sequence[Digests]], Sequence[str | None]]  # of each the list that has it, or None


class MemberAsked(msgspec.Struct, frozen=True):
    """A member and what came of it; its item is that of the archive, `!/`, and its name there."""

    item: str
    found: Examination | ItemError
    answer: Answer | None  # None: it is an ordinary file, about which nothing was asked
    ordinary: str | None


class _Batch(msgspec.Struct):
    """What is known of those that came together, by their SHA-256, before any of them is decoded."""

    ordinary: dict[bytes, str]
    evidence: dict[bytes, Evidence]


def unpack(
    installation: Installation,
    actor: Actor,
    path: Path,
    item: str,
    *,
    thorough: bool = False,
    ordinary: Ordinary | None = None,
    statements: bool = True,
) -> Iterator[list[MemberAsked]]:
    """In the archive's order, as many together as came together; the options are those of a sweep.

    What cannot be opened at all is one failed member, called as the archive with `!/` behind it.
    """
    before = _Batch({}, {})
    decider = Decider(actor.country)

    def known(digests: Sequence[Digests]) -> list[bool]:
        before.ordinary = _named(digests, ordinary)
        asked = [one.sha256 for one in digests if one.sha256 not in before.ordinary]
        before.evidence = {} if thorough else _held(installation, still(actor), asked)
        return [one.sha256 in before.ordinary or one.sha256 in before.evidence for one in digests]

    looked_up = known if ordinary or not thorough else None
    found = _of_archive(installation, path, item, looked_up, statements)
    # What a batch knows is read as each member comes, before the next batch is looked up.
    told = ((name, one, _what_is_known(before, decider, name, one)) for name, one in found)
    for batch in in_batches(told):
        yield _answered(installation, still(actor), batch)


Told = tuple[str, Examination | ItemError, Answer | str | None]


def _of_archive(
    installation: Installation,
    path: Path,
    item: str,
    known: Callable[[Sequence[Digests]], list[bool]] | None,
    statements: bool,
) -> Iterator[tuple[str, Examination | ItemError]]:
    try:
        yield from members(installation.examiner, path, item, known=known, statements=statements)
    except ItemError as error:
        yield f"{item}!/", error


def _named(digests: Sequence[Digests], ordinary: Ordinary | None) -> dict[bytes, str]:
    names = ordinary(digests) if ordinary else [None] * len(digests)
    return {one.sha256: name for one, name in zip(digests, names, strict=True) if name is not None}


def _held(installation: Installation, actor: Actor, digests: Sequence[bytes]) -> dict[bytes, Evidence]:
    if not digests:
        return {}
    lookup = Lookup(DigestKind.SHA256, digests)
    evidence = look_up(installation, actor, lookup, [digest.hex() for digest in digests])
    return {digest: one for digest, one in zip(digests, evidence, strict=True) if one.holdings}


def _what_is_known(before: _Batch, decider: Decider, item: str, found: Examination | ItemError) -> Answer | str | None:
    """An answer, or the name of a list of ordinary files; None: it is to be asked about."""
    if isinstance(found, ItemError):
        return None
    sha256 = found.digests.sha256
    if name := before.ordinary.get(sha256):
        return name
    if evidence := before.evidence.get(sha256):
        return decider.decide(Question(item, sha256.hex(), BY_DIGEST, KNOWN_BY_DIGEST), evidence)
    return None


def _answered(installation: Installation, actor: Actor, batch: Sequence[Told]) -> list[MemberAsked]:
    asked = [
        failed(item, found) if isinstance(found, ItemError) else asked_file(item, found, members_follow=True)
        for item, found, known in batch
        if known is None
    ]
    answers = iter(answer(installation, actor, asked) if asked else ())
    made = []
    for item, found, known in batch:
        name = known if isinstance(known, str) else None
        given = known if isinstance(known, Answer) else None
        made.append(MemberAsked(item, found, given or (None if name else next(answers)), name))
    return made
