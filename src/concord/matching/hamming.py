"""The index that is kept in files: see `Index` for the contract, docs/segment-format.md for the files."""

import threading
from os import PathLike
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from concord.matching import engines
from concord.matching.cursor import Cursor
from concord.matching.engines import Engine
from concord.matching.index import RADIUS, Hits, Stats, checked_hashes, checked_ids, checked_radius
from concord.matching.reference import Entries
from concord.matching.store import Store
from concord.matching.view import NOTHING, View
from concord.values import Clock, utc_now

SEALED_BY_ITSELF = 1 << 22  # entries: 170 MB of memory, and a scan of some milliseconds


class HammingIndex:
    """Any number of processes may open one directory, and see what others have sealed at their next search.

    What is added or removed is the own matter of this object until it is sealed; it is lost with the process. Sealing
    makes it everybody's, and safe; a bulk load is sealed in parts by itself, and seen in parts. An id that was removed
    here stays removed, whatever others publish, until sealing.
    Every method but `len` and `stats` raises DamagedIndex where the files cannot be trusted.
    """

    def __init__(self, store: Store | None = None, *, engine: Engine = engines.best, clock: Clock = utc_now) -> None:
        """Without a store it is in memory alone, and sealing does nothing. `open` is the usual way to one."""
        self._store, self._engine, self._clock = store, engine, clock
        self._writing = threading.Lock()
        self._view = View(store.newest() if store else NOTHING, Entries.with_room(0))

    @classmethod
    def open(cls, directory: str | PathLike[str], *, engine: Engine = engines.best, clock: Clock = utc_now) -> Self:
        """The index in this directory; an empty one where there is none. Raises DamagedIndex, OSError."""
        return cls(Store(Path(directory), engine), engine=engine, clock=clock)

    @property
    def engine(self) -> str:
        return self._engine.name

    def add(self, ids: NDArray[np.uint64], hashes: NDArray[np.uint8]) -> None:
        ids, hashes = checked_ids(ids), checked_hashes(hashes)
        if len(ids) != len(hashes):
            raise ValueError(f"as many ids as hashes are wanted, not {len(ids)} and {len(hashes)}")
        if len(ids) > SEALED_BY_ITSELF:
            for begin in range(0, len(ids), SEALED_BY_ITSELF):
                self.add(ids[begin : begin + SEALED_BY_ITSELF], hashes[begin : begin + SEALED_BY_ITSELF])
            return
        with self._writing:
            self._view = self._view.added(ids, hashes)
        if self._view.tail.count >= SEALED_BY_ITSELF:
            self.seal()

    def search(self, queries: NDArray[np.uint8], radius: int = RADIUS) -> Hits:
        questions, radius = checked_hashes(queries, "queries"), checked_radius(radius)
        return self._newest().search(self._engine, questions, radius)

    def remove(self, ids: NDArray[np.uint64]) -> None:
        ids = checked_ids(ids)
        with self._writing:
            self._view = self._refreshed().without(ids, self._clock())

    def seal(self) -> None:
        """Waits for whoever else seals or compacts. Other threads search meanwhile, and wait to add."""
        if self._store:
            with self._store.locked(), self._writing:
                self._seal(self._store)

    def compact(self) -> None:
        """Seals first. Removed entries are gone from the disk then. Other threads search and add meanwhile."""
        if self._store:
            with self._store.locked():
                with self._writing:
                    self._seal(self._store)
                self._store.compact(self._clock(), erase=True)
                with self._writing:
                    self._view = self._refreshed()
        else:
            with self._writing:
                self._view = View(NOTHING, self._view.tail.trimmed())

    def stats(self) -> Stats:
        view = self._view
        return Stats(
            self.engine,
            entries=len(view),
            memory_bytes=view.tail.ids.nbytes + view.tail.words.nbytes,
            segments=len(view.base.segments),
            mapped_bytes=sum(segment.memory.nbytes for segment in view.base.segments),
        )

    def __len__(self) -> int:
        return len(self._view)

    def _newest(self) -> View:
        view = self._view
        if view.base.is_current():
            return view
        with self._writing:
            self._view = self._refreshed()
            return self._view

    def _refreshed(self) -> View:
        """What is published now, with what is our own."""
        old = self._view
        if self._store is None or old.base.is_current():
            return old
        base = self._store.newest(old.base)
        return View(base.without(old.base.pending, old.base.pending_since), old.tail)

    def _seal(self, store: Store) -> None:
        view = self._refreshed()
        if view.tail.count or len(view.base.pending):
            try:
                store.seal(view, Cursor())
            finally:
                if not view.base.is_current():  # published, whatever went wrong after that: the tail stands there now
                    self._view = view.sealed()
            view = View(store.newest(view.base), Entries.with_room(0))
        self._view = view
