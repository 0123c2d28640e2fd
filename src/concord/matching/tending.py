"""Putting the index in order beside the questions: in a thread, by whichever process notices that it is due."""

import logging
import threading
from datetime import datetime, timedelta

from concord.errors import DamagedIndex, IndexBusy
from concord.matching import upkeep
from concord.matching.cursor import Cursor
from concord.matching.store import Store
from concord.matching.view import View
from concord.values import Clock

log = logging.getLogger(__name__)

REST_AFTER_FAILURE = timedelta(minutes=1)  # a full disk is not fuller for being asked at every question


class Tending:
    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock
        self._thread: threading.Thread | None = None
        self._resting_until: datetime | None = None

    def consider(self, view: View, cursor: Cursor) -> None:
        """Begins what is due, unless it is being done. Called at every catch-up, by one thread at a time."""
        if self._thread is not None and self._thread.is_alive():
            return
        now = self._clock()
        if self._resting_until is not None and now < self._resting_until:
            return
        to_seal = must_publish(view, cursor, now)
        if to_seal or any(map(self._store.could_be_better, view.base.segments)):
            self._thread = threading.Thread(target=self._tend, args=(view, cursor, to_seal), daemon=True)
            self._thread.start()

    def wait(self, seconds: float | None = None) -> None:
        """For what is under way."""
        if self._thread is not None:
            self._thread.join(seconds)

    def _tend(self, view: View, cursor: Cursor, to_seal: bool) -> None:
        try:
            with self._store.locked(wait=False):
                if to_seal and view.base.is_current():
                    self._store.seal(view, cursor)
                self._store.compact(self._clock())
        except IndexBusy:
            log.debug("somebody else is at work in %s", self._store.directory)
        except (DamagedIndex, OSError):
            log.exception("%s could not be put in order; everything is found all the same", self._store.directory)
            self._resting_until = self._clock() + REST_AFTER_FAILURE


def must_publish(view: View, cursor: Cursor, now: datetime) -> bool:
    """Whether what is newer than the files, or removed from them, is to be published."""
    base = view.base
    published = base.manifest
    return (
        base.unusable
        or upkeep.must_seal(max(view.tail.count, len(base.pending)))
        or upkeep.must_erase(published.removed_since, now)
        or upkeep.must_erase(base.pending_since, now)
        or (bool(base.segments) and published.cursor.started != cursor.started)  # else every process reads back so far
    )
