"""What sweeping gives, in what manner it is done, and the look-up by digest that its parts share."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from concord.access.actor import Actor, still
from concord.actions.installation import Installation
from concord.actions.look_up import look_up
from concord.actions.unpack import BY_DIGEST, KNOWN_BY_DIGEST, MemberAsked
from concord.errors import ItemError
from concord.media import Examination
from concord.records.alike import Decider
from concord.records.answer import Answer, Evidence, Question
from concord.records.evidence import Lookup
from concord.values import DigestKind, Digests

Files = Iterable[tuple[str, Path | str | ItemError]]  # item, and path or its name

Found = Examination | ItemError


class Swept(msgspec.Struct, frozen=True):
    """One file, or one member of an archive, and what came of it."""

    item: str
    name: str | None  # of its path; None: a member, or what could not even be listed
    parent: str | None  # the archive that it is a member of
    digests: Digests | None  # None: it could not be read
    size_bytes: int | None  # None: not known, as it could not be read
    modified_ns: int | None
    examination: Examination | None  # None: it was not examined, as its digest told enough, or cannot be
    answer: Answer | None  # None: it is an ordinary file, about which nothing was asked
    ordinary: str | None = None  # the list that has it
    members_follow: bool = False  # it is an archive, and what comes next is what is in it, if anything is

    @classmethod
    def of_member(cls, member: MemberAsked, archive: "Swept") -> "Swept":
        """It is as old as its archive, without which it cannot change."""
        found = member.found if isinstance(member.found, Examination) else None
        by_digest = member.ordinary or (member.answer and tuple(member.answer.not_compared) == KNOWN_BY_DIGEST)
        return cls(
            item=member.item,
            name=None,
            parent=archive.item,
            digests=found.digests if found else None,
            size_bytes=found.size_bytes if found else None,
            modified_ns=archive.modified_ns,
            examination=None if by_digest else found,
            answer=member.answer,
            ordinary=member.ordinary,
        )

    @property
    def path(self) -> Path | None:
        return None if self.name is None else Path(self.name)


Ordinary = Callable[[Sequence[Digests]], Sequence[str | None]]  # of each the list that has it, or None


@dataclass(frozen=True, slots=True)
class Manner:
    """How files are asked about.

    `thorough`: what a digest tells is compared by picture all the same. `ordinary` is asked before anything else, a
    batch at once: what it names is neither looked up nor examined; for it all three digests are made. Without
    `statements`, which no answer rests on, what files say of themselves is not read.
    """

    thorough: bool = False
    ordinary: Ordinary | None = None
    statements: bool = True


class ByDigest:
    """Looks digests up, a batch in one transaction under the asker's rights, with one audit entry that names them."""

    def __init__(self, installation: Installation, actor: Actor) -> None:
        self._installation, self._actor = installation, actor
        self._decider = Decider(actor.country)

    def answers(self, items: Sequence[tuple[str, bytes]]) -> list[Answer | None]:
        """Of each item and its SHA-256; None: it is not known."""
        if not items:
            return []
        names = [digest.hex() for _, digest in items]
        lookup = Lookup(DigestKind.SHA256, [digest for _, digest in items])
        evidence = look_up(self._installation, still(self._actor), lookup, names)
        return [
            self._answer(item, name, found) if found.holdings else None
            for (item, _), name, found in zip(items, names, evidence, strict=True)
        ]

    def _answer(self, item: str, sha256: str, evidence: Evidence) -> Answer:
        return self._decider.decide(Question(item, sha256, BY_DIGEST, KNOWN_BY_DIGEST), evidence)
