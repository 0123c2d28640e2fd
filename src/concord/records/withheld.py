"""What an answer tells of what the asker may not know: whom to contact, or nothing at all. Matching sees all; answers do not.

One statement a batch, whatever there is: it leaves a trace for the owners of what is restricted in silence, and does the same
work where there is nothing (docs/adr/0010).
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from concord.database.acting import rows
from concord.database.array import Blobs, Numbers
from concord.records.answer import Contact
from concord.values import Digest, DigestKind

WITHHELD = "select * from withheld(%s::bytea[], %s::bytea[], %s::bytea[], %s::bigint[], %s::boolean)"


@dataclass(slots=True)
class Withheld:
    """By the value of a digest, or the number of a fingerprint: bureaus to contact, and what the asker knows as suspended."""

    bureaus: dict[Hashable, set[Contact]] = field(default_factory=lambda: defaultdict(set))
    suspended: set[Hashable] = field(default_factory=set)
    # What the asker will be shown nothing of: asked about, or standing in for it. To be looked up like all else.
    hidden_digests: set[bytes] = field(default_factory=set)
    hidden_numbers: set[int] = field(default_factory=set)

    def __bool__(self) -> bool:
        return bool(self.bureaus or self.suspended)

    def contacts(self, keys: Sequence[Hashable]) -> tuple[Contact, ...]:
        """One a country, in the order of their codes."""
        found = {contact.country: contact for key in keys for contact in self.bureaus.get(key, ())}
        return tuple(found[country] for country in sorted(found))

    def is_suspended(self, keys: Sequence[Hashable]) -> bool:
        return not self.suspended.isdisjoint(keys)


def withheld(digests: Iterable[Digest], numbers: Iterable[int], by_picture: bool) -> Withheld:
    """Of everything asked in one batch, in the transaction that is open. `by_picture`: fingerprints were looked for, whether
    or not any was found.
    """
    by_kind: dict[DigestKind, set[bytes]] = {kind: set() for kind in DigestKind}
    for digest in digests:
        by_kind[digest.kind].add(digest.value)
    given = [Blobs(list(by_kind[kind])) for kind in (DigestKind.MD5, DigestKind.SHA1, DigestKind.SHA256)]
    found = Withheld()
    for digest, number, is_suspended, *bureau in rows(WITHHELD, [*given, Numbers(list(numbers)), by_picture]):
        key: Hashable = number if digest is None else bytes(digest)
        if is_suspended:
            found.suspended.add(key)
        elif bureau[0] is not None:
            found.bureaus[key].add(Contact(*bureau))
        if isinstance(key, bytes):
            found.hidden_digests.add(key)
        elif number is not None:
            found.hidden_numbers.add(number)
    return found


def keys_of(digest: Digest | None, near: Mapping[int, object] | None) -> list[Hashable]:
    """What of a probe can be withheld."""
    return [*([digest.value] if digest else []), *(near or ())]
