"""The directory of an index: opening what is published there, and publishing something newer.

Anybody reads at any time. Whoever changes anything holds the lock. A change is made of new files that nobody knows,
then of one new manifest that takes the place of the old one: killed before that, it has never been; killed after it,
it is whole. What no manifest names is swept by the next who takes the lock.
"""

import math
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from concord.database import lock
from concord.errors import DamagedIndex, IndexBusy
from concord.matching import disk, manifest, upkeep
from concord.matching.cursor import Cursor
from concord.matching.engines import Engine
from concord.matching.manifest import Manifest, Part, Stamp
from concord.matching.reference import Entries, columns
from concord.matching.rows import among
from concord.matching.segment import Segment, Spool, mark_of, write
from concord.matching.view import NO_IDS, Base, View

_LOCK = "lock"
_DRAFT = "manifest.draft"
_OURS = re.compile(r"[0-9a-f]{16}\.segment(\.verified)?|manifest\.draft")
_ROWS_AT_ONCE = 1 << 18
REBUILT_ENTRIES = 1 << 22  # in a segment of a rebuild, before they are merged: 160 MB of rows in memory


class Store:
    """Methods that say *locked* are called inside `locked()`. What goes wrong with files raises OSError."""

    def __init__(self, directory: Path, engine: Engine) -> None:
        """Makes the directory where there is none."""
        self.directory, self.engine = directory, engine
        self._make_directory()

    def _make_directory(self) -> None:
        self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)

    # ---- reading ----

    def newest(self, known: Base | None = None) -> Base:
        """What is published, sharing segments with what is open already. Raises DamagedIndex."""
        opened = {segment.name: segment for segment in known.segments} if known else {}
        while True:
            stamp = Stamp(self.directory)
            if known and known.manifest.parts and not stamp.exists:
                raise DamagedIndex(directory=self.directory, cause=f"{manifest.NAME} is gone")
            published = stamp.read()
            try:
                segments = [opened.get(part.name) or self._opened(part) for part in published.parts]
            except FileNotFoundError as error:
                if stamp.is_current():
                    raise DamagedIndex(directory=self.directory, cause=f"{error.filename} is gone") from error
                continue  # replaced and swept since its manifest was read
            return Base.of(published, tuple(segments), stamp.is_current)

    def nothing(self) -> Base:
        """An empty index in place of what is published, whatever that is."""
        stamp = Stamp(self.directory)
        return Base(Manifest(), (), stamp.is_current, NO_IDS, unusable=stamp.exists)

    def _opened(self, part: Part) -> Segment:
        segment = Segment.open(self.directory / part.name)
        if segment.checksum != part.checksum:
            raise DamagedIndex(directory=self.directory, cause=f"{part.name}: it is another segment under this name")
        return segment

    # ---- writing ----

    @contextmanager
    def locked(self, *, wait: bool = True) -> Iterator[None]:
        """Nobody else writes meanwhile. Raises IndexBusy where somebody does and `wait` is False."""
        self._make_directory()  # anew, where all of it was removed under us
        with lock.exclusive(self.directory / _LOCK, math.inf) if wait else self._locked_at_once():
            with suppress(DamagedIndex):  # then nobody knows what is left over, until something is published
                self._sweep(Stamp(self.directory).read())
            yield

    @contextmanager
    def _locked_at_once(self) -> Iterator[None]:
        descriptor = lock.try_exclusive(self.directory / _LOCK)
        if descriptor is None:
            raise IndexBusy(directory=self.directory)
        try:
            yield
        finally:
            lock.release(descriptor)

    def seal(self, view: View, cursor: Cursor) -> None:
        """Locked. Publishes the tail as a segment, and the removals. The view must stand on what is published."""
        parts = view.base.parts
        if view.tail.count:
            parts += (self._written(_spooled(view.tail)),)
        moments = (view.base.manifest.removed_since, view.base.pending_since)
        since = min(filter(None, moments), default=None) if any(part.removed for part in parts) else None
        self._publish(Manifest(parts, cursor, since))

    def rebuild(self, batches: Iterable[tuple[NDArray[np.uint64], NDArray[np.uint8]]]) -> tuple[Part, ...]:
        """Locked. Writes segments of all these entries, not published yet."""
        parts = list[Part]()
        tail = Entries.with_room(0)
        for ids, hashes in batches:
            tail = tail.extended(ids, columns(hashes))
            if tail.count >= REBUILT_ENTRIES:
                parts.append(self._written(_spooled(tail)))
                tail = Entries.with_room(0)
        if tail.count:
            parts.append(self._written(_spooled(tail)))
        return tuple(parts)

    def publish_rebuilt(self, parts: tuple[Part, ...], cursor: Cursor) -> None:
        """Locked. In place of whatever is published."""
        self._publish(Manifest(parts, cursor))

    def compact(self, now: datetime, *, erase: bool = False) -> bool:
        """Locked. Makes one segment of those that are due: small ones, damaged ones, those with removed entries.

        These are due when it is time to erase, or at once. Returns whether anything was. Raises DamagedIndex.
        """
        base = self.newest()
        published = base.manifest
        erase = erase or upkeep.must_erase(published.removed_since, now)
        chosen = self._chosen(base, erase=erase)
        if not chosen:
            return False
        staying = [part for at, part in enumerate(published.parts) if at not in chosen]
        merged = self._merged([(published.parts[at], base.segments[at]) for at in sorted(chosen)])
        since = published.removed_since if any(part.removed for part in staying) else None
        self._publish(msgspec.structs.replace(published, parts=(*staying, *merged), removed_since=since))
        return True

    def _chosen(self, base: Base, *, erase: bool) -> set[int]:
        parts = base.manifest.parts
        due = {
            at
            for at, (part, segment) in enumerate(zip(parts, base.segments, strict=True))
            if (erase and part.removed) or self.could_be_better(segment)
        }
        small = upkeep.to_merge([part.entries - part.gone for part in parts])
        return due | small

    def could_be_better(self, segment: Segment) -> bool:
        """Its tables are damaged, or it has none and is large enough for some."""
        return segment.damaged or (segment.chunks == 0 and self.engine.shape(segment.entries)[0] != 0)

    def _merged(self, sources: list[tuple[Part, Segment]]) -> list[Part]:
        """One segment of what is left in all these, or none where nothing is."""
        spool = Spool(sum(part.entries - part.gone for part, _ in sources))
        end = 0
        for part, segment in sources:
            removed = np.array(part.removed, np.uint64)
            for begin in range(0, segment.entries, _ROWS_AT_ONCE):
                ids = segment.rows.ids[begin : begin + _ROWS_AT_ONCE]
                staying = np.flatnonzero(~among(ids, removed))
                to = slice(end, end := end + len(staying))
                spool.ids[to] = ids[staying]
                spool.hashes[to] = self.engine.restored(segment.rows.hashes(staying + begin))
            segment.let_go()
        return [self._written(spool)] if end else []

    def _written(self, spool: Spool) -> Part:
        """Read back and verified here, so that no question has to wait for that."""
        name = f"{os.urandom(8).hex()}.segment"
        entries = write(self.directory / name, self.engine, spool)
        return Part(name, Segment.open(self.directory / name).checksum, entries)

    def _publish(self, new: Manifest) -> None:
        draft = self.directory / _DRAFT
        disk.remove(draft)
        disk.write(draft, new.packed())
        disk.sync(self.directory)  # the segments' names: the manifest must never be there without them
        disk.replace(draft, self.directory / manifest.NAME)
        disk.sync(self.directory)
        self._sweep(new)

    def _sweep(self, published: Manifest) -> None:
        """Removes what nobody will open again: who has it open keeps it until he lets go.

        Only what bears a name that is given here: somebody may have opened an index in a folder with files of his own.
        """
        segments = [self.directory / part.name for part in published.parts]
        kept = {path.name for path in segments} | {mark_of(path).name for path in segments}
        for path in self.directory.iterdir():
            if _OURS.fullmatch(path.name) and path.name not in kept:
                disk.remove(path)


def _spooled(entries: Entries) -> Spool:
    spool = Spool(entries.count)
    spool.ids[:] = entries.ids[: entries.count]
    spool.hashes.view(np.uint64)[:] = entries.words[:, : entries.count].T
    return spool
