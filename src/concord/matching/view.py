"""The index at one moment, as a value: segments, what was removed from them since, and the tail that is newer.

Whoever holds one searches it as it was, whatever happens to files, manifest or tail meanwhile.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

import msgspec
import numpy as np
from numpy.typing import NDArray

from concord.matching.engines import Engine
from concord.matching.index import Hits
from concord.matching.manifest import Manifest, Part
from concord.matching.reference import QUESTIONS_AT_ONCE, Entries, columns, in_blocks, joined
from concord.matching.rows import Pairs, among
from concord.matching.segment import Segment

NO_IDS = np.empty(0, np.uint64)


@dataclass(frozen=True, eq=False)
class Base:
    """What a manifest names, opened, and ids that are removed from it without its saying so yet."""

    manifest: Manifest
    segments: tuple[Segment, ...]
    is_current: Callable[[], bool]  # whether no other manifest has been published
    pending: NDArray[np.uint64]  # ascending, each once
    pending_since: datetime | None = None  # none of them was removed earlier
    unusable: bool = False  # there is a manifest that this stands in place of, and that is to be replaced
    told: tuple[NDArray[np.uint64], ...] = ()  # what the manifest says is removed, a part; made once, handed on

    @classmethod
    def of(cls, manifest: Manifest, segments: tuple[Segment, ...], is_current: Callable[[], bool]) -> "Base":
        told = tuple(np.array(part.removed, np.uint64) for part in manifest.parts)
        return cls(manifest, segments, is_current, NO_IDS, told=told)

    def without(self, ids: NDArray[np.uint64], since: datetime | None) -> "Base":
        """`since` None: there is nothing to be erased, only something newer."""
        if not len(ids):
            return self
        known = [moment for moment in (self.pending_since, since) if moment]
        return replace(self, pending=np.union1d(self.pending, ids), pending_since=min(known, default=None))

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        """As the manifest would have them if it knew of all removals. Reads the ids of all entries when some are pending."""
        if not len(self.pending):
            return self.manifest.parts
        return tuple(map(self._counted, self.manifest.parts, self.segments, self.removed))

    @cached_property
    def removed(self) -> tuple[NDArray[np.uint64], ...]:
        """For each segment the ids that are not in it any more, perhaps with some that never were."""
        if not len(self.pending):
            return self.told
        return tuple(np.union1d(told, self.pending) for told in self.told)

    @cached_property
    def entries(self) -> int:
        return sum(part.entries - part.gone for part in self.parts)

    def within(self, engine: Engine, questions: NDArray[np.uint8], radius: int) -> list[Pairs]:
        found = []
        for segment, removed in zip(self.segments, self.removed, strict=True):
            pairs = Pairs.of_hits(segment.within(engine, questions, radius))
            if len(removed):
                pairs = pairs.kept(~among(pairs.ids, removed))
            found.append(pairs)
        return found

    def _counted(self, part: Part, segment: Segment, removed: NDArray[np.uint64]) -> Part:
        missing = segment.rows.ids[segment.rows.holding(removed)]
        return msgspec.structs.replace(part, removed=tuple(np.unique(missing).tolist()), gone=len(missing))


NOTHING = Base(Manifest(), (), lambda: True, NO_IDS)  # of an index without files


@dataclass(frozen=True, eq=False)
class View:
    base: Base
    tail: Entries

    def added(self, ids: NDArray[np.uint64], hashes: NDArray[np.uint8]) -> "View":
        """In place where the tail has room: of one view only one other may be made so."""
        return View(self.base, self.tail.extended(ids, columns(hashes))) if len(ids) else self

    def without(self, ids: NDArray[np.uint64], since: datetime | None) -> "View":
        if not len(ids):
            return self
        staying = np.flatnonzero(np.isin(self.tail.ids[: self.tail.count], ids, invert=True))
        tail = self.tail if len(staying) == self.tail.count else self.tail.kept(staying)
        return View(self.base.without(ids, since) if self.base.segments else self.base, tail)

    def sealed(self) -> "View":
        """What is left to be known besides the files once they hold all of this."""
        return View(replace(self.base, pending=NO_IDS, pending_since=None), Entries.with_room(0))

    def search(self, engine: Engine, questions: NDArray[np.uint8], radius: int) -> Hits:
        """For checked uint8[m, 32]."""
        if len(questions) <= QUESTIONS_AT_ONCE:
            if self._alone is not None:
                return self._alone.within(engine, questions, radius)
            return self._asked(engine, questions, radius)
        return joined([self._asked(engine, block, radius) for block in in_blocks(questions, QUESTIONS_AT_ONCE)])

    def _asked(self, engine: Engine, questions: NDArray[np.uint8], radius: int) -> Hits:
        found = self.base.within(engine, questions, radius)
        if self.tail.count:
            newer = engine.scan(self.tail, questions, radius)
            found.append(Pairs.of(newer.questions, self.tail.ids[newer.positions], newer.distances))
        pairs = found[0] if len(found) == 1 else Pairs.together(found)
        return pairs.hits(len(questions))

    @cached_property
    def _alone(self) -> Segment | None:
        """The segment that is everything there is, as in an index that has been compacted."""
        base = self.base
        whole = len(base.segments) == 1 and not self.tail.count and not len(base.removed[0])
        return base.segments[0] if whole else None

    def __len__(self) -> int:
        return self.base.entries + self.tail.count
