"""*Ask*: is this new, known or identified? Files, folders, digests, PDQ values and uploads; answers in order, as they come.

The stream of items is cut into batches; each batch is one transaction under the asker's rights with one audit entry
that names every item. An item that cannot be examined is answered with its error; the others go on.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby, islice
from pathlib import Path
from typing import TypeVar

from concord.access.actor import Actor, still
from concord.access.audit import Verb
from concord.access.budget import Meter
from concord.access.meter import spend
from concord.actions.act import act, demand_may
from concord.actions.installation import Installation
from concord.actions.look_up import look_up
from concord.errors import ConcordError, ItemError, StandingChanged, TooManyItems
from concord.fingerprints.kinds import KINDS
from concord.fingerprints.transform import NONE, to_ask
from concord.media import Examination, is_archive, members, walk
from concord.records.alike import Decider
from concord.records.answer import Answer, Compared, Fault, NotCompared, Question
from concord.records.evidence import Lookup, Near, Probe, gather, nearest
from concord.values import Digest, DigestKind, PdqValue, parse_question

Item = TypeVar("Item")

NO_NUMBER = 0  # of no fingerprint: the database counts from 1
BATCH_ITEMS = 64
BATCH_SECONDS = 0.25  # an officer who watches sees answers come this often


@dataclass(frozen=True, slots=True)
class Asked:
    """One item, ready to be looked for: its question, its digest, and its picture's values by transform, as it has them."""

    question: Question
    digest: Digest | None = None
    pdq: Mapping[str, bytes] = field(default_factory=dict)

    @property
    def is_bare_hash(self) -> bool:
        """Asked by a perceptual hash alone. Asked often enough, it would find a stored one out (docs/rights.md)."""
        return self.digest is None and bool(self.pdq)

    @property
    def audited_as(self) -> str:
        return str(self.digest) if self.digest else f"{self.question.item[:200]!r}"


def ask(installation: Installation, actor: Actor, items: Iterable[Path | str]) -> Iterator[Answer]:
    """Paths (files, and everything below folders, in a stable order) and texts (digests, PDQ values), in their order.

    Raises NoPurpose before the first file is opened.
    """
    demand_may(actor, Verb.ASK, installation.clock)
    for batch in in_batches(_asked(installation, items)):
        yield from answer(installation, still(actor), batch)


def ask_texts(installation: Installation, actor: Actor, texts: Sequence[str]) -> list[Answer]:
    """Digests and PDQ values, in one transaction. Raises TooManyItems before anything is done."""
    limit_items(installation, texts)
    return answer(installation, actor, [asked_text(text) for text in texts])


def limit_items(installation: Installation, texts: Sequence[str]) -> None:
    """Raises TooManyItems: one call is one transaction and one audit entry."""
    limit = installation.config.limits.items_per_call
    if len(texts) > limit:
        raise TooManyItems(count=len(texts), limit=limit)


def ask_bytes(installation: Installation, actor: Actor, item: str, data: bytes) -> Answer:
    """One uploaded file."""
    try:
        asked = asked_file(item, installation.examiner.examine_bytes(data, item))
    except ItemError as error:
        asked = failed(item, error)
    return answer(installation, actor, [asked])[0]


# ---- from items to questions ------------------------------------------------------------------------------------------


def _asked(installation: Installation, items: Iterable[Path | str]) -> Iterator[Asked]:
    for is_text, group in groupby(items, lambda item: isinstance(item, str)):
        if is_text:
            yield from (asked_text(str(text)) for text in group)
        else:
            yield from _examined(installation, walk(Path(path) for path in group))


def _examined(installation: Installation, files: Iterable[tuple[str, Path | ItemError]]) -> Iterator[Asked]:
    for item, path, found in installation.examiner.examine_all(files):
        yield failed(item, found) if isinstance(found, ItemError) else asked_file(item, found, members_follow=True)
        if path and is_archive(found):
            yield from _members(installation, path, item)


def _members(installation: Installation, path: Path, item: str) -> Iterator[Asked]:
    try:
        for name, found in members(installation.examiner, path, item):
            yield failed(name, found) if isinstance(found, ItemError) else asked_file(name, found, members_follow=True)
    except ItemError as error:
        yield failed(f"{item}!/", error)


def asked_text(text: str) -> Asked:
    try:
        value = parse_question(text)
    except ConcordError as error:
        return failed(text, error)
    if isinstance(value, PdqValue):
        missing = NotCompared(Compared.DIGEST, "pdq_only")
        return Asked(Question(text, None, (Compared.NEAR,), (missing,)), pdq={NONE: value.value})
    sha256 = str(value) if value.kind is DigestKind.SHA256 else None
    missing = NotCompared(Compared.NEAR, "digest_only")
    return Asked(Question(text, sha256, (Compared.DIGEST,), (missing,)), digest=value)


def asked_file(item: str, examination: Examination, *, members_follow: bool = False) -> Asked:
    """`members_follow`: if it is an archive, its members are asked about as well."""
    digest = Digest(DigestKind.SHA256, examination.digests.sha256)
    telling = [one for one in examination.fingerprints if one.kind == "pdq" and KINDS["pdq"].can_tell(one.quality)]
    if telling:
        return Asked(Question(item, str(digest), (Compared.DIGEST, Compared.NEAR)), digest, dict(to_ask(telling)))
    if is_archive(examination):  # which is as it should be, and no failure
        missing = NotCompared(Compared.NEAR, "archive" if members_follow else "archive_unopened")
        return Asked(Question(item, str(digest), (Compared.DIGEST,), (missing,)), digest)
    missing = NotCompared(Compared.NEAR, "undecodable" if examination.fault else "low_quality")
    fault = _fault(examination.fault) if examination.fault else None
    return Asked(Question(item, str(digest), (Compared.DIGEST,), (missing,), fault), digest)


def failed(item: str, error: ConcordError) -> Asked:
    return Asked(Question(item, None, compared=(), error=_fault(error)))


def _fault(error: ConcordError) -> Fault:
    return Fault(error.code, str(error))


# ---- from questions to answers ----------------------------------------------------------------------------------------


def answer(installation: Installation, actor: Actor, batch: Sequence[Asked]) -> list[Answer]:
    """One transaction, one audit entry. Candidates are found first: whatever was committed before the call is found."""
    demand_may(actor, verb_of(batch), installation.clock)
    if not actor.is_confirmed and any(asked.pdq for asked in batch):
        raise StandingChanged  # before it is looked for, which takes longer than finding out who asks
    probes = probes_for(installation, batch)
    names = [asked.audited_as for asked in batch]
    if lookup := Lookup.of(probes):
        evidence = look_up(installation, actor, lookup, names)
    else:
        with act(actor, verb_of(batch), installation.clock) as entry:
            entry.name(*names)
            spend(actor, Meter.HASH, _bare_hashes(batch), installation.config.limits, installation.clock())
            evidence = gather(probes)
    decider = Decider(actor.country)
    return [decider.decide(asked.question, found) for asked, found in zip(batch, evidence, strict=True)]


def _bare_hashes(batch: Iterable[Asked]) -> list[str]:
    return [value.hex() for asked in batch if asked.is_bare_hash for value in asked.pdq.values()]


def verb_of(batch: Iterable[Asked]) -> Verb:
    """Whoever may ask by a bare hash may ask by everything."""
    return Verb.ASK_HASH if any(asked.is_bare_hash for asked in batch) else Verb.ASK


def probes_for(installation: Installation, batch: Sequence[Asked]) -> list[Probe]:
    """All values of all items are looked for in one go. Where nothing is near any of them, a number that nothing has is near the
    first: whatever comes after then goes the same way as if something were (docs/adr/0010)."""
    all_found = installation.search.near([value for asked in batch for value in asked.pdq.values()])
    if all_found and not any(all_found):
        all_found[0] = {NO_NUMBER: 0}
    found = iter(all_found)
    return [
        Probe(asked.digest, _nearest(asked.pdq, list(islice(found, len(asked.pdq)))) if asked.pdq else None)
        for asked in batch
    ]


def _nearest(transforms: Iterable[str], found: Sequence[Mapping[int, int]]) -> dict[int, Near]:
    """Of most pictures nothing is near, which can be told at once."""
    return nearest(zip(transforms, found, strict=True)) if any(found) else {}


def in_batches(
    items: Iterable[Item],
    size: int = BATCH_ITEMS,
    seconds: float = BATCH_SECONDS,
    monotonic: Callable[[], float] = time.monotonic,
) -> Iterator[list[Item]]:
    """Cuts a stream: a batch is given when it is full, or with the first item that comes after its time."""
    batch: list[Item] = []
    began = monotonic()
    for item in items:
        batch.append(item)
        if len(batch) >= size or monotonic() - began >= seconds:
            yield batch
            batch, began = [], monotonic()
    if batch:
        yield batch
